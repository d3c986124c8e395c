/** A node that disables and enables 64 keys at once on request. Each change is durable before its answer. */
import { createKms } from "../../src/promise.ts"
import { benchRootKey, storeAt } from "./benchStore.ts"

const keys = 64

const kms = await createKms({ store: storeAt(process.argv[2] ?? ""), ...benchRootKey })
const ids = await Promise.all(Array.from({ length: keys }, async () => (await kms.createKey()).KeyMetadata.KeyId))

const switching = async (KeyId: string, changes: number): Promise<void> => {
  for (let change = 0; change < changes; change += 2) {
    await kms.disableKey({ KeyId })
    await kms.enableKey({ KeyId })
  }
}

const each = Number(process.argv[3])
process.on("message", (asked) => {
  if (asked !== "changes") return
  void Promise.all(ids.map((KeyId) => switching(KeyId, each))).then(() => process.send?.({ changes: keys * each }))
})
process.on("disconnect", () => process.exit(0))
process.send?.({ port: 0, keyId: ids[0] })
