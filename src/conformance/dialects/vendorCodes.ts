/** The codes of Alibaba Cloud KMS, and the HTTP status of each. */
import type { ModelCode } from "./dialect.ts"

export const vendorCodes = {
  "Forbidden.KeyNotFound": ["Forbidden.KeyNotFound"],
  "Rejected.Disabled": ["Rejected.Disabled"],
  "Rejected.PendingDeletion": ["Rejected.PendingDeletion"],
  "Rejected.PendingImport": ["Rejected.PendingImport"],
  "Rejected.StateModifiedFailed": ["Rejected.StateModifiedFailed"],
  "Unsupported.Origin": ["Unsupported.Origin"],
  UnsupportedOperation: ["UnsupportedOperation", "Rejected.UnsupportedOperation"],
  "Rejected.UnsupportedOperation": ["Rejected.UnsupportedOperation", "UnsupportedOperation"],
  InvalidKeyMaterial: ["InvalidKeyMaterial"],
  "Rejected.LimitExceeded": ["Rejected.LimitExceeded"],
  InvalidParameter: ["InvalidParameter"],
  MissingParameter: ["MissingParameter"],
  "Forbidden.AliasNotFound": ["Forbidden.AliasNotFound"],
  "Forbidden.KeyVersionNotFound": ["Forbidden.KeyVersionNotFound"],
  "Forbidden.NoPermission": ["Forbidden.NoPermission"],
  "Unsupported.Alias": ["Unsupported.Alias"],
  AliasAlreadyExists: ["AliasAlreadyExists"],
  InvalidImportToken: ["InvalidImportToken"],
  ExpiredImportToken: ["ExpiredImportToken"],
  DryRunOperationError: ["DryRunOperationError"]
} as const satisfies Record<ModelCode, ReadonlyArray<string>>

/** API, error codes. */
export const vendorStatuses: Readonly<Record<ModelCode, number>> = {
  "Forbidden.KeyNotFound": 404,
  "Rejected.Disabled": 409,
  "Rejected.PendingDeletion": 409,
  "Rejected.PendingImport": 409,
  "Rejected.StateModifiedFailed": 409,
  "Unsupported.Origin": 400,
  UnsupportedOperation: 400,
  "Rejected.UnsupportedOperation": 400,
  InvalidKeyMaterial: 400,
  "Rejected.LimitExceeded": 400,
  InvalidParameter: 400,
  MissingParameter: 400,
  "Forbidden.AliasNotFound": 404,
  "Forbidden.KeyVersionNotFound": 404,
  "Forbidden.NoPermission": 403,
  "Unsupported.Alias": 400,
  AliasAlreadyExists: 400,
  InvalidImportToken: 400,
  ExpiredImportToken: 400,
  DryRunOperationError: 400
}
