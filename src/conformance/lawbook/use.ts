/** Laws of cryptography as it can be seen from outside: ciphertexts, contexts, data keys, pairs. */
import { api, guide, lawsOf } from "./law.ts"
import type { Law } from "./law.ts"

const cipher = lawsOf({ prefix: "CTX", name: "ciphertexts and contexts", profile: "core" })
const data = lawsOf({ prefix: "DK", name: "data keys", profile: "core" })
const pair = lawsOf({ prefix: "ASY", name: "asymmetric keys", profile: "asymmetric" })

export const useLaws: ReadonlyArray<Law> = [
  cipher(1, "Decrypt gives back what Encrypt was given.", api("Decrypt"), ["Encrypt", "Decrypt"]),
  cipher(2, "The order of the members of a context does not matter.", guide("4.2, EncryptionContext"), [
    "Encrypt",
    "Decrypt"
  ]),
  cipher(3, "Another context never decrypts.", guide("4.2, EncryptionContext"), ["Encrypt", "Decrypt"]),
  cipher(4, "No context never decrypts what was encrypted with one.", guide("4.2, EncryptionContext"), [
    "Encrypt",
    "Decrypt"
  ]),
  cipher(5, "Ciphertext that was altered never decrypts.", api("Decrypt"), ["Encrypt", "Decrypt"]),
  cipher(6, "Ciphertext that was cut short never decrypts.", api("Decrypt"), ["Encrypt", "Decrypt"]),
  cipher(7, "Encrypt and Decrypt name the key they used.", api("Decrypt"), ["Encrypt", "Decrypt"]),
  cipher(8, "The same plaintext twice gives two ciphertexts.", api("Encrypt"), ["Encrypt"]),
  cipher(9, "More than the documented 6 KB is refused.", guide("4.1"), ["Encrypt"]),
  cipher(10, "ReEncrypt moves the content unchanged to the destination key.", api("ReEncrypt"), [
    "ReEncrypt",
    "Decrypt"
  ]),
  cipher(11, "ReEncrypt is refused while the source key may not be used.", api("ReEncrypt"), [
    "ReEncrypt",
    "DisableKey"
  ]),
  cipher(12, "ReEncrypt is refused while the destination key may not be used.", api("ReEncrypt"), [
    "ReEncrypt",
    "DisableKey"
  ]),
  cipher(13, "ReEncrypt asks for the context of the source.", api("ReEncrypt"), ["ReEncrypt"]),
  cipher(14, "An Enabled key encrypts again what an Enabled key encrypted.", api("ReEncrypt"), ["ReEncrypt"]),
  data(1, "A data key in the clear is what its ciphertext decrypts to.", guide("4.2"), ["GenerateDataKey", "Decrypt"]),
  data(2, "A data key has the length asked for.", api("GenerateDataKey"), ["GenerateDataKey"]),
  data(3, "GenerateDataKeyWithoutPlaintext never shows the key.", api("GenerateDataKeyWithoutPlaintext"), [
    "GenerateDataKeyWithoutPlaintext"
  ]),
  data(4, "No data key is made twice.", guide("4.2"), ["GenerateDataKey"]),
  data(5, "An Enabled symmetric key makes data keys.", api("GenerateDataKey"), ["GenerateDataKey"]),
  data(6, "A data key that was never shown decrypts to the length asked for.", api("GenerateDataKeyWithoutPlaintext"), [
    "GenerateDataKeyWithoutPlaintext",
    "Decrypt"
  ]),
  data(7, "An exported data key unwraps to what its ciphertext decrypts to.", api("ExportDataKey"), ["ExportDataKey"]),
  data(8, "More than 1024 bytes of data key are refused.", api("GenerateDataKey"), ["GenerateDataKey"]),
  pair(1, "A signature verifies.", guide("5.3"), ["AsymmetricSign", "AsymmetricVerify"]),
  pair(2, "A signature of another digest does not verify.", guide("5.3"), ["AsymmetricSign", "AsymmetricVerify"]),
  pair(3, "A signature that was altered does not verify.", guide("5.3"), ["AsymmetricSign", "AsymmetricVerify"]),
  pair(4, "AsymmetricDecrypt gives back what AsymmetricEncrypt was given.", guide("5.2"), [
    "AsymmetricEncrypt",
    "AsymmetricDecrypt"
  ]),
  pair(5, "A key for signing does not encrypt, and one for encryption does not sign.", guide("5"), ["AsymmetricSign"]),
  pair(6, "Symmetric operations are refused by an asymmetric key.", api("Encrypt"), ["Encrypt"]),
  pair(7, "Asymmetric operations are refused by a symmetric key.", api("AsymmetricSign"), ["AsymmetricSign"]),
  pair(8, "The public key verifies outside the service what the service signed.", guide("5.3"), [
    "GetPublicKey",
    "AsymmetricSign"
  ]),
  pair(9, "What is encrypted outside under the public key decrypts in the service.", guide("5.2"), [
    "GetPublicKey",
    "AsymmetricDecrypt"
  ]),
  pair(10, "Asymmetric ciphertext that was altered never decrypts to what it held.", guide("5.2"), [
    "AsymmetricEncrypt",
    "AsymmetricDecrypt"
  ]),
  pair(11, "An algorithm the key does not have is refused.", api("AsymmetricSign"), ["AsymmetricSign"]),
  pair(12, "A signature does not verify under another version or another key.", guide("5.3"), [
    "AsymmetricSign",
    "AsymmetricVerify"
  ]),
  pair(13, "No two versions share a pair.", guide("8.2, Key versions"), ["GetPublicKey"]),
  pair(14, "An Enabled pair signs, verifies, encrypts and decrypts by its usage.", guide("5"), ["AsymmetricSign"]),
  pair(15, "The public key of a version never changes.", api("GetPublicKey"), ["GetPublicKey"]),
  pair(16, "A digest that has not the length of the algorithm's hash is not signed.", guide("5.3"), ["AsymmetricSign"])
]
