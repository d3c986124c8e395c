/** What the console's pages and its server say to each other: types only, for both sides. */

/** A refusal as the API words it; `httpStatus` is what the same call gets from the API. */
export interface Refusal {
  readonly code: string
  readonly message: string
  readonly httpStatus: number
  readonly hint?: string
  readonly requestId?: string
}

/** Who is signed in, and where. */
export interface SessionView {
  /** ARN of the real caller; every call is made as this one. */
  readonly principal: string
  readonly kind: "root" | "user" | "role"
  readonly account: string
  /** Whether this is the root of the server's own account: it may move the clock and see the whole server. */
  readonly administersServer: boolean
  /** The longest waiting period of a deletion, in days. */
  readonly deletionWindowMax: number
  readonly region: string
  readonly regions: ReadonlyArray<string>
  /** Milliseconds of real time at which the session ends if nothing is done. */
  readonly expiresAt: number
  readonly clock: ClockView
}

export interface ClockView {
  readonly kind: "real" | "virtual"
  /** A virtual clock may stand still. */
  readonly mode: "running" | "frozen"
  /** The lifecycle clock, milliseconds. */
  readonly now: number
  /** A jump of the machine's clock that no person has decided on. */
  readonly doubt?: { readonly direction: "Forward" | "Backward"; readonly from: number; readonly to: number }
}

/** A key as lists and pages show it: DescribeKey's answer, and what else its configuration says. */
export interface KeyRow {
  readonly keyId: string
  /** Set where the caller may list the key and not look at it; nothing else is then. */
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
  /** Its newest event's number. */
  readonly epoch: number
  readonly deadlines: ReadonlyArray<{ readonly kind: string; readonly dueAt: number }>
  /** Undefined where the caller may not list them. */
  readonly aliases: ReadonlyArray<string> | undefined
  readonly tags: Readonly<Record<string, string>> | undefined
}

/** Everything at one moment; events go on from `at`. */
export interface Snapshot {
  /** Names the run of the server and the number of its last event: `3f2a-17`. */
  readonly at: string
  readonly keys: ReadonlyArray<KeyRow>
  /** Why there are no keys, where the caller may not list them. */
  readonly refused?: Refusal
  readonly clock: ClockView
}

/** One committed event: that something changed, where, and what it was called. What it is now is asked for. */
export interface HappeningView {
  readonly at: string
  readonly keyId: string
  readonly type: string
  readonly seq: number
  readonly now: number
}

/** A key's event with the states around it. */
export interface HistoryEvent {
  readonly seq: number
  /** Milliseconds of the lifecycle clock. */
  readonly time: number
  readonly type: string
  readonly principal: string
  readonly requestId: string
  readonly before: StateView | undefined
  readonly after: StateView
  /** What else the event carried, as JSON. Never material. */
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
  /** In order; those before the first can be asked for by its number. */
  readonly events: ReadonlyArray<HistoryEvent>
  /** Lifecycle states the key was in up to the last event of the page. */
  readonly visited: ReadonlyArray<string>
}

/** One cell of "Allowed now". */
export interface Permitted {
  readonly operation: string
  readonly allowed: boolean
  /** What settles it: nothing against it, a policy, or the key itself. */
  readonly decision: "ok" | "policy" | "state"
  readonly code?: string
  readonly httpStatus?: number
  /** What would make it legal. */
  readonly hint?: string
  readonly policy?: string
  readonly statement?: number
}

export interface AllowedNow {
  readonly keyId: string
  readonly principal: string
  readonly state: string
  readonly operations: ReadonlyArray<Permitted>
  /** The key's own rules in each state it can be in: operation, state, code or "ok". */
  readonly states: ReadonlyArray<{ readonly state: string; readonly codes: Readonly<Record<string, string>> }>
}
