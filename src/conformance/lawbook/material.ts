/** Laws about key material: import, rotation and versions. */
import { api, guide, law, lawsOf, table } from "./law.ts"
import type { OperationName } from "../adapters/adapter.ts"

const imported: ReadonlyArray<OperationName> = ["GetParametersForImport", "ImportKeyMaterial"]
const policy: ReadonlyArray<OperationName> = ["UpdateRotationPolicy"]

const material = lawsOf(
  { name: "import", profile: "import" },
  {
    "KMS-IMP-001": law("A key without its material never encrypts.", table, ["Encrypt"]),
    "KMS-IMP-002": law("A key without its material never decrypts.", table, [
      ...imported,
      "DeleteKeyMaterial",
      "Decrypt"
    ]),
    "KMS-IMP-003": law("A key without its material never generates data keys.", table, ["GenerateDataKey"]),
    "KMS-IMP-004": law("ImportKeyMaterial changes a key from PendingImport to Enabled.", guide("4.3"), imported),
    "KMS-IMP-005": law("A key accepts only the material that was first imported into it.", guide("4.3"), [
      ...imported,
      "DeleteKeyMaterial"
    ]),
    "KMS-IMP-006": law(
      "Ciphertext from before the deletion of the material decrypts after the same material is imported again.",
      guide("4.3"),
      [...imported, "DeleteKeyMaterial", "Decrypt"]
    ),
    "KMS-IMP-007": law("DeleteKeyMaterial changes a key to PendingImport.", guide("4.3, Delete key material"), [
      ...imported,
      "DeleteKeyMaterial"
    ]),
    "KMS-IMP-008": law(
      "DeleteKeyMaterial on a key that is PendingDeletion changes neither its state nor its date.",
      api("DeleteKeyMaterial"),
      [...imported, "DeleteKeyMaterial", "ScheduleKeyDeletion"]
    ),
    "KMS-IMP-009": law("ImportKeyMaterial refuses the import token of another key.", guide("4.3"), imported),
    "KMS-IMP-010": law("An import token is refused 24 hours after it was issued.", guide("4.3"), imported, {
      clock: true
    }),
    "KMS-IMP-011": law("Material that does not unwrap is never imported.", guide("4.3"), imported),
    "KMS-IMP-012": law("Material of the wrong length is never imported.", guide("4.3"), imported),
    "KMS-IMP-013": law("At its expiry the material is deleted, and the key is PendingImport.", guide("4.3"), imported, {
      clock: true
    }),
    "KMS-IMP-014": law("Material does not expire before its date.", guide("4.3"), imported, { clock: true }),
    "KMS-IMP-015": law(
      "Only keys of origin EXTERNAL accept imported material.",
      api("ImportKeyMaterial, Unsupported.Origin"),
      ["GetParametersForImport"]
    ),
    "KMS-IMP-016": law(
      "Importing the same material again leaves an Enabled or Disabled key in its state.",
      api("ImportKeyMaterial"),
      imported,
      { severity: "SHOULD" }
    ),
    "KMS-IMP-017": law("An import token may be used repeatedly within its 24 hours.", guide("4.3"), imported),
    "KMS-IMP-018": law("A key that is PendingDeletion refuses imported material.", table, [
      ...imported,
      "ScheduleKeyDeletion"
    ]),
    "KMS-IMP-019": law("An expiry in the past is refused.", api("ImportKeyMaterial"), imported, {
      severity: "SHOULD"
    }),
    "KMS-IMP-020": law("ImportKeyMaterial refuses an altered import token.", guide("4.3"), imported),
    "KMS-IMP-021": law("GetParametersForImport succeeds on an external key in every state.", table, [
      "GetParametersForImport"
    ]),
    "KMS-IMP-022": law("DeleteKeyMaterial succeeds on an external key in every state.", table, ["DeleteKeyMaterial"]),
    "KMS-IMP-023": law(
      "GetParametersForImport returns the public key as Base64 of a DER RSA key of 2048 bits.",
      guide("4.3"),
      ["GetParametersForImport"]
    ),
    "KMS-IMP-024": law(
      "The expiry of material is shown as requested.",
      api("DescribeKey"),
      [...imported, "DescribeKey"],
      { severity: "SHOULD" }
    ),
    "KMS-IMP-025": law(
      "The reply says that a token expires 24 hours after its issue.",
      guide("4.3"),
      ["GetParametersForImport"],
      {
        severity: "SHOULD"
      }
    )
  }
)

