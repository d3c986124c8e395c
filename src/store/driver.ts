/** The port that a store implements: four methods over flat rows. `makeStore.ts` builds everything else on it. */
import { Context, Data } from "effect"
import type { Effect } from "effect"
import type { Plan } from "../plan/plan.ts"
import type { HashText } from "../records/hashChain.ts"
import type { Range, RowId, Scan, StoredRow, TableName } from "../records/storedRows.ts"

/**
 * The store cannot be read or written now. The reason is a sentence that an operator can act on. The same call may
 * succeed later. Nothing was changed, unless `outcome` says that this is unknown.
 */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{
  readonly reason: "DiskFull" | "QuotaExceeded" | "FileTooLarge" | "ReadOnly" | "Unreadable" | "Unreachable" | "Closed"
  readonly message: string
  /** `Unknown`: the change may have become durable, and must not be reported as undone. */
  readonly outcome?: "Unknown"
}> {}

/**
 * A stored row, or its page, cannot be decoded. Trying again does not help. `keystate verify` names the damage, and a
 * backup replaces it. Other rows can still be read.
 */
export class StoreDamaged extends Data.TaggedError("StoreDamaged")<{ readonly message: string }> {}

/** Every way in which a read can fail. A write can also conflict. */
export type StoreFailure = StoreUnavailable | StoreDamaged

/**
 * A row or range differs from the one that the plan was decided on: a row has another revision, or a range is full
 * (`quota`). No part of the plan was written. The engine reads the rows again and repeats the decision.
 */
export class StoreConflict extends Data.TaggedError("StoreConflict")<{
  readonly on: TableName | "quota"
  readonly id: RowId
}> {}

/** The store cannot be opened. The message is a sentence that an operator can act on. */
export class StoreUnusable extends Data.TaggedError("StoreUnusable")<{
  readonly message: string
  /** `InUse`: another process has the store, such as a running server. */
  readonly reason?: "InUse"
}> {}

/**
 * The interface that an author of a store implements. `keystate/conformance/store` checks every promise made here.
 *
 * A read returns only durable data, including everything acknowledged before the read began. A problem below a method
 * is never a defect: an unreachable database, a full disk or a damaged row is a typed failure. After the store was
 * closed, every method fails with `StoreUnavailable`, reason `Closed`.
 */
export interface StoreDriver {
  /** The row with this id (`idOf`), or undefined. The caller may store and change its argument and the result. */
  readonly get: <T extends TableName>(table: T, id: RowId) => Effect.Effect<StoredRow<T> | undefined, StoreFailure>
  /**
   * Rows of a range in the order of its index, from an offset on. `indexes` defines the order. Rows at the same place
   * are in the order of creation, except in `deadlines.due`, where a store may choose one fixed order. `keys.users` and
   * `keys.byState` are only counted. `newestFirst` is used only with `audit.bySeq` and `versions.ofKey`, and `where`
   * only with `keys.live`.
   */
  readonly scan: <T extends TableName>(scan: Scan<T>) => Effect.Effect<ReadonlyArray<StoredRow<T>>, StoreFailure>
  /** The number of rows in the range. A store should count without reading them where it can. */
  readonly count: <T extends TableName>(range: Range<T>) => Effect.Effect<number, StoreFailure>
  /**
   * Executes a plan in one transaction: all of it is durable when this returns, or none. Of two plans that check the
   * same revision of a row and change it, one conflicts. Plans that wait at the same time may share a transaction and a
   * flush. Each has its own outcome, and a plan that fails does not affect the others. The lines of the plans of a
   * transaction become one segment at the end of the audit log (`segmentAfter`). So the log is one chain without gaps,
   * for any number of writers.
   *
   * `execute` runs a plan on rows that answer synchronously. A store on a remote database sends the plan there instead.
   */
  readonly commit: (plan: Plan) => Effect.Effect<void, StoreConflict | StoreFailure>
  /** Optional abilities of a store. */
  readonly abilities?: StoreAbilities
}

/** The name of a row. */
export interface RowName {
  readonly table: TableName
  readonly id: RowId
}

/** The data that identifies a signed request. */
export interface NonceUse {
  /** 128 bits as Base64. */
  readonly fingerprint: string
  /** The timestamp of the request, milliseconds. */
  readonly stampMillis: number
  /** The store may delete the fingerprint after this time of its clock, in milliseconds. */
  readonly expiresAt: number
}

/** The question of an engine before it relies on data in memory. */
export interface ProofQuestion {
  /** Each row once. */
  readonly rows: ReadonlyArray<RowName>
  readonly nonces: ReadonlyArray<NonceUse>
}

/** The answer of a store to a `ProofQuestion`. */
export interface ProofAnswer {
  /** The revision (`revisionOf`) of each row of the question, in the same order; undefined for an absent row. */
  readonly revisions: ReadonlyArray<string | undefined>
  /** For each nonce, in order: whether no earlier question named its fingerprint, through any handle. */
  readonly fresh: ReadonlyArray<boolean>
  /** The store's clock, milliseconds. */
  readonly now: number
  /** The store may have lost fingerprints of requests stamped before this time, in milliseconds. 0 if it has not. */
  readonly era: number
}

