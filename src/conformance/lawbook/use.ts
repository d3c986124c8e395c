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
    "KMS-CTX-005": law("Altered ciphertext never decrypts.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-CTX-006": law("Truncated ciphertext never decrypts.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-CTX-007": law("The replies of Encrypt and Decrypt name the key that was used.", api("Decrypt"), [
      "Encrypt",
      "Decrypt"
    ]),
    "KMS-CTX-008": law("Two encryptions of the same plaintext give different ciphertexts.", api("Encrypt"), [
      "Encrypt"
    ]),
    "KMS-CTX-009": law("Encrypt refuses more than the documented 6 KB.", guide("4.1"), ["Encrypt"]),
    "KMS-CTX-010": law("The result of ReEncrypt decrypts to the original plaintext.", api("ReEncrypt"), [
      "ReEncrypt",
      "Decrypt"
    ]),
    "KMS-CTX-011": law("ReEncrypt is refused while the source key cannot be used.", api("ReEncrypt"), [
      "ReEncrypt",
      "DisableKey"
    ]),
    "KMS-CTX-012": law("ReEncrypt is refused while the destination key cannot be used.", api("ReEncrypt"), [
      "ReEncrypt",
      "DisableKey"
    ]),
    "KMS-CTX-013": law("ReEncrypt needs the context of the source.", api("ReEncrypt"), ["ReEncrypt"]),
    "KMS-CTX-014": law("ReEncrypt moves ciphertext of one Enabled key to another Enabled key.", api("ReEncrypt"), [
      "ReEncrypt"
    ]),
    "KMS-CTX-015": law(
      "A context that differs in letter case, Unicode form, name, value or division never decrypts.",
      guide("4.2, EncryptionContext"),
      ["Encrypt", "Decrypt"]
    ),
    "KMS-CTX-016": law(
      "Any well-formed text is accepted as a name or value of a context.",
      guide("4.2, EncryptionContext"),
      ["Encrypt", "Decrypt"],
      { severity: "SHOULD" }
    ),
    "KMS-CTX-017": law("Encrypt accepts any text, whether it is Base64 or not.", api("Encrypt"), ["Encrypt"], {
      severity: "SHOULD"
    }),
    "KMS-CTX-018": law(
      "Text decrypts to exactly the same characters, including blanks, line ends and NUL.",
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
    "KMS-DK-003": law(
      "GenerateDataKeyWithoutPlaintext never returns the plaintext key.",
      api("GenerateDataKeyWithoutPlaintext"),
      ["GenerateDataKeyWithoutPlaintext"]
    ),
    "KMS-DK-004": law("No two data keys are equal.", guide("4.2"), ["GenerateDataKey"]),
    "KMS-DK-005": law("An Enabled symmetric key generates data keys.", api("GenerateDataKey"), ["GenerateDataKey"]),
    "KMS-DK-006": law(
      "A data key that was never shown decrypts to the requested length.",
      api("GenerateDataKeyWithoutPlaintext"),
      ["GenerateDataKeyWithoutPlaintext", "Decrypt"]
    ),
    "KMS-DK-007": law("An exported data key and its ciphertext contain the same key.", api("ExportDataKey"), [
      "ExportDataKey"
    ]),
    "KMS-DK-008": law("A data key of more than 1024 bytes is refused.", api("GenerateDataKey"), ["GenerateDataKey"])
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
    "KMS-ASY-003": law("An altered signature does not verify.", guide("5.3"), ["AsymmetricSign", "AsymmetricVerify"]),
    "KMS-ASY-004": law("AsymmetricDecrypt returns the plaintext of AsymmetricEncrypt.", guide("5.2"), [
      "AsymmetricEncrypt",
      "AsymmetricDecrypt"
    ]),
    "KMS-ASY-005": law("A signing key refuses encryption, and an encryption key refuses signing.", guide("5"), [
      "AsymmetricSign"
    ]),
    "KMS-ASY-006": law("An asymmetric key refuses symmetric operations.", api("Encrypt"), ["Encrypt"]),
    "KMS-ASY-007": law("A symmetric key refuses asymmetric operations.", api("AsymmetricSign"), ["AsymmetricSign"]),
    "KMS-ASY-008": law("A signature of the service verifies outside with the public key.", guide("5.3"), [
      "GetPublicKey",
      "AsymmetricSign"
    ]),
    "KMS-ASY-009": law("Data that is encrypted outside with the public key decrypts in the service.", guide("5.2"), [
      "GetPublicKey",
      "AsymmetricDecrypt"
    ]),
    "KMS-ASY-010": law(
      "Asymmetric ciphertext that is altered, or of another algorithm, never decrypts to its plaintext.",
      guide("5.2"),
      ["AsymmetricEncrypt", "AsymmetricDecrypt"]
    ),
    "KMS-ASY-011": law("An algorithm that the key does not support is refused.", api("AsymmetricSign"), [
      "AsymmetricSign"
    ]),
    "KMS-ASY-012": law("A signature does not verify under another version or another key.", guide("5.3"), [
      "AsymmetricSign",
      "AsymmetricVerify"
    ]),
    "KMS-ASY-013": law("No two versions have the same key pair.", guide("8.2, Key versions"), ["GetPublicKey"]),
    "KMS-ASY-014": law("An Enabled asymmetric key performs the operations of its usage.", guide("5"), [
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

const dryRun = lawsOf(
  { name: "dry runs", profile: "dryRuns" },
  {
    "KMS-DRY-001": law(
      "A call with DryRun that would succeed is answered with DryRunOperationError.",
      api("DryRun"),
      ["Encrypt"],
      { severity: "SHOULD" }
    ),
    "KMS-DRY-002": law(
      "A call with DryRun is refused with the code of the call that it stands for.",
      api("DryRun"),
      ["Encrypt", "DisableKey"],
      { severity: "SHOULD" }
    )
  }
)

export const useLaws = [...dryRun, ...cipher, ...data, ...pair] as const