const rotation = lawsOf(
  { name: "rotation", profile: "rotation" },
  {
    "KMS-ROT-001": law(
      "An Enabled key has a new primary version after each rotation interval.",
      guide("8.2"),
      [...policy, "DescribeKey"],
      { clock: true }
    ),
    "KMS-ROT-002": law("Rotation never invalidates older ciphertext.", guide("8.2"), [...policy, "Decrypt"], {
      clock: true
    }),
    "KMS-ROT-003": law("A key does not rotate before its date.", guide("8.2"), [...policy, "DescribeKey"], {
      clock: true
    }),
    "KMS-ROT-004": law(
      "Rotation is Suspended while its policy is on and the key is not Enabled.",
      guide("8.2, Impact of CMK status"),
      [...policy, "DisableKey", "DescribeKey"]
    ),
    "KMS-ROT-005": law(
      "A suspended rotation creates no version.",
      guide("8.2, Impact of CMK status"),
      [...policy, "DisableKey", "DescribeKey"],
      { clock: true }
    ),
    "KMS-ROT-006": law("Asymmetric keys and imported material do not rotate.", guide("8.2, Limits"), policy),
    "KMS-ROT-007": law("The policy of a key that is not Enabled cannot be changed.", table, [...policy, "DisableKey"]),
    "KMS-ROT-008": law("An interval outside 7 to 730 days is refused.", guide("8.2"), policy),
    "KMS-ROT-009": law("Encrypt uses the primary version.", guide("8.2, Types of key versions"), ["Encrypt"]),
    "KMS-ROT-010": law(
      "The date of the next rotation is that of the last one plus the interval.",
      guide("8.2, NextRotationTime"),
      [...policy, "DescribeKey"]
    ),
    "KMS-ROT-011": law("DescribeKey shows whether automatic rotation is on.", guide("8.2"), [...policy, "DescribeKey"]),
    "KMS-ROT-012": law("An Enabled symmetric key accepts UpdateRotationPolicy.", table, policy),
    "KMS-ROT-013": law(
      "DescribeKey returns the rotation interval that was set.",
      guide("8.2"),
      [...policy, "DescribeKey"],
      {
        severity: "SHOULD"
      }
    )
  }
)

const version = lawsOf(
  { name: "versions", profile: "core" },
  {
    "KMS-VER-001": law("A new key has one version.", guide("8.2, Generation of key versions"), ["ListKeyVersions"]),
    "KMS-VER-002": law("A version never disappears and never gets another id.", guide("8.2"), ["ListKeyVersions"]),
    "KMS-VER-003": law("Every version has a unique id, and belongs to the key it is listed for.", guide("8.2"), [
      "ListKeyVersions"
    ]),
    "KMS-VER-004": law(
      "CreateKeyVersion adds one version to an asymmetric key.",
      api("CreateKeyVersion"),
      ["CreateKeyVersion", "ListKeyVersions"],
      { clock: true, profile: "asymmetric" }
    ),
    "KMS-VER-005": law(
      "CreateKeyVersion is refused for a symmetric key.",
      api("CreateKeyVersion"),
      ["CreateKeyVersion"],
      {
        severity: "SHOULD"
      }
    ),
    "KMS-VER-006": law(
      "An asymmetric key accepts at most one new version in 7 days.",
      api("CreateKeyVersion"),
      ["CreateKeyVersion"],
      {
        profile: "asymmetric"
      }
    ),
    "KMS-VER-007": law(
      "An older version of a key pair still works after a newer one is created.",
      guide("8.3"),
      ["CreateKeyVersion", "AsymmetricVerify"],
      { clock: true, profile: "asymmetric" }
    ),
    "KMS-VER-008": law(
      "A version that the key does not have is not found, also if another key has it.",
      api("DescribeKeyVersion"),
      ["DescribeKeyVersion"]
    ),
    "KMS-VER-009": law(
      "DescribeKeyVersion and ListKeyVersions return the same data of a version.",
      api("DescribeKeyVersion"),
      ["DescribeKeyVersion", "ListKeyVersions"]
    ),
    "KMS-VER-010": law("Versions can be listed and described in every state.", table, ["ListKeyVersions"]),
    "KMS-VER-011": law("Decrypt uses the version that encrypted.", api("Decrypt"), ["Encrypt", "Decrypt"]),
    "KMS-VER-012": law("No version is added to a key that is not Enabled.", table, ["CreateKeyVersion", "DisableKey"])
  }
)

export const materialLaws = [...material, ...rotation, ...version] as const
