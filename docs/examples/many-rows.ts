/**
 * A program encrypts a column of a table with one call for all rows, and reads it back with one call.
 * Run: `node docs/examples/many-rows.ts`
 */
import { createKms } from "../../src/promise.ts"

await using kms = await createKms({ clock: "virtual" })
const current = (await kms.createKey({ Description: "cards" })).KeyMetadata.KeyId
const retired = (await kms.createKey({ Description: "cards, until last year" })).KeyMetadata.KeyId
await kms.disableKey({ KeyId: retired })

const rows = [
  { id: 1, card: "4111", KeyId: current },
  { id: 2, card: "5500", KeyId: retired },
  { id: 3, card: "3400", KeyId: current }
]
const bytes = new TextEncoder()

const sealed = await kms.encryptMany(
  rows.map(({ id, card, KeyId }) => ({
    KeyId,
    Plaintext: bytes.encode(card),
    EncryptionContext: { row: String(id) }
  }))
)
// The results are in the order of the requests.
const stored = rows.flatMap(({ id }, place) => {
  const result = sealed[place]
  if (result?.ok !== true) {
    console.log(`row ${id} is not encrypted: ${result?.error.code}`)
    return []
  }
  return [{ id, CiphertextBlob: result.reply.CiphertextBlob }]
})

const opened = await kms.decryptMany(
  stored.map(({ id, CiphertextBlob }) => ({ CiphertextBlob, EncryptionContext: { row: String(id) } }))
)
for (const [place, result] of opened.entries()) {
  if (!result.ok) throw result.error
  console.log(`row ${stored[place]?.id} holds ${Buffer.from(result.reply.Plaintext, "base64").toString()}`)
}
