/** Every error of a request: one error class, and one table of codes in order of precedence. */
import { Data } from "effect"
import {
  ramAbsenceAnswers,
  ramConflictAnswers,
  ramLimitAnswers,
  ramParameterAnswers,
  ramPermissionAnswers
} from "./ramErrors.ts"

interface Answer {
  readonly status: number
  /** `{parameter}`, `{resource}` and `{detail}` are filled from the error's fields. */
  readonly message: string
}

/**
 * Codes, HTTP statuses and messages are fixed by the API, version 2016-01-20, and by RAM and STS. The order is the
 * order of precedence: a request with several faults is answered with the first one in this table.
 */
export const answers = {
  // transport and authentication
  ExpectationFailed: { status: 417, message: "The expectation given in the Expect header is not supported." },
  UnsupportedHTTPMethod: { status: 403, message: "This http method is not supported." },
  RequestTooLarge: { status: 413, message: "The request exceeds {detail}." },
  ParseRequestParameterException: {
    status: 400,
    message: "Server parse parameters exception. Please check your input params."
  },
  MissingAccessKeyId: { status: 400, message: "AccessKeyId is mandatory for this action." },
  MissingSignature: { status: 400, message: "Signature is mandatory for this action." },
  MissingSignatureMethod: { status: 400, message: "SignatureMethod is mandatory for this action." },
  MissingSignatureVersion: { status: 400, message: "SignatureVersion is mandatory for this action." },
  MissingSignatureNonce: { status: 400, message: "SignatureNonce is mandatory for this action." },
  MissingTimestamp: { status: 400, message: "Timestamp is mandatory for this action." },
  MissingVersion: { status: 400, message: "Version is mandatory for this action." },
  MissingAction: { status: 400, message: "Action is mandatory for this action." },
  MissingSecurityToken: { status: 400, message: "SecurityToken is mandatory for this action." },
  IncompleteSignature: { status: 400, message: "The request signature does not conform to Alibaba Cloud standards." },
  InvalidVersion: { status: 400, message: "Specified parameter Version is not valid." },
  "InvalidTimeStamp.Format": {
    status: 400,
    message: "Specified time stamp or date value is not well formatted."
  },
  "InvalidTimeStamp.Expired": { status: 400, message: "Specified time stamp or date value is expired." },
  "InvalidAccessKeyId.NotFound": { status: 404, message: "Specified access key is not found." },
  "InvalidAccessKeyId.Inactive": { status: 400, message: "Specified access key is disabled." },
  "InvalidSecurityToken.Malformed": { status: 400, message: "Specified SecurityToken is malformed." },
  "InvalidSecurityToken.MismatchWithAccessKey": {
    status: 400,
    message: "Specified SecurityToken mismatch with the AccessKey."
  },
  "InvalidSecurityToken.Expired": { status: 400, message: "Specified SecurityToken is expired." },
  SignatureDoesNotMatch: {
    status: 400,
    message: "Specified signature is not matched with our calculation. server string to sign is:{detail}"
  },
  SignatureNonceUsed: { status: 400, message: "Specified signature nonce was used already." },
  // action and parameters
  "InvalidAction.NotFound": {
    status: 404,
    message: "Specified api is not found,please check your url and method."
  },
  MissingParameter: { status: 400, message: 'The parameter "{parameter}" is needed but not provided.' },
  InvalidParameter: { status: 400, message: 'The specified parameter "{parameter}" is not valid.' },
  ValidationError: { status: 400, message: "The parameters specified in the request are invalid. {detail}" },
  "InvalidParameter.TagKey": { status: 400, message: "The specified parameter TagKey is not valid." },
  "InvalidParameter.TagValue": { status: 400, message: "The specified parameter TagValue is not valid." },
  "Duplicate.TagKey": { status: 400, message: "The specified TagKey is duplicated." },
  ...ramParameterAnswers,
  MalformedPolicyDocument: { status: 400, message: "The policy document is not well formed." },
  "Unsupported.Alias": { status: 400, message: "Alias is not valid for this api." },
  // key or alias, permission
  "Forbidden.AliasNotFound": { status: 404, message: "The specified Alias is not found." },
  "Forbidden.NoPermission": {
    status: 403,
    message: "This operation for {resource} is forbidden by permission system."
  },
  AccessDeniedError: {
    status: 403,
    message: "You are not authorized to perform this operation on the KMS resource. {detail}"
  },
  "Forbidden.DKMSInstanceNotFound": { status: 403, message: "The specified DKMS instance is not found." },
  ...ramPermissionAnswers,
  "Forbidden.KeyNotFound": { status: 404, message: "The specified Key is not found." },
  "Forbidden.ResourceNotFound": { status: 404, message: "The specified resource is not found." },
  "InvalidResourceId.NotFound": { status: 404, message: "The specified ResourceId is not found." },
  ...ramAbsenceAnswers,
  "Forbidden.KmsServiceNotEnabled": {
    status: 403,
    message: "Kms service is not Enabled for current user. Please get access permission first."
  },
  "Forbidden.Opened": { status: 400, message: "Your kms service has been opened." },
  // state
  "Rejected.StateModifiedFailed": { status: 409, message: "Keystate modified failed." },
  "Rejected.Disabled": { status: 409, message: "The request was rejected because the key state is Disabled." },
  "Rejected.PendingDeletion": {
    status: 409,
    message: "The request was rejected because the key state is PendingDeletion."
  },
  "Rejected.PendingImport": {
    status: 409,
    message: "The request was rejected because the key state is PendingImport."
  },
  "Rejected.Unavailable": {
    status: 409,
    message: "The request was rejected because the key is temporarily unavailable."
  },
  // origin, kind, usage, spec
  "Unsupported.Origin": { status: 400, message: "This key origin is not valid for this api." },
  "Unsupported.ProtectionLevel": { status: 400, message: "This protection level is not valid for this region" },
  UnsupportedOperation: { status: 400, message: "This action is not supported." },
  "Rejected.UnsupportedOperation": { status: 400, message: "Unsupported operation." },
  // content and limits
  "Forbidden.KeyVersionNotFound": { status: 404, message: "The specified Key version is not found." },
  AliasAlreadyExists: { status: 400, message: "AliasName Already Exists." },
  ...ramConflictAnswers,
  InvalidImportToken: { status: 400, message: "import token is invalid." },
  ExpiredImportToken: { status: 400, message: "import token is expired." },
  InvalidKeyMaterial: { status: 400, message: "key material is invalid." },
  ...ramLimitAnswers,
  "Rejected.LimitExceeded": {
    status: 400,
    message: "The request was rejected because user create resource limit was exceeded."
  },
  "Rejected.Throttling": { status: 429, message: "QPS Limit Exceeded" },
  DryRunOperationError: {
    status: 400,
    message: "The request would have succeeded if the DryRun parameter was not specified."
  },
  ServiceUnavailableTemporary: { status: 503, message: "Service Unavailable Temporary." },
  InternalFailure: { status: 500, message: "Internal Failure." }
} as const satisfies Record<string, Answer>

