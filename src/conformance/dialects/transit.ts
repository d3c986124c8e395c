/** The dialect of the transit engine of OpenBao and Vault. */
import type { Dialect, ModelCode } from "./dialect.ts"

/** The engine has no error codes: the adapter gives the HTTP status. */
const refused: ReadonlyArray<string> = ["HTTP 400"]
const notFound: ReadonlyArray<string> = ["HTTP 404", "HTTP 400"]

const codes: Readonly<Record<ModelCode, ReadonlyArray<string>>> = {
  "Forbidden.KeyNotFound": notFound,
  "Rejected.Disabled": refused,
  "Rejected.PendingDeletion": refused,
  "Rejected.PendingImport": refused,
  "Rejected.StateModifiedFailed": refused,
  "Unsupported.Origin": refused,
  UnsupportedOperation: refused,
  "Rejected.UnsupportedOperation": refused,
  InvalidKeyMaterial: refused,
  "Rejected.LimitExceeded": refused,
  InvalidParameter: refused,
  MissingParameter: refused,
  "Forbidden.AliasNotFound": notFound,
  "Forbidden.KeyVersionNotFound": notFound,
  "Forbidden.NoPermission": ["HTTP 403"],
  "Unsupported.Alias": refused,
  AliasAlreadyExists: refused,
  InvalidImportToken: refused,
  ExpiredImportToken: refused,
  DryRunOperationError: refused
}

const api = "OpenBao API, Transit secrets engine"

export const transit: Dialect = {
  name: "vault",
  about: "The transit engine of OpenBao and Vault: a soft deletion is the state Disabled, and no deletion waits.",
  operations: {
    CreateKey: "create key",
    DescribeKey: "read key",
    ListKeys: "list keys",
    EnableKey: "soft-delete-restore",
    DisableKey: "soft-delete",
    Encrypt: "encrypt",
    Decrypt: "decrypt",
    GetPublicKey: "read key (public key)",
    AsymmetricSign: "sign",
    AsymmetricVerify: "verify"
  },
  kinds: ["symmetric", "EC_P256", "RSA_2048 sign", "RSA_3072 sign"],
  codes,
  cancelReturnsTo: "Enabled",
  window: { minimum: 7, maximum: 30, default: 30 },
  rotationDays: { minimum: 7, maximum: 730 },
  intervalUnits: ["d"],
  wrappings: ["RSAES_OAEP_SHA_256"],
  quotas: {},
  pages: false,
  aliasesMoveFreely: false,
  plaintextBytes: { minimum: 0, maximum: 4096 },
  plaintextIsText: false,
  idOnly: [],
  dateForm: undefined,
  statuses: {},
  shows: { versions: false, rotation: false },
  leavesOut: [
    {
      operations: ["EnableKey", "DisableKey"],
      twists: ["unknownKey"],
      why: "A soft deletion of a key that does not exist is answered like one that does."
    },
    {
      operations: ["Encrypt"],
      twists: ["tooLong"],
      longest: true,
      why: "Only the whole request is limited, to 32 MB."
    },
    { operations: ["Encrypt"], twists: [], empty: true, why: "No page says whether empty plaintext is encrypted." },
    {
      operations: ["AsymmetricSign"],
      twists: ["wrongLength"],
      why: "No page says what is done with a digest of another length."
    },
    {
      operations: ["AsymmetricSign", "AsymmetricVerify"],
      twists: ["otherAlgorithm"],
      why: "The type of the key decides; parameters of another type are ignored."
    }
  ],
  exceptions: [
    {
      operation: "GetPublicKey",
      states: ["Disabled"],
      kinds: ["asymmetric"],
      answer: "accept",
      why: "A key that is softly deleted can still be read."
    },
    {
      operation: "Encrypt",
      states: "any",
      kinds: ["asymmetric"],
      answer: "either",
      why: "An RSA key signs and encrypts."
    },
    {
      operation: "Decrypt",
      states: "any",
      kinds: ["asymmetric"],
      answer: "either",
      why: "An RSA key signs and encrypts."
    }
  ],
  words: {
    off: {},
    kinds: { EC_P256: "ecdsa-p256", symmetric: "aes256-gcm96", RSA_2048: "rsa-2048", RSA_3072: "rsa-3072" },
    sentences: {
      "KMS-LC-003": "A key that is softly deleted never decrypts.",
      "KMS-LC-004": "A key that is softly deleted never encrypts.",
      "KMS-LC-006": "A key that is softly deleted never signs and never verifies.",
      "KMS-LC-009": "soft-delete-restore makes a key usable again.",
      "KMS-LC-010": "soft-delete makes a key unusable.",
      "KMS-LC-011": "soft-delete and soft-delete-restore can be repeated and then change nothing.",
      "KMS-CTX-003": "Other associated data never decrypts."
    },
    sources: {
      LC: `${api}, Soft delete key`,
      CON: `${api}, Soft delete key`,
      CTX: `${api}, Encrypt data and Decrypt data`,
      ASY: `${api}, Sign data and Verify signed data`,
      DEL: `${api}, Delete key`,
      AL: `${api}, Read key`,
      REF: `${api}, Read key`,
      MET: `${api}, Read key`,
      LST: `${api}, List keys`
    }
  }
}
