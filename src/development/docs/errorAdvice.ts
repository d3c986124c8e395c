/** The advice for each error: the last sentence of its entry in docs/errors.md. */
import type { ErrorCode } from "../../domain/errors.ts"
import type {
  ramAbsenceAnswers,
  ramConflictAnswers,
  ramLimitAnswers,
  ramParameterAnswers,
  ramPermissionAnswers
} from "../../domain/ramErrors.ts"

type RamCode =
  | keyof typeof ramAbsenceAnswers
  | keyof typeof ramConflictAnswers
  | keyof typeof ramLimitAnswers
  | keyof typeof ramParameterAnswers
  | keyof typeof ramPermissionAnswers

const addParameter = "Add the parameter. The vendor's SDKs send it with every request."
const neverAnswered = "The API documents this code. Keystate never answers with it."
const synchronize = "Synchronize the clock of the client, and sign each attempt anew."

export const adviceOfKms: Readonly<Record<Exclude<ErrorCode, RamCode>, string>> = {
  ExpectationFailed: "Send no `Expect` header, or `Expect: 100-continue`.",
  UnsupportedHTTPMethod: "Use GET or POST.",
  RequestTooLarge: "Send less data in one request. For large data, encrypt it with a data key from GenerateDataKey.",
  ParseRequestParameterException: "Check the encoding of the query and the body.",
  MissingAccessKeyId: addParameter,
  MissingSignature: addParameter,
  MissingSignatureMethod: addParameter,
  MissingSignatureVersion: addParameter,
  MissingSignatureNonce: addParameter,
  MissingTimestamp: addParameter,
  MissingVersion: addParameter,
  MissingAction: addParameter,
  MissingSecurityToken: "Send the security token that AssumeRole answered with these credentials.",
  IncompleteSignature: "Use a signature version and method that the server supports: 1.0 or ACS3-HMAC-SHA256.",
  InvalidVersion: "Use `2016-01-20` for KMS, `2015-05-01` for RAM or `2015-04-01` for STS.",
  "InvalidTimeStamp.Format": "Write the time in UTC: `2026-01-31T08:00:00Z`.",
  "InvalidTimeStamp.Expired": synchronize,
  "InvalidAccessKeyId.NotFound": "Check the access key id, and that the request goes to the intended server.",
  "InvalidAccessKeyId.Inactive": "Activate the access key with UpdateAccessKey, or use another.",
  "InvalidSecurityToken.Malformed": "Send the whole token, as AssumeRole answered it.",
  "InvalidSecurityToken.MismatchWithAccessKey": "Use the access key and the token of the same answer of AssumeRole.",
  "InvalidSecurityToken.Expired": "Call AssumeRole again.",
  SignatureDoesNotMatch: "Compare the string to sign in the message with that of the client. Check the secret.",
  SignatureNonceUsed: "Make a new nonce for each attempt. The SDKs do so when they repeat a request.",
  "InvalidAction.NotFound": "Check the spelling of `Action` and that `Version` is that of its API.",
  MissingParameter: "Add the parameter that the message names.",
  InvalidParameter: "Correct the parameter that the message names. The hint says which values are valid.",
  ValidationError: "Correct the parameter that the message names. The call was a dry run and did nothing.",
  "InvalidParameter.TagKey": "Use 1 to 128 bytes, not beginning with `aliyun` or `acs:`.",
  "InvalidParameter.TagValue": "Use at most 128 characters.",
  "Duplicate.TagKey": "Name each tag key once.",
  MalformedPolicyDocument: "Correct the policy document. The hint names the fault.",
  "Unsupported.Alias": "Use the id or the ARN of the key.",
  "Forbidden.AliasNotFound": "Check the name of the alias. It may have been deleted together with its key.",
  "Forbidden.NoPermission": "Ask an administrator for the permission. `keystate explain` says which one is missing.",
  AccessDeniedError: "Ask an administrator for the permission. The call was a dry run and did nothing.",
  "Forbidden.DKMSInstanceNotFound": "Leave the parameter out. This server has no instances.",
  "Forbidden.KeyNotFound": "Check the key id, the region and the account. Deleted keys answer this too.",
  "Forbidden.ResourceNotFound": "Use the name `default`. A key has one policy.",
  "InvalidResourceId.NotFound": "Check the identifier. Deleted keys answer this too.",
  "Forbidden.KmsServiceNotEnabled": neverAnswered,
  "Forbidden.Opened": neverAnswered,
  "Rejected.StateModifiedFailed":
    "Look at the state of the key with DescribeKey. The hint names the states that allow the change.",
  "Rejected.Disabled": "Call EnableKey, or use another key.",
  "Rejected.PendingDeletion": "Call CancelKeyDeletion, or use another key. The audit log has an alarm for this call.",
  "Rejected.PendingImport": "Import the key material with GetParametersForImport and ImportKeyMaterial.",
  "Rejected.Unavailable": neverAnswered,
  "Unsupported.Origin": "Use a key of the origin that the operation needs. `EXTERNAL` keys have imported material.",
  "Unsupported.ProtectionLevel": "Use another protection level, or a server with a token.",
  UnsupportedOperation: "Use a key of another kind. The hint says why this one has no such operation.",
  "Rejected.UnsupportedOperation": "Use a key of another kind. The hint says why this one has no such operation.",
  "Forbidden.KeyVersionNotFound": "Check the version id with ListKeyVersions.",
  AliasAlreadyExists: "Choose another name, or call UpdateAlias to bind the alias to the key.",
  InvalidImportToken:
    "Use the token and the public key of the same answer of GetParametersForImport, for the same key.",
  ExpiredImportToken: "Call GetParametersForImport again. A token is valid for 24 hours.",
  InvalidKeyMaterial:
    "Wrap material of the form that the key spec needs, with the algorithm given to GetParametersForImport.",
  "Rejected.LimitExceeded": "Delete what is not needed, or start the server with a larger `--quota`.",
  "Rejected.Throttling": "Wait and try again, with growing pauses. The SDKs can do this.",
  DryRunOperationError: "Nothing is wrong: the call would have succeeded. Leave `DryRun` out to make it.",
  ServiceUnavailableTemporary: "Try again with the same parameters. If it lasts, look at `/readyz` of the server.",
  InternalFailure: "Look up the request id in the log of the server, and report the defect."
}

/** By the beginning of the code; the longest match is used. */
const adviceOfRam: Readonly<Record<string, string>> = {
  NoPermission: "Ask an administrator for the permission that the message names.",
  InvalidParameter: "Correct the parameter. The hint says which values are valid.",
  MissingRoleArn: "Add the ARN of the role to assume.",
  MissingRoleSessionName: "Add a name for the session.",
  EntityNotExist: "Check the name, or create the entity first.",
  EntityAlreadyExists: "Choose another name, or use the existing entity.",
  DeleteConflict: "Remove or detach what the message names, then delete again.",
  LimitExceeded: "Delete what is not needed."
}

export const ramAdvice = (code: string): string => {
  const fitting = Object.keys(adviceOfRam).filter((beginning) => code.startsWith(beginning))
  const [longest] = fitting.toSorted((left, right) => right.length - left.length)
  const advice = longest === undefined ? undefined : adviceOfRam[longest]
  if (advice === undefined) throw new Error(`${code} has no advice in errorAdvice.ts`)
  return advice
}
