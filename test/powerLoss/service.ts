/** A service to be recorded: `service.ts ROOT LIVES`. Writes its requests and answers to ROOT/acks, and ends. */
import { randomBytes } from "node:crypto"
import { openSync, writeSync } from "node:fs"
import { join } from "node:path"
import { createKms } from "../../src/promise.ts"
import { wrapFor } from "../operation/wrapping.ts"

const [root = "", lives = "1"] = process.argv.slice(2)
const acks = openSync(join(root, "acks"), "a")

const say = (line: object): void => {
  writeSync(acks, `${JSON.stringify(line)}\n`)
}

const kms = await createKms({ store: { directory: join(root, "data") }, clock: "virtual" })
say({ ready: true })

const step = async (KeyId: string, call: () => Promise<unknown>, leadsTo: string): Promise<void> => {
  say({ KeyId, leadsTo })
  await call()
  say({ KeyId, state: leadsTo })
}

/** A key with generated material. Other keys live at the same time. */
const live = async (): Promise<string> => {
  const { KeyId } = (await kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" })).KeyMetadata
  say({ KeyId, state: "Enabled" })
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
  say({ KeyId, blob: CiphertextBlob })
  await step(KeyId, () => kms.disableKey({ KeyId }), "Disabled")
  await step(KeyId, () => kms.enableKey({ KeyId }), "Enabled")
  await kms.tagResource({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] })
  await step(KeyId, () => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }), "PendingDeletion")
  await step(KeyId, () => kms.cancelKeyDeletion({ KeyId }), "Enabled")
  return KeyId
}

const liveOnImport = async (): Promise<void> => {
  const { KeyId } = (await kms.createKey({ Origin: "EXTERNAL" })).KeyMetadata
  say({ KeyId, state: "PendingImport" })
  const WrappingAlgorithm = "RSAES_OAEP_SHA_256"
  const { ImportToken, PublicKey } = await kms.getParametersForImport({
    KeyId,
    WrappingAlgorithm,
    WrappingKeySpec: "RSA_2048"
  })
  const EncryptedKeyMaterial = wrapFor(PublicKey, randomBytes(32), WrappingAlgorithm)
  await step(KeyId, () => kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial }), "Enabled")
  await step(KeyId, () => kms.deleteKeyMaterial({ KeyId }), "PendingImport")
}

for (let life = 0; life < Number(lives); life++) {
  const [dying] = await Promise.all([live(), live(), liveOnImport()])
  await step(dying, () => kms.scheduleKeyDeletion({ KeyId: dying, PendingWindowInDays: 7 }), "PendingDeletion")
  say({ KeyId: dying, leadsTo: "Deleted" })
  await kms.clock.advance("8d")
  say({ KeyId: dying, state: "Deleted" })
}
await kms.close()
say({ closed: true })
