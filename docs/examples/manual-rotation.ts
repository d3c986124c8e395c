/**
 * Rotation by hand: an application that encrypts under an alias, and an administrator who binds it to another key.
 * It works for keys that do not rotate by themselves, imported ones among them. Run: `node docs/examples/manual-rotation.ts`
 */
import { createKms } from "../../src/promise.ts"

const alias = "alias/MyAppKey"
await using kms = await createKms({ clock: "virtual" })

/** The application knows one name; to decrypt it needs none. */
const application = {
  write: (row: string) => kms.encrypt({ KeyId: alias, Plaintext: Buffer.from(row).toString("base64") }),
  read: (CiphertextBlob: string) => kms.decrypt({ CiphertextBlob })
}

const cmkA = (await kms.createKey({ Description: "CMK-A" })).KeyMetadata.KeyId
const cmkB = (await kms.createKey({ Description: "CMK-B" })).KeyMetadata.KeyId
const nameOf = (keyId: string): string => (keyId === cmkA ? "CMK-A" : keyId === cmkB ? "CMK-B" : "another key")

const show = async (title: string, rows: ReadonlyArray<{ readonly CiphertextBlob: string }>): Promise<void> => {
  console.log(title)
  for (const { CiphertextBlob } of rows) {
    const { KeyId, Plaintext } = await application.read(CiphertextBlob)
    console.log(`  ${nameOf(KeyId)} opens ${Buffer.from(Plaintext, "base64").toString()}`)
  }
}

await kms.createAlias({ AliasName: alias, KeyId: cmkA })
const before = await application.write("card 4111")
await show(`${alias} is bound to CMK-A`, [before])

await kms.updateAlias({ AliasName: alias, KeyId: cmkB })
const after = await application.write("card 5500")
await show(`${alias} is bound to CMK-B`, [before, after])

const { CiphertextBlob } = await kms.reEncrypt({ CiphertextBlob: before.CiphertextBlob, DestinationKeyId: alias })
await show("the old row is re-encrypted", [{ CiphertextBlob }, after])
