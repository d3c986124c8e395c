/** A service in a process of its own, for the search of its memory: it takes wrapped material, and never sees it bare. */
import { createInterface } from "node:readline"
import { createKms } from "../../src/promise.ts"

const [directory = "", module = "", label = "", pinFile = ""] = process.argv.slice(2)
const kms = await createKms({ store: { directory }, hsm: { module, label, pinFile } })

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** What the search must find, in each of the forms it looks for. */
const bytes = crypto.getRandomValues(new Uint8Array(32))
const control = { bytes, hex: bytes.toHex(), base64: bytes.toBase64() }

const { KeyId } = (await kms.createKey({ ProtectionLevel: "HSM", Origin: "EXTERNAL" })).KeyMetadata
const { PublicKey, ImportToken } = await kms.getParametersForImport({
  KeyId,
  WrappingAlgorithm: "RSAES_PKCS1_V1_5",
  WrappingKeySpec: "RSA_2048"
})
say({ publicKey: PublicKey })
for await (const line of createInterface({ input: process.stdin })) {
  await kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial: line })
  const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
  const { Plaintext } = await kms.decrypt({ CiphertextBlob })
  say({ works: Plaintext === "aGVsbG8=", control: control.hex, lengths: [control.bytes.length, control.base64.length] })
}
