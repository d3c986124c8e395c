/**
 * Object storage asks for a data key for each object, so that a rotation of the CMK reaches every object written after it.
 * Run: `node docs/examples/object-storage.ts`
 */
import { createKms } from "../../src/promise.ts"
import { open, seal } from "./envelope.ts"
import type { Sealed } from "./envelope.ts"

await using kms = await createKms({ clock: "virtual" })
const cmk = await kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "365d" })
const { KeyId } = cmk.KeyMetadata

/** Each object keeps its own data key beside it, sealed by the CMK. */
const bucket = new Map<string, { readonly dataKey: string; readonly content: Sealed }>()

const put = async (name: string, text: string): Promise<void> => {
  const { CiphertextBlob, Plaintext } = await kms.generateDataKey({ KeyId, EncryptionContext: { object: name } })
  bucket.set(name, { dataKey: CiphertextBlob, content: seal(Plaintext, text) })
}

const show = async (title: string): Promise<void> => {
  console.log(title)
  const versions = (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion.toReversed()
  for (const [name, { content, dataKey }] of bucket) {
    const opened = await kms.decrypt({ CiphertextBlob: dataKey, EncryptionContext: { object: name } })
    const version = versions.findIndex(({ KeyVersionId }) => KeyVersionId === opened.KeyVersionId) + 1
    console.log(`  ${name}: "${open(opened.Plaintext, content)}", its data key under version ${version}`)
  }
}

await put("january.txt", "cold")
await show("before the rotation")

await kms.clock.advance("365 days")
await put("next-january.txt", "cold again")
await show("after the rotation")

await put("january.txt", "cold")
await show("after writing the old object again")
