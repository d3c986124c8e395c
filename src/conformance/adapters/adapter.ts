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
export const profiles = ["core", "import", "asymmetric", "rotation", "aliases", "policy", "sm", "service"] as const

export type Profile = (typeof profiles)[number]

/**
 * Somebody else than the root of the account. He may do what is listed and nothing else; `key` is a key id, or `*`.
 * An adapter with the profile `policy` makes such a person when it first hears of him.
 */
export interface Principal {
  readonly name: string
  readonly permits: ReadonlyArray<{ readonly operation: OperationName; readonly key: string }>
}

/** What a call came to. `httpStatus` is 0 where there is no HTTP. */
export type Answer =
  | { readonly ok: true; readonly response: unknown; readonly requestId?: string }
  | { readonly ok: false; readonly code: string; readonly httpStatus: number; readonly message?: string }

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
  /** Moves a virtual clock on, in milliseconds. Needed with `clock: "virtual"`. */
  readonly advance?: (millis: number) => Promise<void>
  /** Where a virtual clock stands, milliseconds since 1970. Without it the suite reads CreationDate, to the second. */
  readonly now?: () => Promise<number>
  /** Makes the key of a cloud service and answers its id. Needed with the profile `service`. */
  readonly createServiceKey?: () => Promise<string>
  readonly stop: () => Promise<void>
}
