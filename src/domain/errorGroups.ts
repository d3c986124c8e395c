/** The errors that do not belong to one operation, in named groups. Each operation lists its own errors in addition. */
import type { ErrorCode, ErrorOf } from "./errors.ts"

/** The request is not an HTTP request that the endpoint can read, or names an unknown API. */
export const transportErrors = [
  "ExpectationFailed",
  "UnsupportedHTTPMethod",
  "RequestTooLarge",
  "ParseRequestParameterException",
  "MissingVersion",
  "MissingAction",
  "InvalidVersion",
  "InvalidAction.NotFound"
] as const satisfies ReadonlyArray<ErrorCode>

/** The signature of the request is missing or wrong, or its credentials are not valid. */
export const signatureErrors = [
  "MissingAccessKeyId",
  "MissingSignature",
  "MissingSignatureMethod",
  "MissingSignatureVersion",
  "MissingSignatureNonce",
  "MissingTimestamp",
  "MissingSecurityToken",
  "IncompleteSignature",
  "InvalidTimeStamp.Format",
  "InvalidTimeStamp.Expired",
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  "InvalidSecurityToken.Malformed",
  "InvalidSecurityToken.MismatchWithAccessKey",
  "InvalidSecurityToken.Expired",
  "SignatureDoesNotMatch",
  "SignatureNonceUsed"
] as const satisfies ReadonlyArray<ErrorCode>

/** A parameter is absent or wrong. */
export const parameterErrors = [
  "MissingParameter",
  "InvalidParameter",
  "Forbidden.DKMSInstanceNotFound"
] as const satisfies ReadonlyArray<ErrorCode>

/** The caller has no permission: KMS's code, and that of RAM and STS. */
export const permissionErrors = ["Forbidden.NoPermission", "NoPermission"] as const satisfies ReadonlyArray<ErrorCode>

/** The service cannot answer now. The same call may succeed later. */
export const serviceErrors = [
  "Rejected.Throttling",
  "ServiceUnavailableTemporary",
  "InternalFailure"
] as const satisfies ReadonlyArray<ErrorCode>

/** The outcomes of a call with `DryRun=true`; only operations with this parameter. */
export const dryRunErrors = [
  "ValidationError",
  "AccessDeniedError",
  "DryRunOperationError"
] as const satisfies ReadonlyArray<ErrorCode>

/** Codes that the API documents and this service never answers with. */
export const unusedErrors = [
  "Forbidden.KmsServiceNotEnabled",
  "Forbidden.Opened",
  "Rejected.Unavailable"
] as const satisfies ReadonlyArray<ErrorCode>

/** The codes that every call can be answered with, also within a process. */
export type CallCode =
  | (typeof parameterErrors)[number]
  | (typeof permissionErrors)[number]
  | (typeof serviceErrors)[number]

/** An error that every call can be answered with, for any operation. */
export type CallError = ErrorOf<CallCode>

/** A parameter is absent or wrong. */
export type ParameterError = ErrorOf<(typeof parameterErrors)[number]>

/** The caller has no permission. */
export type PermissionError = ErrorOf<(typeof permissionErrors)[number]>

/** The service cannot answer now. The same call may succeed later. */
export type ServiceError = ErrorOf<(typeof serviceErrors)[number]>

/** The outcome of a call with `DryRun=true`. */
export type DryRunError = ErrorOf<(typeof dryRunErrors)[number]>
