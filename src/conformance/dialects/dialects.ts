/** The dialects that the suite has, each as a table. */
import { operations } from "../adapters/adapter.ts"
import type { OperationName } from "../adapters/adapter.ts"
import type { Dialect } from "./dialect.ts"
import { aliasLength } from "../steps/names.ts"
import { google } from "./google.ts"
import { transit } from "./transit.ts"
import { vendorCodes, vendorStatuses } from "./vendorCodes.ts"

const own: { readonly [operation in OperationName]?: string } = Object.fromEntries(
  operations.map((operation) => [operation, operation])
)

/** Both families document that `KeyId` of these operations is an id or an ARN. */
const idOnly: ReadonlyArray<OperationName> = [
  "EnableKey",
  "DisableKey",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion",
  "UpdateKeyDescription",
  "GetParametersForImport",
  "ImportKeyMaterial",
  "DeleteKeyMaterial",
  "TagResource",
  "UntagResource",
  "ListResourceTags",
  "UpdateRotationPolicy"
]

/** The dialect of Alibaba Cloud KMS. */
export const vendor: Dialect = {
  name: "alibaba",
  about: "Alibaba Cloud KMS, API 2016-01-20, as the user guide of November 2020 has it.",
  operations: own,
  codes: vendorCodes,
  cancelReturnsTo: "Enabled",
  window: { minimum: 7, maximum: 30, default: 30 },
  rotationDays: { minimum: 7, maximum: 730 },
  intervalUnits: ["d", "h", "m", "s"],
  wrappings: ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "RSAES_PKCS1_V1_5"],
  quotas: { keys: 200, aliases: 300, tags: 10, versions: 50 },
  longest: { description: 8192, tagKey: 128, tagValue: 128, alias: aliasLength },
  pages: true,
  aliasesMoveFreely: true,
  plaintextBytes: { minimum: 0, maximum: 6144 },
  plaintextIsText: true,
  idOnly,
  dateForm: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/,
  statuses: vendorStatuses,
  shows: { versions: true, rotation: true },
  exceptions: [
    {
      operation: "GetPublicKey",
      states: ["Disabled", "PendingDeletion"],
      kinds: ["asymmetric"],
      answer: "either",
      why: "The documentation does not say whether GetPublicKey succeeds while the key cannot be used."
    },
    {
      operation: "ExportDataKey",
      states: "any",
      kinds: ["asymmetric"],
      answer: "either",
      why: "The documentation does not say how asymmetric keys answer."
    }
  ]
}

/**
 * The newer documentation of the same service: a longer waiting period, and no other difference that the suite tests.
 */
export const vendorToday: Dialect = {
  ...vendor,
  name: "alibaba-2025",
  about: "Alibaba Cloud KMS as in its newer documentation: the waiting period of a deletion is up to 366 days.",
  window: { minimum: 7, maximum: 366, default: 30 }
}

const keyStates = "AWS KMS Developer Guide, Key states of AWS KMS keys"
const encrypting = "AWS KMS API Reference, Encrypt, Decrypt and ReEncrypt"
const rotating = "AWS KMS Developer Guide, Rotate AWS KMS keys"

const invalidState = ["KMSInvalidStateException"]
const invalid = ["ValidationException", "InvalidParameterException", "ValidationError"]

