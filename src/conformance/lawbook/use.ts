/** Laws about cryptography as a caller sees it: ciphertexts, contexts, data keys, asymmetric keys. */
import { api, guide, law, lawsOf } from "./law.ts"

const cipher = lawsOf(
  { name: "ciphertexts and contexts", profile: "core" },
  {
    "KMS-CTX-001": law("Decrypt returns the plaintext of Encrypt.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-CTX-002": law("The order of the members of a context does not matter.", guide("4.2, EncryptionContext"), [
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-CTX-003": law("Ciphertext never decrypts with another context.", guide("4.2, EncryptionContext"), [
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-CTX-004": law("Ciphertext with a context never decrypts without one.", guide("4.2, EncryptionContext"), [
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-CTX-005": law("Ciphertext that was altered never decrypts.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-CTX-006": law("Ciphertext that was cut short never decrypts.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-CTX-007": law("Encrypt and Decrypt name the key they used.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-CTX-008": law("Two encryptions of the same plaintext give different ciphertexts.", api("Encrypt"), [
      "Encrypt"
    ]),
    "KMS-CTX-009": law("Encrypt refuses more than the documented 6 KB.", guide("4.1"), ["Encrypt"]),
    "KMS-CTX-010": law("ReEncrypt moves the content unchanged to the destination key.", api("ReEncrypt"), [
      "ReEncrypt",
      "Decrypt"
    ]),
    "KMS-CTX-011": law("ReEncrypt is refused while the source key may not be used.", api("ReEncrypt"), [
      "ReEncrypt",
      "DisableKey"
    ]),
    "KMS-CTX-012": law("ReEncrypt is refused while the destination key may not be used.", api("ReEncrypt"), [
      "ReEncrypt",
      "DisableKey"
    ]),
    "KMS-CTX-013": law("ReEncrypt needs the context of the source.", api("ReEncrypt"), ["ReEncrypt"]),
    "KMS-CTX-014": law("ReEncrypt moves ciphertext of one Enabled key to another Enabled key.", api("ReEncrypt"), [
      "ReEncrypt"
    ]),
    "KMS-CTX-015": law(
      "A context that differs in any character never decrypts: another letter case, Unicode form, name, value or cut between them.",
      guide("4.2, EncryptionContext"),
      ["Encrypt", "Decrypt"]
    ),
    "KMS-CTX-016": law(
      "Any well-formed text can be a name or a value of a context, and decrypts in that context.",
      guide("4.2, EncryptionContext"),
      ["Encrypt", "Decrypt"],
      { severity: "SHOULD" }
    ),
    "KMS-CTX-017": law("Every text is encrypted, whether it is Base64 or not.", api("Encrypt"), ["Encrypt"], {
      severity: "SHOULD"
    }),
    "KMS-CTX-018": law(
      "Text that was encrypted decrypts to the same characters, blanks, line ends and NUL included.",
      api("Decrypt"),
      ["Encrypt", "Decrypt"]
    ),
    "KMS-CTX-019": law("Plaintext of the longest documented length is encrypted.", guide("4.1"), ["Encrypt"])
  }
)

const data = lawsOf(
  { name: "data keys", profile: "core" },
  {
    "KMS-DK-001": law("The ciphertext of a data key decrypts to its plaintext.", guide("4.2"), [
      "GenerateDataKey",
      "Decrypt"
    ]),
    "KMS-DK-002": law("A data key has the requested length.", api("GenerateDataKey"), ["GenerateDataKey"]),
    "KMS-DK-003": law("GenerateDataKeyWithoutPlaintext never shows the key.", api("GenerateDataKeyWithoutPlaintext"), [
      "GenerateDataKeyWithoutPlaintext"
    ]),
    "KMS-DK-004": law("No two data keys are equal.", guide("4.2"), ["GenerateDataKey"]),
    "KMS-DK-005": law("An Enabled symmetric key makes data keys.", api("GenerateDataKey"), ["GenerateDataKey"]),
    "KMS-DK-006": law(
      "A data key that was never shown decrypts to the requested length.",
      api("GenerateDataKeyWithoutPlaintext"),
      ["GenerateDataKeyWithoutPlaintext", "Decrypt"]
    ),
    "KMS-DK-007": law("An exported data key and its ciphertext contain the same key.", api("ExportDataKey"), [
      "ExportDataKey"
    ]),
    "KMS-DK-008": law("More than 1024 bytes of data key are refused.", api("GenerateDataKey"), ["GenerateDataKey"])
  }
)

const pair = lawsOf(
  { name: "asymmetric keys", profile: "asymmetric" },
  {
    "KMS-ASY-001": law("A signature verifies.", guide("5.3"), ["AsymmetricSign", "AsymmetricVerify"]),
    "KMS-ASY-002": law("A signature of another digest does not verify.", guide("5.3"), [
      "AsymmetricSign",
      "AsymmetricVerify"
    ]),
    "KMS-ASY-003": law("A signature that was altered does not verify.", guide("5.3"), [
      "AsymmetricSign",
      "AsymmetricVerify"
    ]),
    "KMS-ASY-004": law("AsymmetricDecrypt returns the plaintext of AsymmetricEncrypt.", guide("5.2"), [
      "AsymmetricEncrypt",
      "AsymmetricDecrypt"
    ]),
    "KMS-ASY-005": law("A key for signing does not encrypt, and one for encryption does not sign.", guide("5"), [
      "AsymmetricSign"
    ]),
    "KMS-ASY-006": law("Symmetric operations are refused by an asymmetric key.", api("Encrypt"), ["Encrypt"]),
    "KMS-ASY-007": law("Asymmetric operations are refused by a symmetric key.", api("AsymmetricSign"), [
      "AsymmetricSign"
    ]),
    "KMS-ASY-008": law("A signature of the service verifies outside with the public key.", guide("5.3"), [
      "GetPublicKey",
      "AsymmetricSign"
    ]),
    "KMS-ASY-009": law("Data that is encrypted outside with the public key decrypts in the service.", guide("5.2"), [
      "GetPublicKey",
      "AsymmetricDecrypt"
    ]),
    "KMS-ASY-010": law("Altered asymmetric ciphertext never decrypts to its plaintext.", guide("5.2"), [
      "AsymmetricEncrypt",
      "AsymmetricDecrypt"
    ]),
    "KMS-ASY-011": law("An algorithm the key does not have is refused.", api("AsymmetricSign"), ["AsymmetricSign"]),
    "KMS-ASY-012": law("A signature does not verify under another version or another key.", guide("5.3"), [
      "AsymmetricSign",
      "AsymmetricVerify"
    ]),
    "KMS-ASY-013": law("No two versions have the same key pair.", guide("8.2, Key versions"), ["GetPublicKey"]),
    "KMS-ASY-014": law("An Enabled pair signs, verifies, encrypts and decrypts by its usage.", guide("5"), [
      "AsymmetricSign"
    ]),
    "KMS-ASY-015": law("The public key of a version never changes.", api("GetPublicKey"), ["GetPublicKey"]),
    "KMS-ASY-016": law(
      "AsymmetricSign refuses a digest whose length differs from that of the algorithm's hash.",
      guide("5.3"),
      ["AsymmetricSign"]
    )
  }
)

export const useLaws = [...cipher, ...data, ...pair] as const
