/** The types and names that the console's pages and its server share. */

/** A refusal as the API words it; `httpStatus` is the status that the API gives to the same call. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly httpStatus: number
  readonly hint?: string
  readonly requestId?: string
  /** Whether the page wrote the sentences itself, in its own language. */
  readonly isOurs?: boolean
}

/** The signed-in caller, its account and its server. */
export interface SessionView {
  /** ARN of the caller that every call is made as. */
  readonly principal: string
  readonly kind: "root" | "user" | "role"
  readonly account: string
  /** Whether this is the root of the server's own account, which may change the clock and see the whole server. */
  readonly administersServer: boolean
  /** The longest waiting period of a deletion, in days. */
  readonly deletionWindowMax: number
  readonly region: string
  readonly regions: ReadonlyArray<string>
  /** Real time in milliseconds at which the session ends if it is not used. */
  readonly expiresAt: number
  readonly clock: ClockView
}

export interface ClockView {
  readonly kind: "real" | "virtual"
  /** Only a virtual clock can be frozen. */
  readonly mode: "running" | "frozen"
  /** The lifecycle clock, milliseconds. */
  readonly now: number
  /** A jump of the machine's clock that is not confirmed or rejected yet. */
  readonly doubt?: { readonly direction: "Forward" | "Backward"; readonly from: number; readonly to: number }
}

/** A key as lists and pages show it: DescribeKey's answer and more of its configuration. */
export interface KeyRow {
  readonly keyId: string
  /** Set if the caller may list the key but not view it; all other members are then empty. */
  readonly refused?: Refusal
  readonly arn: string
  readonly state: string
  readonly rotation: string
  readonly spec: string
  readonly usage: string
  readonly origin: string
  readonly protection: string
  readonly creator: string
  readonly description: string
  readonly createdAt: string
  readonly deleteDate: string
  readonly materialExpireTime: string
  readonly lastRotationDate: string
  readonly primaryVersion: string
  readonly rotationInterval: string
  readonly nextRotationDate: string
  readonly deletionProtection: boolean
  readonly deletionProtectionDescription: string
  readonly serviceKey: boolean
  readonly materialPresent: boolean
  readonly versions: number
  /** The number of its newest event. */
  readonly epoch: number
  readonly deadlines: ReadonlyArray<{ readonly kind: string; readonly dueAt: number }>
  /** Undefined if the caller may not list them. */
  readonly aliases: ReadonlyArray<string> | undefined
  readonly tags: Readonly<Record<string, string>> | undefined
}

/** The attributes that a list of keys can be sorted by. */
export const keySorts = [
  "created",
  "name",
  "state",
  "rotation",
  "spec",
  "origin",
  "protection",
  "creator",
  "next"
] as const
export type KeySort = (typeof keySorts)[number]

/** The attributes that a list of keys can be filtered by. A tag is `key` or `key=value`. */
export const keyFilters = ["state", "spec", "usage", "origin", "rotation", "protection", "creator", "tag"] as const
export type KeyFilterName = (typeof keyFilters)[number]

/** One page of the keys that match a search and its filters. */
export interface KeysPage {
  readonly rows: ReadonlyArray<KeyRow>
  /** The number of keys before the page. */
  readonly offset: number
  /** The number of keys that match. */
  readonly total: number
  /** The number of keys in the region. */
  readonly all: number
}

/**
 * Counts of the keys of a region at one moment. `hidden` counts the keys that the caller may not view; no other count
 * includes them.
 */
export interface KeysSummary {
  readonly all: number
  readonly hidden: number
  /** By state. */
  readonly states: Readonly<Record<string, number>>
  /** The keys with the next deadlines, and the number of all deadlines. */
  readonly due: ReadonlyArray<KeyRow>
  readonly deadlines: number
  /** Some keys whose rotation is suspended, and the number of all of them. */
  readonly suspended: ReadonlyArray<KeyRow>
  readonly suspensions: number
}

/** The position after the newest change: the event stream continues from `at`, an opaque text. */
export interface Snapshot {
  readonly at: string
  readonly clock: ClockView
}

/** The verdict of a policy on one operation. `Implicit`: no statement covers it, or not all its checks. */
export interface Ruled {
  readonly operation: string
  readonly effect: "Allow" | "Deny" | "Implicit"
  /** Counted from 0. */
  readonly statement?: number
}

/** The key that a verdict is about. */
export interface VerdictKey {
  readonly keyId: string
  readonly tags: Readonly<Record<string, string>>
}

/** The verdicts of a policy document, or the reason why it is refused. */
export interface PolicyVerdict {
  /** The path of the fault in the document, empty for the whole document, and a sentence that names it. */
  readonly fault?: { readonly path: string; readonly message: string }
  readonly operations: ReadonlyArray<Ruled>
}

/** The newest successful use of a key. */
export interface LastUse {
  readonly keyId: string
  readonly at: number
  readonly principal: string
}

