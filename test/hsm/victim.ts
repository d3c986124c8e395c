/** A service on a token, to be killed: repeated lifecycles of HSM keys, with each answer printed. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import { Effect, Layer } from "effect"
import { Failpoints } from "../../src/platform/services.ts"
import { createKms } from "../../src/promise.ts"
import { numbers } from "./smModule.ts"

const [directory = "", module = "", label = "", pinFile = "", failpoint = "", hits = "1", which = ""] =
  process.argv.slice(2)
const isSm = which === "sm"
/** The keys to create, and the length of imported material. */
const [secret, pair, materialBytes] = isSm
  ? (["Aliyun_SM4", "EC_SM2", 16] as const)
  : (["Aliyun_AES_256", "EC_P256", 32] as const)
let left = Number(hits)

const reachSync = (name: string): void => {
  if (name === failpoint && --left === 0) process.kill(process.pid, "SIGKILL")
}
const failpoints = Layer.succeed(Failpoints, { reach: (name) => Effect.sync(() => reachSync(name)), reachSync })
const hsm = { module, label, pinFile, mechanisms: isSm ? numbers : {} }
const kms = await createKms({ store: { directory }, clock: "virtual", failpoints, hsm })

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const bring = async (KeyId: string, material: Uint8Array): Promise<void> => {
  const { PublicKey, ImportToken } = await kms.getParametersForImport({
    KeyId,
    WrappingAlgorithm: "RSAES_PKCS1_V1_5",
    WrappingKeySpec: "RSA_2048"
  })
  const key = createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" })
  const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, material)
  await kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial: wrapped.toString("base64") })
}

const live = async (): Promise<void> => {
  const Plaintext = "aGVsbG8="
  const kept = (await kms.createKey({ ProtectionLevel: "HSM", KeySpec: secret })).KeyMetadata.KeyId
  say({ blob: (await kms.encrypt({ KeyId: kept, Plaintext })).CiphertextBlob })
  const { KeyId } = (await kms.createKey({ ProtectionLevel: "HSM", KeySpec: secret, Origin: "EXTERNAL" })).KeyMetadata
  const material = crypto.getRandomValues(new Uint8Array(materialBytes))
  await bring(KeyId, material)
  await bring(KeyId, material)
  await kms.deleteKeyMaterial({ KeyId })
  await bring(KeyId, material)
  say({ blob: (await kms.encrypt({ KeyId, Plaintext })).CiphertextBlob })
  const gone = (await kms.createKey({ ProtectionLevel: "HSM", KeySpec: pair })).KeyMetadata.KeyId
  await kms.scheduleKeyDeletion({ KeyId: gone, PendingWindowInDays: 7 })
  await kms.clock.advance("8d")
}

for (;;) await live()
