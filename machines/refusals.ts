/** The refusal codes of each operation on a key. A test compares this table with the machine. */
import type { RefusalCode } from "./vocabulary.ts"
import type { KeyOperation } from "./permits.ts"

const gone = "Forbidden.KeyNotFound"
/** Users may only view the key of a cloud service. */
const managed = "UnsupportedOperation"

const read = [gone] as const
const stateChange = [gone, managed, "Rejected.StateModifiedFailed"] as const
const edit = [gone, managed, "Rejected.PendingDeletion"] as const
/** Also the refusal for a key of another kind or usage, where the operation has no other code. */
const use = [gone, managed, "Rejected.Disabled", "Rejected.PendingDeletion", "Rejected.PendingImport"] as const
const useOfKind = [...use, "Rejected.UnsupportedOperation"] as const
const importing = [gone, managed, "Unsupported.Origin"] as const

export const refusalCodes = {
  DescribeKey: read,
  DescribeKeyVersion: read,
  ListKeyVersions: read,
  ListAliasesByKeyId: read,
  ListResourceTags: read,
  ListTagResources: read,
  GetKeyPolicy: read,
  EnableKey: stateChange,
  DisableKey: stateChange,
  ScheduleKeyDeletion: stateChange,
  CancelKeyDeletion: stateChange,
  UpdateKeyDescription: edit,
  SetKeyPolicy: edit,
  SetDeletionProtection: edit,
  TagResource: edit,
  UntagResource: edit,
  TagResources: edit,
  UntagResources: edit,
  CreateAlias: stateChange,
  UpdateAlias: edit,
  DeleteAlias: [gone, managed],
  Encrypt: use,
  Decrypt: use,
  GenerateDataKey: use,
  GenerateDataKeyWithoutPlaintext: use,
  ExportDataKey: use,
  GenerateAndExportDataKey: use,
  "ReEncrypt(source)": useOfKind,
  "ReEncrypt(destination)": use,
  AsymmetricEncrypt: useOfKind,
  AsymmetricDecrypt: useOfKind,
  AsymmetricSign: use,
  AsymmetricVerify: use,
  GetPublicKey: use,
  CreateKeyVersion: [...useOfKind, "Rejected.LimitExceeded"],
  UpdateRotationPolicy: useOfKind,
  GetParametersForImport: importing,
  ImportKeyMaterial: [...importing, "Rejected.StateModifiedFailed", "InvalidKeyMaterial"],
  DeleteKeyMaterial: importing
} as const satisfies Record<KeyOperation, ReadonlyArray<RefusalCode>>

/** The codes with which the machine can refuse an operation. */
export type RefusalCodeOf<Operation extends KeyOperation> = (typeof refusalCodes)[Operation][number]
