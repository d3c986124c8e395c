/**
 * A disk requests a data key once, at its creation. A rotation of the CMK does not affect it until its blocks are
 * copied to a new disk.
 * Run: `node docs/examples/disk.ts`
 */
import { createKms } from "../../src/promise.ts"
import { open, seal } from "./envelope.ts"
import type { Sealed } from "./envelope.ts"

await using kms = await createKms({ clock: "virtual" })
const cmk = await kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "365d" })
const { KeyId } = cmk.KeyMetadata

interface Disk {
  readonly volumeKey: string
  readonly blocks: Array<Sealed>
}

const makeDisk = async (): Promise<Disk> => {
  const { CiphertextBlob } = await kms.generateDataKeyWithoutPlaintext({ KeyId })
  return { volumeKey: CiphertextBlob, blocks: [] }
}

/** Attaching a disk opens its key; the CMK is not asked again for any block. */
const attach = async ({ volumeKey, blocks }: Disk) => {
  const { KeyVersionId, Plaintext } = await kms.decrypt({ CiphertextBlob: volumeKey })
  return {
    versionId: KeyVersionId,
    write: (text: string) => blocks.push(seal(Plaintext, text)),
    read: () => blocks.map((block) => open(Plaintext, block))
  }
}

const show = async (title: string, disk: Disk): Promise<void> => {
  const { read, versionId } = await attach(disk)
  const versions = (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion.toReversed()
  const version = versions.findIndex(({ KeyVersionId }) => KeyVersionId === versionId) + 1
  console.log(`${title}: ${read().join(", ")}; volume key under version ${version} of ${versions.length}`)
}

const disk = await makeDisk()
const { write } = await attach(disk)
write("block written before")
await show("before the rotation", disk)

await kms.clock.advance("365 days")
write("block written after")
await show("after the rotation", disk)

const copy = await makeDisk()
const target = await attach(copy)
for (const text of (await attach(disk)).read()) target.write(text)
await show("after a copy to a new disk", copy)
