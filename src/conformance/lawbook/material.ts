/** Laws of key material: imported, rotated, and kept in versions. */
import { api, guide, lawsOf, table } from "./law.ts"
import type { Law } from "./law.ts"
import type { OperationName } from "../adapters/adapter.ts"

const imported: ReadonlyArray<OperationName> = ["GetParametersForImport", "ImportKeyMaterial"]
const policy: ReadonlyArray<OperationName> = ["UpdateRotationPolicy"]

const material = lawsOf({ prefix: "IMP", name: "import", profile: "import" })
const rotation = lawsOf({ prefix: "ROT", name: "rotation", profile: "rotation" })
const version = lawsOf({ prefix: "VER", name: "versions", profile: "core" })

export const materialLaws: ReadonlyArray<Law> = [
  material(1, "A key without its material never encrypts.", table, ["Encrypt"]),
  material(2, "A key without its material never decrypts.", table, [...imported, "DeleteKeyMaterial", "Decrypt"]),
  material(3, "A key without its material never makes data keys.", table, ["GenerateDataKey"]),
  material(4, "ImportKeyMaterial makes a key that is PendingImport Enabled.", guide("4.3"), imported),
  material(5, "Only the material first imported may be imported again.", guide("4.3"), [
    ...imported,
    "DeleteKeyMaterial"
  ]),
  material(
    6,
    "What was encrypted before the material was deleted is readable after it is imported again.",
    guide("4.3"),
    [...imported, "DeleteKeyMaterial", "Decrypt"]
  ),
  material(7, "DeleteKeyMaterial makes a key PendingImport.", guide("4.3, Delete key material"), [
    ...imported,
    "DeleteKeyMaterial"
  ]),
  material(
    8,
    "DeleteKeyMaterial on a key that is PendingDeletion changes neither its state nor its date.",
    api("DeleteKeyMaterial"),
    [...imported, "DeleteKeyMaterial", "ScheduleKeyDeletion"]
  ),
  material(9, "A token of another key is refused.", guide("4.3"), imported),
  material(10, "A token is refused 24 hours after it was issued.", guide("4.3"), imported, { clock: true }),
  material(11, "What does not unwrap is never imported.", guide("4.3"), imported),
  material(12, "Material of the wrong length is never imported.", guide("4.3"), imported),
  material(13, "At its expiry the material is gone and the key PendingImport.", guide("4.3"), imported, {
    clock: true
  }),
  material(14, "Material does not expire before its date.", guide("4.3"), imported, { clock: true }),
  material(15, "Only keys of origin EXTERNAL take material.", api("ImportKeyMaterial, Unsupported.Origin"), [
    "GetParametersForImport"
  ]),
  material(
    16,
    "Importing the same material again leaves an Enabled or Disabled key in its state.",
    api("ImportKeyMaterial"),
    imported,
    { severity: "SHOULD" }
  ),
  material(17, "A token may be used again within its 24 hours.", guide("4.3"), imported),
  material(18, "A key that is PendingDeletion takes no material.", table, [...imported, "ScheduleKeyDeletion"]),
  material(19, "An expiry that is past already is refused.", api("ImportKeyMaterial"), imported, {
    severity: "SHOULD"
  }),
  material(20, "A token that was altered is refused.", guide("4.3"), imported),
  material(21, "Parameters for import are given to an external key in every state.", table, ["GetParametersForImport"]),
  material(22, "DeleteKeyMaterial succeeds on an external key in every state.", table, ["DeleteKeyMaterial"]),
  material(
    23,
    "The public key for wrapping comes as the API says: Base64 of a DER RSA key of 2048 bits.",
    guide("4.3"),
    ["GetParametersForImport"]
  ),
  material(
    24,
    "The expiry of material is shown as it was asked for.",
    api("DescribeKey"),
    [...imported, "DescribeKey"],
    { severity: "SHOULD" }
  ),
  material(25, "A token is told to expire 24 hours after it was issued.", guide("4.3"), ["GetParametersForImport"], {
    severity: "SHOULD"
  }),
  rotation(
    1,
    "When its interval has passed, an Enabled key has a new primary version.",
    guide("8.2"),
    [...policy, "DescribeKey"],
    { clock: true }
  ),
  rotation(2, "Rotation never invalidates older ciphertext.", guide("8.2"), [...policy, "Decrypt"], { clock: true }),
  rotation(3, "A key does not rotate before its date.", guide("8.2"), [...policy, "DescribeKey"], { clock: true }),
  rotation(
    4,
    "Rotation is Suspended while its policy is on and the key is not Enabled.",
    guide("8.2, Impact of CMK status"),
    [...policy, "DisableKey", "DescribeKey"]
  ),
  rotation(
    5,
    "A suspended rotation makes no version.",
    guide("8.2, Impact of CMK status"),
    [...policy, "DisableKey", "DescribeKey"],
    { clock: true }
  ),
  rotation(6, "Asymmetric keys and imported material do not rotate.", guide("8.2, Limits"), policy),
  rotation(7, "The policy of a key that is not Enabled cannot be changed.", table, [...policy, "DisableKey"]),
  rotation(8, "An interval outside 7 to 730 days is refused.", guide("8.2"), policy),
  rotation(9, "What is encrypted is encrypted under the primary version.", guide("8.2, Types of key versions"), [
    "Encrypt"
  ]),
  rotation(10, "The next rotation is the last one and the interval.", guide("8.2, NextRotationTime"), [
    ...policy,
    "DescribeKey"
  ]),
  rotation(11, "DescribeKey tells whether automatic rotation is on.", guide("8.2"), [...policy, "DescribeKey"]),
  rotation(12, "UpdateRotationPolicy is taken by an Enabled symmetric key.", table, policy),
  rotation(13, "The interval of a policy is shown as it was set.", guide("8.2"), [...policy, "DescribeKey"], {
    severity: "SHOULD"
  }),
  version(1, "A new key has one version.", guide("8.2, Generation of key versions"), ["ListKeyVersions"]),
  version(2, "A version never disappears and never gets another id.", guide("8.2"), ["ListKeyVersions"]),
  version(3, "Every version has an id of its own, and belongs to the key it is listed for.", guide("8.2"), [
    "ListKeyVersions"
  ]),
  version(
    4,
    "CreateKeyVersion adds one version to an asymmetric key.",
    api("CreateKeyVersion"),
    ["CreateKeyVersion", "ListKeyVersions"],
    { clock: true, profile: "asymmetric" }
  ),
  version(5, "A symmetric key takes no version by hand.", api("CreateKeyVersion"), ["CreateKeyVersion"], {
    severity: "SHOULD"
  }),
  version(6, "An asymmetric key takes at most one version in 7 days.", api("CreateKeyVersion"), ["CreateKeyVersion"], {
    profile: "asymmetric"
  }),
  version(
    7,
    "An older version of a pair goes on working beside a newer one.",
    guide("8.3"),
    ["CreateKeyVersion", "AsymmetricVerify"],
    { clock: true, profile: "asymmetric" }
  ),
  version(8, "A version the key does not have is not found, one of another key included.", api("DescribeKeyVersion"), [
    "DescribeKeyVersion"
  ]),
  version(9, "A version is described as it is listed.", api("DescribeKeyVersion"), [
    "DescribeKeyVersion",
    "ListKeyVersions"
  ]),
  version(10, "Versions can be listed and described in every state.", table, ["ListKeyVersions"]),
  version(11, "The version that decrypted is the one that encrypted.", api("Decrypt"), ["Encrypt", "Decrypt"]),
  version(12, "No version is added to a key that is not Enabled.", table, ["CreateKeyVersion", "DisableKey"])
]
