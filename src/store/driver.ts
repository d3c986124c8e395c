/** The port that a store implements: four methods over flat rows. All else is written once above it, in `makeStore.ts`. */
import { Context, Data } from "effect"
import type { Effect } from "effect"
import type { Plan } from "../plan/plan.ts"
import type { HashText } from "../records/hashChain.ts"
import type { Range, RowId, Scan, StoredRow, TableName } from "../records/storedRows.ts"

/**
 * The store cannot be read or written now, and why, in a sentence an operator can act on. The same call may succeed
 * later. Nothing was changed, unless `outcome` says that this is not known.
 */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{
  readonly reason: "DiskFull" | "QuotaExceeded" | "FileTooLarge" | "ReadOnly" | "Unreadable" | "Unreachable" | "Closed"
  readonly message: string
  /** `Unknown`: the change may have become durable, and must not be reported as undone. */
  readonly outcome?: "Unknown"
}> {}

/**
 * A stored row, or the page it stands on, cannot be decoded. Trying again does not help; `keystate verify` names what is
 * damaged, and a backup replaces it. Other rows can still be read.
 */
export class StoreDamaged extends Data.TaggedError("StoreDamaged")<{ readonly message: string }> {}

/** Every way in which a read can fail. A write can also conflict. */
export type StoreFailure = StoreUnavailable | StoreDamaged

/**
 * Something is not as the plan was decided on: a row has another revision, or a range is full (`quota`). Nothing of the
 * plan was written. The engine reads the rows again and decides again.
 */
export class StoreConflict extends Data.TaggedError("StoreConflict")<{
  readonly on: TableName | "quota"
  readonly id: RowId
}> {}

/** The store cannot be opened, and why, in a sentence an operator can act on. */
export class StoreUnusable extends Data.TaggedError("StoreUnusable")<{ readonly message: string }> {}

/**
 * What an author of a store writes. `keystate/conformance/store` checks every promise made here.
 *
 * A read answers only what is durable, and everything that was acknowledged before the read began. No method fails with
 * a defect because of trouble below it: an unreachable database, a full disk or a damaged row is a typed failure. After
 * the store was closed, every method fails with `StoreUnavailable`, reason `Closed`.
 */
export interface StoreDriver {
  /** The row with this id (`idOf`), or undefined. The caller may keep and change what it gets, and what it gave. */
  readonly get: <T extends TableName>(table: T, id: RowId) => Effect.Effect<StoredRow<T> | undefined, StoreFailure>
  /**
   * Rows of a range in the order of its index, from an offset on. `indexes` says which rows stand where. Rows at the same
   * place come in the order they were made in, except in `deadlines.due`, where a store may choose one fixed order.
   * `keys.users` and `keys.byState` are only counted,
   * `newestFirst` is asked of `audit.bySeq` and `versions.ofKey` only, and `where` of `keys.live` only.
   */
  readonly scan: <T extends TableName>(scan: Scan<T>) => Effect.Effect<ReadonlyArray<StoredRow<T>>, StoreFailure>
  /** How many rows the range holds. A store answers it without reading them where it can. */
  readonly count: <T extends TableName>(range: Range<T>) => Effect.Effect<number, StoreFailure>
  /**
   * Carries out a plan in one transaction: all of it is durable when this returns, or nothing is. Of two plans that
   * check the same revision of a row and change it, one conflicts. Plans that wait at the same time may share a
   * transaction and a flush; each has its own outcome, and a plan that fails harms no other. The lines of the plans of a
   * transaction become one segment at the end of the audit log (`segmentAfter`), so that the log is one chain without
   * gaps, whoever wrote it.
   *
   * `execute` carries out a plan on rows that answer at once. A store on a remote database sends the plan there instead.
   */
  readonly commit: (plan: Plan) => Effect.Effect<void, StoreConflict | StoreFailure>
  /** What some stores can do besides. */
  readonly abilities?: StoreAbilities
}

/** The name of a row. */
export interface RowName {
  readonly table: TableName
  readonly id: RowId
}

/** What makes a signed request unlike every other. */
export interface NonceUse {
  /** 128 bits as Base64. */
  readonly fingerprint: string
  /** The timestamp of the request, milliseconds. */
  readonly stampMillis: number
  /** The store may forget the fingerprint when its clock is past this, milliseconds. */
  readonly expiresAt: number
}

/** What an engine asks before it relies on what it remembers. */
export interface ProofQuestion {
  /** Each row once. */
  readonly rows: ReadonlyArray<RowName>
  readonly nonces: ReadonlyArray<NonceUse>
}

export interface ProofAnswer {
  /** The revision (`revisionOf`) of each row of the question, in its order; undefined where there is no row. */
  readonly revisions: ReadonlyArray<string | undefined>
  /** For each nonce, in order: whether no question named its fingerprint before, through any handle. */
  readonly fresh: ReadonlyArray<boolean>
  /** The store's clock, milliseconds. */
  readonly now: number
  /** The store may have forgotten fingerprints of requests stamped before this instant, milliseconds. 0 if it has not. */
  readonly era: number
}