/** The newest use of each of several keys. A key that was never used is not in it. */
export interface LastUses {
  readonly uses: ReadonlyArray<LastUse>
  /** Whether the whole audit log was read. If not, the page asks again. */
  readonly isComplete: boolean
}

/** Operations that the console performs on several selected keys. */
export const bulkOperations = [
  "EnableKey",
  "DisableKey",
  "TagResource",
  "UntagResource",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion"
] as const
export type BulkOperation = (typeof bulkOperations)[number]

/** The answer that an operation on one of several keys would get. */
export interface Preview {
  readonly keyId: string
  /** Absent if it would not be refused now. */
  readonly refusal?: Refusal
}

/** One committed change. It names the key, which the page then reads. The stream continues from `at`. */
export interface KeyChangeView {
  readonly at: string
  readonly keyId: string
  readonly region: string
  readonly now: number
}

/** A key's event with the configuration before and after it. */
export interface HistoryEvent {
  readonly seq: number
  /** Lifecycle clock, milliseconds. */
  readonly time: number
  readonly type: string
  readonly principal: string
  readonly requestId: string
  readonly before: StateView | undefined
  readonly after: StateView
  /** The other members of the event as JSON, without key material. */
  readonly payload: string
}

export interface StateView {
  readonly lifecycle: string
  readonly rotation: string
  readonly materialPresent: boolean
  readonly primaryVersionId: string | null
  readonly versionCount: number
  readonly deletionProtection: boolean
  readonly deletionDue: number | null
  readonly materialExpiry: number | null
  readonly nextRotation: number | null
}

export interface HistoryPage {
  readonly keyId: string
  readonly lastSeq: number
  /** In order. The number of the first one is the position of the page before. */
  readonly events: ReadonlyArray<HistoryEvent>
  /** Lifecycle states of the key up to the last event of the page. */
  readonly visited: ReadonlyArray<string>
}

/** One cell of "Allowed now". */
export interface Permitted {
  readonly operation: string
  readonly allowed: boolean
  /** What decides: nothing (the call would succeed), a policy, or the state of the key. */
  readonly decision: "ok" | "policy" | "state"
  readonly code?: string
  readonly httpStatus?: number
  /** What would allow the call. */
  readonly hint?: string
  readonly policy?: string
  readonly statement?: number
  /** The statement as JSON, if the caller may read its policy. */
  readonly statementText?: string
  /** The names of the policies that were evaluated, if none of them covers the call. */
  readonly evaluated?: ReadonlyArray<string>
}

/** A deadline of a key that the caller may view. */
export interface DueView {
  readonly keyId: string
  readonly region: string
  /** The first alias of the key, else its description, else its id. */
  readonly name: string
  readonly state: string
  readonly kind: string
  readonly dueAt: number
}

/** Deadlines, earliest first. `next` is the position of the next page; absent on the last page. */
export interface Timeline {
  readonly rows: ReadonlyArray<DueView>
  readonly next?: string
}

/** How often a principal used a key, and its last use. The sessions of a role count as the role. */
export interface UseCount {
  readonly principal: string
  readonly count: number
  /** Lifecycle clock, milliseconds. */
  readonly lastAt: number
  readonly lastOperation: string
}

/** The uses of a key in the audit log. Each list begins with the principal that used the key last. */
export interface KeyUses {
  readonly uses: ReadonlyArray<UseCount>
  /** Uses that were refused since the key was last scheduled for deletion. */
  readonly attempts: ReadonlyArray<UseCount>
  /** Counted segments of the log, and all segments. While the first number is lower, the page asks again. */
  readonly progress: { readonly read: number; readonly of: number }
}

/** How many audit records have one value of a member. */
export interface AuditValue {
  readonly value: string
  readonly count: number
}

/** The most frequent values of one member, and the number of other values and their records. */
export interface AuditFacet {
  readonly values: ReadonlyArray<AuditValue>
  readonly more: { readonly values: number; readonly count: number }
}

/** The audit records that match a filter, counted by what else they could be filtered by. */
export interface AuditCounts {
  readonly total: number
  /** The condition of the filter on a member does not apply to the counts of this member. */
  readonly facets: Readonly<Record<"operation" | "outcome" | "principal" | "keyId", AuditFacet>>
  /** Whether the whole log was counted. While not, more is to be asked for. */
  readonly isComplete: boolean
  /** How much of the log was counted, from 0 to 1. */
  readonly share: number
}

/** A change of state that a call makes. States have the ids of the diagram: `state.lifecycle.Enabled`. */
export interface Move {
  readonly operation: string
  readonly from: string
  readonly to: string
}

export interface AllowedNow {
  readonly keyId: string
  readonly principal: string
  readonly state: string
  readonly operations: ReadonlyArray<Permitted>
  /**
   * The result of each call in this state, by the key's own rules without policies: one change for each affected
   * region.
   */
  readonly moves: ReadonlyArray<Move>
  /** The key's own rules in each state that it can reach: operation, state, code or "ok". */
  readonly states: ReadonlyArray<{ readonly state: string; readonly codes: Readonly<Record<string, string>> }>
}