/** Deadlines that one engine claims for some time, so that other engines do not also perform them. */
export interface DueClaim {
  readonly until: number
  readonly limit: number
  /** The duration of the claim by the store's clock, in milliseconds. */
  readonly forMillis: number
}

/** The report of an engine about itself to the other engines of the store. */
export interface NodeReport {
  /** Drawn at each start. */
  readonly id: string
  /** The name for operators. Two engines may have the same name. */
  readonly name: string
  /** The version of its program. */
  readonly version: string
  /** Its clock minus the store's clock, in milliseconds. */
  readonly clockOffsetMillis: number
  /** The holder of its keys of level HSM. */
  readonly hsm: string
}

/** An engine as the store knows it. Times are of the store's clock, in milliseconds. */
export interface NodeRow extends NodeReport {
  /** The time of its first report. */
  readonly since: number
  /** The time of its latest report. */
  readonly seen: number
  /** The newest schema of the store that its program knows. */
  readonly schema: number
}

/** The store may have lost fingerprints of requests with an earlier timestamp, in milliseconds. 0 if it has not. */
export interface NodeList {
  /** The store's clock when the list was read. */
  readonly now: number
  /** In the order of their start, oldest first. */
  readonly nodes: ReadonlyArray<NodeRow>
}

/**
 * A list of engines for operators, and for work that must not run beside another engine. An engine that is missing may
 * still run, so no safety property may depend on the list.
 */
export interface NodesAbility {
  /**
   * Records that an engine is running, and removes those that were silent for a day. Returns the time of the store's
   * clock.
   */
  readonly announce: (report: NodeReport) => Effect.Effect<number, StoreFailure>
  /** Removes an engine from the list. */
  readonly withdraw: (id: string) => Effect.Effect<void, StoreFailure>
  readonly list: Effect.Effect<NodeList, StoreFailure>
}

/** The ability of a store that several engines may open at once. A store without it has one engine. */
export interface SharedAbility {
  /**
   * Answers for one time that is not before the question: the answer includes every commit acknowledged earlier,
   * through any handle. It answers or fails within 2 seconds. When it fails, the fingerprints may be used up.
   *
   * A fingerprint with a timestamp ahead of the store's clock survives a crash of the store. After a crash that lost
   * others, `era` is later than all of the lost ones.
   */
  readonly prove: (question: ProofQuestion) => Effect.Effect<ProofAnswer, StoreFailure>
  /**
   * Deadlines due at `until` or before that no claim holds, earliest first. They are claimed for `forMillis`: no engine
   * gets them in that time, not even the claimer. A deadline that is replaced with other values is not claimed.
   */
  readonly claimDue: (claim: DueClaim) => Effect.Effect<ReadonlyArray<StoredRow<"deadlines">>, StoreFailure>
  /** The engines that use the store. */
  readonly nodes: NodesAbility
}

/** A condition on the system below the store, and whether it holds. */
export interface StoreCondition {
  /** One word, such as `primary`. */
  readonly name: string
  readonly ok: boolean
  /** What the check found. */
  readonly detail: string
  /** What an operator should do, in one sentence; absent if nothing. */
  readonly hint?: string
}

/** Rows of a range, and the number of rows in the whole range. */
export interface CountedPage<T extends TableName> {
  readonly rows: ReadonlyArray<StoredRow<T>>
  readonly total: number
}

/** Optional: a store leaves out the abilities that it lacks. */
export interface StoreAbilities {
  /** The results of `scan` and `count` for the same time. Without it the engine calls both, one after the other. */
  readonly page?: <T extends TableName>(scan: Scan<T>) => Effect.Effect<CountedPage<T>, StoreFailure>
  /** Present if several engines may open the store at once, on any number of machines. */
  readonly shared?: SharedAbility
  /**
   * Overwrites the remains of erased rows in journals and free pages. Without it, erased bytes remain until they are
   * overwritten.
   */
  readonly scrub?: Effect.Effect<void, StoreFailure>
  /** Why the last write failed; undefined once a write has succeeded. */
  readonly shortage?: () => StoreUnavailable | undefined
  /** The faults below the port, one sentence each: damaged pages, rows without a parent. Reads everything. */
  readonly faults?: Effect.Effect<ReadonlyArray<string>, StoreFailure>
  /** The conditions of the store, checked anew each time. A server accepts no calls while one does not hold. */
  readonly conditions?: Effect.Effect<ReadonlyArray<StoreCondition>, StoreFailure>
  /** A faster SHA-256 (text to hexadecimal) than the portable one, if the runtime has one. */
  readonly hash?: HashText
}

/** A store of an author outside this package, for the engine. */
export class Driver extends Context.Service<Driver, StoreDriver>()("keystate/store/Driver") {}
