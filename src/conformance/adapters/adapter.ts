/** What the suite needs of a key management service: a way to call it, and an honest list of what it has. */
import type { RequestType, Same } from "../../../machines/vocabulary.ts"

/** Operations the suite puts to the test, in the words of the API. */
/** Every operation that the suite calls, by its name in the vendor's API. */
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
  "ListResourceTags",
  "SetKeyPolicy"
] as const

/** The name of an operation that the suite calls. */
export type OperationName = (typeof operations)[number]

/** Requests of the machine that the suite does not call. A new request is listed here, or above with its predictions. */
type NotCalled = never
true satisfies Same<NotCalled, Exclude<RequestType, OperationName>>

/** Whether the suite calls an operation of this name. */
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
  "wire",
  "quotas",
  "accounts"
] as const

/** The name of a part of the service that is tested or left out as a whole. */
export type Profile = (typeof profiles)[number]

/** An operation on a key, by its id; on an alias, by its name `alias/…`; or on every key and alias: `*`. */
export interface Right {
  readonly operation: OperationName
  readonly key: string
}

/** What the policy of a key says of a user. */
export interface KeyStatement {
  readonly effect: "Allow" | "Deny"
  /** The name of a `Principal`. */
  readonly user: string
  readonly operations: ReadonlyArray<OperationName>
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
  /** The user has the rights that were last granted. The call changes none and waits for no change under way. */
  readonly asItIs?: true
}

/** Where a call is made from, if not as the account and in the region that the service is tested in. */
export const places = ["otherAccount", "otherRegion"] as const
export type Place = (typeof places)[number]

/** What a call came to. `httpStatus` is 0 where there is no HTTP. */
export type Answer =
  | { readonly ok: true; readonly response: unknown; readonly requestId?: string }
  | {
      readonly ok: false
      readonly code: string
      readonly httpStatus: number
      readonly message?: string
      /** What else the refusal says. */
      readonly hint?: string
    }

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

/**
 * How many there may be: keys and aliases of an account in a region, tags of a key, versions of a pair. The suite tests
 * no quota that is not given here or in the dialect.
 */
export interface Quotas {
  readonly keys?: number
  readonly aliases?: number
  readonly tags?: number
  readonly versions?: number
}

/** What a service under test has. The suite leaves out and lists everything else. */
export interface Capabilities {
  /** What is missing here is skipped and listed, never passed. */
  readonly operations: ReadonlyArray<OperationName>
  /**
   * `virtual`: the clock stands still between calls and `advance` moves it, deadlines on the way performed.
   * `none`: laws about time are inconclusive.
   */
  readonly clock: "virtual" | "none"
  /** `perRun`: `stop` and `start` give an empty service. `namespace`: the suite touches only keys it made, and reuses them. */
  readonly reset: "perRun" | "namespace"
  readonly profiles: ReadonlyArray<Profile>
  /** The protection level of keys that CreateKey is asked for without one; `SOFTWARE` unless said. */
  readonly level?: "SOFTWARE" | "HSM"
  /** Quotas of the service that are not those of the dialect. Looked at with the profile `quotas`. */
  readonly quotas?: Quotas
}

/** A service under test: how the suite starts it, calls it and moves its clock. */
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
    as?: Principal,
    /** With the profile `accounts`: the call is made as the root of another account, or in another region. */
    from?: Place
  ) => Promise<Answer>
  /** Gives a user exactly these rights. Resolves once the service has acknowledged them. Needed with `policy` in bursts. */
  readonly grant?: (principal: Principal) => Promise<void>
  /** Replaces the policy of a key. Needed with the operation `SetKeyPolicy`. */
  readonly setKeyPolicy?: (key: string, statements: ReadonlyArray<KeyStatement>) => Promise<Answer>
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
