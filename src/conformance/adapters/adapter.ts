/** What the suite needs of a key management service: a way to call it, and an honest list of what it has. */
import type { RequestType, Same } from "../../../machines/vocabulary.ts"

/** Operations the suite puts to the test, in the words of the API. */
export const operations = [
  "CreateKey",
  "DescribeKey",
  "ListKeys",
  "EnableKey",
  "DisableKey",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion",
  "SetDeletionProtection",
  "UpdateKeyDescription",
  "CreateAlias",
  "UpdateAlias",
  "DeleteAlias",
  "ListAliases",
  "ListAliasesByKeyId",
  "GetParametersForImport",
  "ImportKeyMaterial",
  "DeleteKeyMaterial",
  "Encrypt",
  "Decrypt",
  "ReEncrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ExportDataKey",
  "GenerateAndExportDataKey",
  "CreateKeyVersion",
  "DescribeKeyVersion",
  "ListKeyVersions",
  "UpdateRotationPolicy",
  "GetPublicKey",
  "AsymmetricEncrypt",
  "AsymmetricDecrypt",
  "AsymmetricSign",
  "AsymmetricVerify",
  "TagResource",
  "UntagResource",
  "ListResourceTags"
] as const

export type OperationName = (typeof operations)[number]

/** Requests of the machine that the suite does not call. A new request is listed here, or above with its predictions. */
type NotCalled = "SetKeyPolicy"
true satisfies Same<NotCalled, Exclude<RequestType, OperationName>>

export const isOperation = (name: string): name is OperationName => operations.some((known) => known === name)

/** Parts of the service that are tested or left out as a whole. */
export const profiles = [
  "core",
  "import",
  "asymmetric",
  "rotation",
  "aliases",
  "policy",
  "sm",
  "service",
  "restart",
  "wire"
] as const

export type Profile = (typeof profiles)[number]

/** An operation on a key, by its id, or on every key: `*`. */
export interface Right {
  readonly operation: OperationName
  readonly key: string
}

/**
 * A user of the account who is not its root. The user may call what `permits` lists, except what `denies` lists, and
 * nothing else. An adapter with the profile `policy` makes the user when the name first comes. When the name comes again
 * with other rights, the user has those from then on.
 */
export interface Principal {
  readonly name: string
  readonly permits: ReadonlyArray<Right>
  readonly denies?: ReadonlyArray<Right>
  /** `unmet`: the permissions hold under a condition that no call meets. `met`: under one that every call meets. */
  readonly condition?: "met" | "unmet"
  /** The access key of the user is switched off. */
  readonly isOff?: true
}

/** What a call came to. `httpStatus` is 0 where there is no HTTP. */
export type Answer =
  | { readonly ok: true; readonly response: unknown; readonly requestId?: string }
  | { readonly ok: false; readonly code: string; readonly httpStatus: number; readonly message?: string }

/** How a request is sent that the suite looks at as bytes. */
export const wireForms = [
  /** As it should be. */
  "sound",
  /** The bytes of the latest sound request of the same operation and signature, once more. */
  "repeated",
  /** Signed with a timestamp 16 minutes before or after the present. */
  "stale",
  "early",
  /** A parameter is added after the request was signed. */
  "altered",
  /** Signed with another secret, or with none. */
  "otherSecret",
  "unsigned",
  /** Signed as it should be, and addressed to another region of the service. */
  "otherRegion"
] as const
export type WireForm = (typeof wireForms)[number]

/** The two ways to sign: HMAC-SHA1 over the parameters, and ACS3-HMAC-SHA256. */
export type SignatureVersion = "v1" | "v3"

export interface Wire {
  readonly form: WireForm
  readonly signature: SignatureVersion
}

export interface Capabilities {
  /** What is missing here is skipped and listed, never passed. */
  readonly operations: ReadonlyArray<OperationName>
  /**
   * `virtual`: the clock stands still between calls and `advance` moves it, deadlines on the way carried out.
   * `none`: laws about time are inconclusive.
   */
  readonly clock: "virtual" | "none"
  /** `perRun`: `stop` and `start` give an empty service. `namespace`: the suite touches only keys it made, and reuses them. */
  readonly reset: "perRun" | "namespace"
  readonly profiles: ReadonlyArray<Profile>
  /** The protection level of keys that CreateKey is asked for without one; `SOFTWARE` unless said. */
  readonly level?: "SOFTWARE" | "HSM"
}

export interface KmsAdapter {
  readonly name: string
  readonly capabilities: Capabilities
  /** Called before the first call, and again after each `stop`. */
  readonly start: (seed: string) => Promise<void>
  /**
   * One call, with the parameters of the API in its spelling. A refusal is an answer; a rejected promise means that
   * the adapter itself failed, and ends the run.
   */
  readonly call: (
    operation: OperationName,
    request: Readonly<Record<string, unknown>>,
    as?: Principal
  ) => Promise<Answer>
  /** One call as the root, sent in a form that is given. Needed with the profile `wire`. */
  readonly callAs?: (
    operation: OperationName,
    request: Readonly<Record<string, unknown>>,
    wire: Wire
  ) => Promise<Answer>
  /** Moves a virtual clock on, in milliseconds. Needed with `clock: "virtual"`. */
  readonly advance?: (millis: number) => Promise<void>
  /** Where a virtual clock stands, milliseconds since 1970. Without it the suite reads CreationDate, to the second. */
  readonly now?: () => Promise<number>
  /** Makes the key of a cloud service and answers its id. Needed with the profile `service`. */
  readonly createServiceKey?: () => Promise<string>
  /**
   * Stops the service, in an orderly way or by killing it, and starts it again on what it keeps. Resolves once the service
   * answers. Needed with the profile `restart`.
   */
  readonly restart?: () => Promise<void>
  readonly stop: () => Promise<void>
}
