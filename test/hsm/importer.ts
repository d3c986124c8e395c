/** A service on a token that imports material and stays, so that its memory can be searched. */
import { createInterface } from "node:readline"
import { createKms } from "../../src/promise.ts"
import { numbers } from "./smModule.ts"

const [directory = "", module = "", label = "", pinFile = "", spec = ""] = process.argv.slice(2)
const KeySpec = spec === "Aliyun_SM4" ? spec : "Aliyun_AES_256"
const mechanisms = KeySpec === "Aliyun_SM4" ? numbers : {}
const kms = await createKms({ store: { directory }, hsm: { module, label, pinFile, mechanisms } })
const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const heard = async (): Promise<string> => String((await lines.next()).value)

const { KeyId } = (await kms.createKey({ ProtectionLevel: "HSM", KeySpec, Origin: "EXTERNAL" })).KeyMetadata
const parameters = await kms.getParametersForImport({
  KeyId,
  WrappingAlgorithm: "RSAES_PKCS1_V1_5",
  WrappingKeySpec: "RSA_2048"
})
say({ publicKey: parameters.PublicKey })
await kms.importKeyMaterial({ KeyId, ImportToken: parameters.ImportToken, EncryptedKeyMaterial: await heard() })
const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })
await kms.decrypt({ CiphertextBlob })
say({ blob: CiphertextBlob })
/** The control: bytes that are in this memory, from another source. */
const held = Uint8Array.from(Buffer.from(await heard(), "hex"), (byte) => byte ^ 0x5a)
say({ held: held.length })
await heard()
say({ held: held.length })
process.exit(0)