/** The dialect of AWS KMS. */
export const aws: Dialect = {
  name: "aws",
  about:
    "AWS KMS: a cancelled deletion leaves the key Disabled, versions are hidden, and states have other error codes.",
  operations: {
    CreateKey: "CreateKey",
    DescribeKey: "DescribeKey",
    ListKeys: "ListKeys",
    EnableKey: "EnableKey",
    DisableKey: "DisableKey",
    ScheduleKeyDeletion: "ScheduleKeyDeletion",
    CancelKeyDeletion: "CancelKeyDeletion",
    UpdateKeyDescription: "UpdateKeyDescription",
    CreateAlias: "CreateAlias",
    UpdateAlias: "UpdateAlias",
    DeleteAlias: "DeleteAlias",
    ListAliases: "ListAliases",
    ListAliasesByKeyId: "ListAliases (of a key)",
    GetParametersForImport: "GetParametersForImport",
    ImportKeyMaterial: "ImportKeyMaterial",
    DeleteKeyMaterial: "DeleteImportedKeyMaterial",
    Encrypt: "Encrypt",
    Decrypt: "Decrypt",
    ReEncrypt: "ReEncrypt",
    GenerateDataKey: "GenerateDataKey",
    GenerateDataKeyWithoutPlaintext: "GenerateDataKeyWithoutPlaintext",
    UpdateRotationPolicy: "EnableKeyRotation",
    GetPublicKey: "GetPublicKey",
    AsymmetricEncrypt: "Encrypt (asymmetric)",
    AsymmetricDecrypt: "Decrypt (asymmetric)",
    AsymmetricSign: "Sign",
    AsymmetricVerify: "Verify",
    TagResource: "TagResource",
    UntagResource: "UntagResource",
    ListResourceTags: "ListResourceTags"
  },
  codes: {
    "Forbidden.KeyNotFound": ["NotFoundException"],
    "Rejected.Disabled": ["DisabledException", ...invalidState],
    "Rejected.PendingDeletion": invalidState,
    "Rejected.PendingImport": invalidState,
    "Rejected.StateModifiedFailed": invalidState,
    "Unsupported.Origin": ["UnsupportedOperationException"],
    UnsupportedOperation: ["InvalidKeyUsageException", "UnsupportedOperationException", ...invalid],
    "Rejected.UnsupportedOperation": ["InvalidKeyUsageException", "UnsupportedOperationException", ...invalid],
    InvalidKeyMaterial: ["IncorrectKeyMaterialException", "InvalidCiphertextException"],
    "Rejected.LimitExceeded": ["LimitExceededException"],
    InvalidParameter: invalid,
    MissingParameter: invalid,
    "Forbidden.AliasNotFound": ["NotFoundException"],
    "Forbidden.KeyVersionNotFound": ["NotFoundException"],
    "Forbidden.NoPermission": ["AccessDeniedException"],
    "Unsupported.Alias": ["NotFoundException", "InvalidArnException", ...invalid],
    AliasAlreadyExists: ["AlreadyExistsException"],
    InvalidImportToken: ["InvalidImportTokenException"],
    ExpiredImportToken: ["ExpiredImportTokenException"],
    DryRunOperationError: ["DryRunOperationException"]
  },
  cancelReturnsTo: "Disabled",
  window: { minimum: 7, maximum: 30, default: 30 },
  rotationDays: { minimum: 90, maximum: 2560 },
  intervalUnits: ["d"],
  wrappings: ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"],
  quotas: { tags: 50 },
  longest: { description: 8192, tagKey: 128, tagValue: 256 },
  pages: false,
  aliasesMoveFreely: false,
  plaintextBytes: { minimum: 1, maximum: 4096 },
  plaintextIsText: false,
  idOnly,
  dateForm: undefined,
  statuses: {},
  shows: { versions: false, rotation: false },
  leavesOut: [
    {
      operations: ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"],
      twists: ["unknownSpec", "bothLengths"],
      why: "A call has KeySpec or NumberOfBytes, and the client knows the values of KeySpec."
    },
    {
      operations: ["ImportKeyMaterial"],
      twists: ["zeroExpiry"],
      why: "Material without an expiry is imported with another ExpirationModel."
    }
  ],
  exceptions: [
    {
      operation: "GetPublicKey",
      states: ["Disabled", "PendingDeletion"],
      kinds: ["asymmetric"],
      answer: "either",
      why: "Documentation of different years differs."
    },
    {
      operation: "UpdateRotationPolicy",
      states: ["Disabled", "PendingDeletion", "PendingImport"],
      kinds: "any",
      answer: "either",
      why: "Disabling is refused in fewer states than enabling."
    },
    {
      operation: "DeleteKeyMaterial",
      states: ["PendingDeletion", "PendingImport"],
      kinds: ["external"],
      answer: "either",
      why: "A key that is pending deletion has its own error code here."
    },
    {
      operation: "GetParametersForImport",
      states: ["PendingDeletion"],
      kinds: ["external"],
      answer: "either",
      why: "A key that is pending deletion refuses material here."
    }
  ],
  words: {
    off: { UpdateRotationPolicy: "DisableKeyRotation" },
    kinds: { EC_P256: "ECC_NIST_P256", EC_P256K: "ECC_SECG_P256K1", external: "origin EXTERNAL" },
    sentences: {
      "KMS-LC-018": "The error of a refused use names the state: DisabledException or KMSInvalidStateException.",
      "KMS-CTX-009": "Empty plaintext and plaintext of more than 4,096 bytes are refused.",
      "KMS-ROT-008": "An interval outside 90 to 2,560 days is refused."
    },
    sources: {
      LC: keyStates,
      DEL: keyStates,
      TM: keyStates,
      CON: keyStates,
      AL: "AWS KMS Developer Guide, Aliases in AWS KMS",
      TAG: "AWS KMS API Reference, TagResource and UntagResource",
      AC: "AWS KMS Developer Guide, Key policies in AWS KMS",
      CTX: encrypting,
      DK: "AWS KMS API Reference, GenerateDataKey",
      ASY: "AWS KMS Developer Guide, Asymmetric keys in AWS KMS",
      IMP: "AWS KMS Developer Guide, Importing key material for AWS KMS keys",
      ROT: rotating,
      VER: rotating,
      REF: "AWS KMS API Reference, KeyId of each operation",
      MET: "AWS KMS API Reference, DescribeKey",
      LST: "AWS KMS API Reference, ListKeys"
    }
  }
}

/** Every dialect, by name. */
export const dialects: Readonly<Record<string, Dialect>> = {
  alibaba: vendor,
  "alibaba-2025": vendorToday,
  aws,
  vault: transit,
  google
}

/** The dialects of other services than Alibaba Cloud KMS, whose machine is that of Keystate. */
export const otherDialects: Readonly<Record<string, Dialect>> = Object.fromEntries(
  Object.entries(dialects).filter(([name]) => !name.startsWith(vendor.name))
)