/** The code of an error of a request. */
export type ErrorCode = keyof typeof answers

const precedence: ReadonlyMap<string, number> = new Map(Object.keys(answers).map((code, at) => [code, at]))

/** Codes in their order of precedence. */
export const inPrecedence = (codes: ReadonlyArray<ErrorCode>): ReadonlyArray<ErrorCode> =>
  codes.toSorted((left, right) => (precedence.get(left) ?? 0) - (precedence.get(right) ?? 0))

/** Details of an error beyond its code. They all go to the caller, so none of them may be secret. */
export interface ErrorDetails {
  /** Name of the parameter at fault, as the API spells it. */
  readonly parameter?: string
  /** ARN to which the permission system refused access. */
  readonly resource?: string
  /** Text for the few messages with a variable part. */
  readonly detail?: string
  /** State of the key at the time of the refusal. */
  readonly keyState?: string
  /** States in which the same call would have been legal. */
  readonly allowedStates?: ReadonlyArray<string>
  /** What would make the call legal, in one sentence. */
  readonly hint?: string
  readonly requestId?: string
}

const fill = (template: string, details: ErrorDetails): string =>
  template
    .replace("{parameter}", () => details.parameter ?? "")
    .replace("{resource}", () => details.resource ?? "the resource")
    .replace("{detail}", () => details.detail ?? "")

/**
 * A refused request. The wire carries `code`, `httpStatus` and `message`; the other members help the reader. Its `_tag`
 * is its code, so `Effect.catchTag("Rejected.Disabled", …)` selects it.
 */
export class KmsError<Code extends ErrorCode = ErrorCode> extends Data.Error<
  ErrorDetails & { readonly code: Code; readonly message: string }
> {
  readonly _tag: Code
  readonly httpStatus: number

  constructor(code: Code, details: ErrorDetails = {}) {
    super({ ...details, code, message: fill(answers[code].message, details) })
    this._tag = code
    this.httpStatus = answers[code].status
    this.name = code
  }
}

/** The union of all errors, with one member for each code, so that `Effect.catchTag` can distinguish them. */
export type AnyKmsError = { readonly [Code in ErrorCode]: KmsError<Code> }[ErrorCode]

/** Whether an unknown failure is an error of this table. */
export const isKmsError = (failure: unknown): failure is AnyKmsError => failure instanceof KmsError

/** The error of one code, or of each code of a union. */
export type ErrorOf<Code extends ErrorCode> = Code extends ErrorCode ? KmsError<Code> : never

/** Makes an error to fail with: `return yield* refuse("Forbidden.KeyNotFound")`. */
export const refuse = <Code extends ErrorCode>(code: Code, details?: ErrorDetails): ErrorOf<Code> =>
  // The compiler cannot see that a class distributes over the union of its codes.
  new KmsError(code, details) as ErrorOf<Code>
