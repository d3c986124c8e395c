/** The port to a service under test: how to call it, and the list of its abilities. */
import type { RequestType, Same } from "../../../machines/vocabulary.ts"

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

/**
 * Events of the machine that the suite does not call. List a new event here, or above together with its predictions.
 */
type NotCalled = never
true satisfies Same<NotCalled, Exclude<RequestType, OperationName>>

/** Whether the suite calls an operation of this name. */
export const isOperation = (name: string): name is OperationName => operations.some((known) => known === name)

/** Parts of a service that are tested or skipped as a whole. */
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
  "accounts",
  "dryRuns"
] as const

/** The name of a part that is tested or skipped as a whole. */
export type Profile = (typeof profiles)[number]

/** An operation on a key, by its id; on an alias, by its name `alias/…`; or on every key and alias: `*`. */
export interface Right {
  readonly operation: OperationName
  readonly key: string
}

/** What a key's policy says about a user. */
export interface KeyStatement {
  readonly effect: "Allow" | "Deny"
  /** The name of a `Principal`. */
  readonly user: string
  readonly operations: ReadonlyArray<OperationName>
}

/**
 * A user of the account, not its root. The user may call what `permits` lists, except what `denies` lists, and nothing
 * else. An adapter with the profile `policy` creates the user when the name first appears. If the name appears with
 * other rights, the user has those from then on.
 */
export interface Principal {
  readonly name: string
  readonly permits: ReadonlyArray<Right>
  readonly denies?: ReadonlyArray<Right>
  /** `unmet`: the permissions hold under a condition that no call meets. `met`: under one that every call meets. */
  readonly condition?: "met" | "unmet"
  /** The same for what `denies` lists. Without it, `denies` holds for every call. */
  readonly denyCondition?: "met" | "unmet"
  /** Whether the user's access key is disabled. */
  readonly isOff?: true
  /**
   * The user has the rights that were granted last. The call neither changes rights nor waits for a change in progress.
   */
  readonly asItIs?: true
}

/** The origin of a call, if it is not the tested account and region. */
export const places = ["otherAccount", "otherRegion"] as const
export type Place = (typeof places)[number]

/** One request to a service with another API, and its reply, both in the terms of that API. Reports show them. */
export interface NativeCall {
  /** The name of the call in that API: `DisableKeyRotation`, or a method and a path. */
  readonly call: string
  readonly request: unknown
  readonly reply: unknown
}

/**
 * The result of a call. `httpStatus` is 0 without HTTP. `native`: what an adapter of another API sent and received for
 * this call, in order.
 */
export type Answer =
  | {
      readonly ok: true
      readonly response: unknown
      readonly requestId?: string
      readonly native?: ReadonlyArray<NativeCall>
    }
  | {
      readonly ok: false
      readonly code: string
      readonly httpStatus: number
      readonly message?: string
      /** Other members of the error. */
      readonly hint?: string
      readonly native?: ReadonlyArray<NativeCall>
    }

/** The form of a request in the tests of the wire. */
export const wireForms = [
  /** Correct. */
  "sound",
  /** The same bytes as the latest correct request of this operation and signature. */
  "repeated",
  /** Signed with a timestamp 16 minutes before or after the current time. */
  "stale",
  "early",
  /** A parameter is added after the request was signed. */
  "altered",
  /** Signed with another secret, or with none. */
  "otherSecret",
  "unsigned",
  /** Signed correctly, but addressed to another region of the service. */
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
 * Limits: keys and aliases of an account in a region, tags of a key, versions of an asymmetric key. The suite tests
 * only the quotas that are given here or in the dialect.
 */
export interface Quotas {
  readonly keys?: number
  readonly aliases?: number
  readonly tags?: number
  readonly versions?: number
}

/** The abilities of a service under test. The suite skips and lists everything else. */
export interface Capabilities {
  /** An operation that is missing here is skipped and listed, never passed. */
  readonly operations: ReadonlyArray<OperationName>
  /**
   * `virtual`: the clock stands still between calls; `advance` moves it and performs the deadlines on the way. `none`:
   * laws about time are inconclusive.
   */
  readonly clock: "virtual" | "none"
  /**
   * `perRun`: `stop` and `start` give an empty service. `namespace`: the suite uses only its own keys, and reuses them.
   */
  readonly reset: "perRun" | "namespace"
  readonly profiles: ReadonlyArray<Profile>
  /** The protection level of keys that CreateKey makes by default; `SOFTWARE` if absent. */
  readonly level?: "SOFTWARE" | "HSM"
  /** Quotas of the service that differ from the dialect's. Tested with the profile `quotas`. */
  readonly quotas?: Quotas
}

/** A service under test: how to start it, call it and move its clock. */
export interface KmsAdapter {
  readonly name: string
  readonly capabilities: Capabilities
  /** Called before the first call, and again after each `stop`. */
  readonly start: (seed: string) => Promise<void>
  /**
   * One call, with the parameters as the API spells them. A refusal is an answer. A rejected promise means that the
   * adapter failed, and ends the run.
   */
  readonly call: (
    operation: OperationName,
    request: Readonly<Record<string, unknown>>,
    as?: Principal,
    /** With the profile `accounts`: calls as the root of another account, or in another region. */
    from?: Place
  ) => Promise<Answer>
  /**
   * Gives a user exactly these rights. Resolves when the service has acknowledged them. Required for `policy` in
   * bursts.
   */
  readonly grant?: (principal: Principal) => Promise<void>
  /** Replaces the policy of a key. Required for the operation `SetKeyPolicy`. */
  readonly setKeyPolicy?: (key: string, statements: ReadonlyArray<KeyStatement>) => Promise<Answer>
  /** One call as the root, in a given form. Required for the profile `wire`. */
  readonly callAs?: (
    operation: OperationName,
    request: Readonly<Record<string, unknown>>,
    wire: Wire
  ) => Promise<Answer>
  /** Moves a virtual clock forward, in milliseconds. Required for `clock: "virtual"`. */
  readonly advance?: (millis: number) => Promise<void>
  /**
   * The time of a virtual clock, in milliseconds since 1970. Without it, the suite reads CreationDate, to the second.
   */
  readonly now?: () => Promise<number>
  /** Creates a service-managed key and returns its id. Required for the profile `service`. */
  readonly createServiceKey?: () => Promise<string>
  /**
   * Stops the service, cleanly or by killing it, and starts it again on the same data. Resolves when the service
   * answers. Required for the profile `restart`.
   */
  readonly restart?: () => Promise<void>
  readonly stop: () => Promise<void>
}