/** Deadlines that one engine takes on for some time, so that the others need not try them too. */
export interface DueClaim {
  readonly until: number
  readonly limit: number
  /** How long the claim holds by the store's clock, milliseconds. */
  readonly forMillis: number
}

/** What an engine says of itself to the others that use the same store. */
export interface NodeReport {
  /** Drawn at each start. */
  readonly id: string
  /** What an operator calls it. Two engines may have the same name. */
  readonly name: string
  /** The version of its program. */
  readonly version: string
  /** Its clock less the store's, milliseconds. */
  readonly clockOffsetMillis: number
  /** What holds its keys of level HSM. */
  readonly hsm: string
}

/** An engine as the store knows it. Instants are of the store's clock, milliseconds. */
export interface NodeRow extends NodeReport {
  /** When it first said that it is there. */
  readonly since: number
  /** When it last did. */
  readonly seen: number
  /** The newest schema of the store that its program knows. */
  readonly schema: number
}

/** The engines that use a store, as far as they say so. */
export interface NodeList {
  /** The store's clock when the list was read. */
  readonly now: number
  /** The one that has been there longest comes first. */
  readonly nodes: ReadonlyArray<NodeRow>
}

/**
 * A list of engines for operators, and for work that must not run beside another engine. An engine that is not in it may
 * still run: nothing that must always hold may follow from it.
 */
export interface NodesAbility {
  /** Writes down that an engine is there, and forgets those that were silent for a day. Answers the store's clock. */
  readonly announce: (report: NodeReport) => Effect.Effect<number, StoreFailure>
  /** Takes an engine off the list. */
  readonly withdraw: (id: string) => Effect.Effect<void, StoreFailure>
  readonly list: Effect.Effect<NodeList, StoreFailure>
}

/** What a store offers that several engines may open at once. A store without it has one engine. */
export interface SharedAbility {
  /**
   * Answers for one instant, which is not before the question was asked: every commit that was acknowledged before, through
   * any handle, is in the answer. It answers or fails within 2 seconds. When it fails, the fingerprints may be used up.
   *
   * A fingerprint that is stamped ahead of the store's clock survives a crash of the store. After a crash that lost others,
   * `era` is later than all that were lost.
   */
  readonly prove: (question: ProofQuestion) => Effect.Effect<ProofAnswer, StoreFailure>
  /**
   * Deadlines due at `until` or before that no claim holds, earliest first. They are claimed until `forMillis` have passed:
   * no engine gets them meanwhile, the claimer included. A deadline that is put again with other values is not claimed.
   */
  readonly claimDue: (claim: DueClaim) => Effect.Effect<ReadonlyArray<StoredRow<"deadlines">>, StoreFailure>
  /** The engines that use the store. */
  readonly nodes: NodesAbility
}

/** One thing that a store below the port must be, and whether it is. */
export interface StoreCondition {
  /** One word, such as `primary`. */
  readonly name: string
  readonly ok: boolean
  /** What was found. */
  readonly detail: string
  /** What an operator should do, in one sentence; absent if nothing. */
  readonly hint?: string
}

/** Rows of a range, and how many the whole range holds. */
export interface CountedPage<T extends TableName> {
  readonly rows: ReadonlyArray<StoredRow<T>>
  readonly total: number
}

/** Optional: a store leaves out what it cannot do. */
export interface StoreAbilities {
  /** What `scan` and `count` answer, of one instant. Without it they are asked one after the other. */
  readonly page?: <T extends TableName>(scan: Scan<T>) => Effect.Effect<CountedPage<T>, StoreFailure>
  /** Present if several engines may open the store at once, on any number of machines. */
  readonly shared?: SharedAbility
  /** Overwrites what erased rows left behind in journals and free pages. Without it, erased bytes stay until overwritten. */
  readonly scrub?: Effect.Effect<void, StoreFailure>
  /** Why the last write failed; undefined once a write has succeeded. */
  readonly shortage?: () => StoreUnavailable | undefined
  /** What is wrong below the port, one sentence each: damaged pages, rows that belong to nothing. Reads everything. */
  readonly faults?: Effect.Effect<ReadonlyArray<string>, StoreFailure>
  /** What the store must be, asked anew each time. A server whose store is not as it must be takes no calls. */
  readonly conditions?: Effect.Effect<ReadonlyArray<StoreCondition>, StoreFailure>
  /** A faster SHA-256 (text to hexadecimal) than the portable one, if the runtime has one. */
  readonly hash?: HashText
}

/** A store made by its author, as the engine takes it. */
export class Driver extends Context.Service<Driver, StoreDriver>()("keystate/store/Driver") {}
