/** The dialect of Google Cloud KMS. A key of the suite is a CryptoKey with one version. */
import type { Dialect, ModelCode } from "./dialect.ts"

const precondition: ReadonlyArray<string> = ["FAILED_PRECONDITION"]
const notFound: ReadonlyArray<string> = ["NOT_FOUND"]
const invalid: ReadonlyArray<string> = ["INVALID_ARGUMENT", "FAILED_PRECONDITION"]

const codes: Readonly<Record<ModelCode, ReadonlyArray<string>>> = {
  "Forbidden.KeyNotFound": notFound,
  "Rejected.Disabled": precondition,
  "Rejected.PendingDeletion": precondition,
  "Rejected.PendingImport": precondition,
  "Rejected.StateModifiedFailed": precondition,
  "Unsupported.Origin": invalid,
  UnsupportedOperation: invalid,
  "Rejected.UnsupportedOperation": invalid,
  InvalidKeyMaterial: invalid,
  "Rejected.LimitExceeded": ["RESOURCE_EXHAUSTED"],
  InvalidParameter: invalid,
  MissingParameter: invalid,
  "Forbidden.AliasNotFound": notFound,
  "Forbidden.KeyVersionNotFound": notFound,
  "Forbidden.NoPermission": ["PERMISSION_DENIED"],
  "Unsupported.Alias": invalid,
  AliasAlreadyExists: ["ALREADY_EXISTS"],
  InvalidImportToken: invalid,
  ExpiredImportToken: invalid,
  DryRunOperationError: invalid
}

const api = "Cloud KMS API v1"

/** The default of `destroyScheduledDuration`. */
const scheduledDays = 30

export const google: Dialect = {
  name: "google",
  about:
    "Google Cloud KMS: states belong to versions, a restored version is Disabled, and the key decides how long a deletion waits.",
  operations: {
    CreateKey: "cryptoKeys.create",
    DescribeKey: "cryptoKeyVersions.get",
    ListKeys: "cryptoKeys.list",
    EnableKey: "cryptoKeyVersions.patch (state ENABLED)",
    DisableKey: "cryptoKeyVersions.patch (state DISABLED)",
    ScheduleKeyDeletion: "cryptoKeyVersions.destroy",
    CancelKeyDeletion: "cryptoKeyVersions.restore",
    Encrypt: "cryptoKeys.encrypt",
    Decrypt: "cryptoKeys.decrypt",
    GetPublicKey: "cryptoKeyVersions.getPublicKey",
    AsymmetricSign: "cryptoKeyVersions.asymmetricSign",
    AsymmetricDecrypt: "cryptoKeyVersions.asymmetricDecrypt"
  },
  kinds: ["symmetric", "EC_P256", "RSA_2048 encrypt", "RSA_2048 sign", "RSA_3072 encrypt", "RSA_3072 sign"],
  codes,
  cancelReturnsTo: "Disabled",
  window: { minimum: scheduledDays, maximum: scheduledDays, default: scheduledDays },
  rotationDays: { minimum: 7, maximum: 730 },
  intervalUnits: ["d"],
  wrappings: ["RSAES_OAEP_SHA_256"],
  quotas: {},
  pages: false,
  aliasesMoveFreely: false,
  plaintextBytes: { minimum: 0, maximum: 65_536 },
  plaintextIsText: false,
  idOnly: [],
  dateForm: undefined,
  statuses: { FAILED_PRECONDITION: 400, INVALID_ARGUMENT: 400, NOT_FOUND: 404, ALREADY_EXISTS: 409 },
  shows: { versions: false, rotation: false },
  leavesOut: [
    {
      operations: ["ScheduleKeyDeletion"],
      twists: ["tooShort", "tooLong"],
      why: "The waiting period belongs to the key and not to the call."
    },
    { operations: ["Encrypt"], twists: [], empty: true, why: "No page says whether empty plaintext is encrypted." },
    {
      operations: ["AsymmetricSign", "AsymmetricDecrypt"],
      twists: ["otherAlgorithm"],
      why: "The algorithm belongs to the key and not to the call."
    }
  ],
  exceptions: [
    {
      operation: "GetPublicKey",
      states: ["Disabled", "PendingDeletion"],
      kinds: ["asymmetric"],
      answer: "either",
      why: "No page says whether the public key of a disabled version is given out."
    },
    {
      operation: "ScheduleKeyDeletion",
      states: ["PendingDeletion"],
      kinds: "any",
      answer: "either",
      why: "No page says whether a destruction can be scheduled again."
    },
    {
      operation: "EnableKey",
      states: ["Enabled"],
      kinds: "any",
      answer: "either",
      why: "No page says whether a change to the same state succeeds."
    },
    {
      operation: "DisableKey",
      states: ["Disabled"],
      kinds: "any",
      answer: "either",
      why: "No page says whether a change to the same state succeeds."
    }
  ],
  words: {
    off: {},
    kinds: {},
    sentences: {
      "KMS-DEL-007": "A version that is restored is DISABLED.",
      "KMS-DEL-008": "Only a version in DESTROY_SCHEDULED is restored.",
      "KMS-CTX-003": "Other additional authenticated data never decrypts."
    },
    sources: {
      LC: `${api}, CryptoKeyVersionState`,
      DEL: `${api}, DestroyCryptoKeyVersion and RestoreCryptoKeyVersion`,
      CON: `${api}, CryptoKeyVersionState`,
      CTX: `${api}, Encrypt and Decrypt`,
      ASY: `${api}, AsymmetricSign and AsymmetricDecrypt`,
      AL: `${api}, GetCryptoKeyVersion`,
      REF: `${api}, GetCryptoKeyVersion`,
      MET: `${api}, CryptoKeyVersion`,
      LST: `${api}, ListCryptoKeys`
    }
  }
}
