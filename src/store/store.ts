/** The store as the engine uses it. It is built on a driver, the port that authors of stores implement (`driver.ts`). */
import { Context } from "effect"
import type { Effect } from "effect"
import type { OwedDeadline } from "../../machines/deadlines.ts"
import type { LifecycleState, DeadlineKind } from "../../machines/vocabulary.ts"
import type { KeyId, KeyVersionId, Realm } from "../domain/ids.ts"
import type { KeyFilter as StoredKeyFilter } from "../records/storedRows.ts"
import type {
  DueClaim,
  SharedAbility,
  StoreCondition,
  StoreConflict,
  StoreFailure,
  StoreUnavailable
} from "./driver.ts"
import type {
  AliasRow,
  Change,
  DueRow,
  HashedEntry,
  ImportSessionRow,
  KeyRow,
  NonceBatch,
  OwedRow,
  RamChange,
  RamRecord,
  Segment,
  VersionRow
} from "../records/rows.ts"

export interface KeyPage {
  readonly total: number
  readonly keyIds: ReadonlyArray<KeyId>
}

/** Conditions on the keys of a list: for each given property, one of its values must match. */
export interface KeyFilter extends StoredKeyFilter {
  /** Names of aliases, one of which must be bound to the key. */
  readonly alias?: ReadonlyArray<string>
  /** KMS instances. Keys of this service do not belong to one. */
  readonly instance?: ReadonlyArray<string>
}

export interface KeyQuery {
  readonly realm: Realm
  readonly offset: number
  readonly limit: number
  readonly filter?: KeyFilter
}

export interface AliasPage {
  readonly total: number
  readonly aliases: ReadonlyArray<AliasRow>
}

export { StoreConflict, StoreDamaged, StoreUnavailable, StoreUnusable } from "./driver.ts"
export type { NodeRow, NonceUse, ProofAnswer, RowName, SharedAbility, StoreCondition, StoreFailure } from "./driver.ts"

export class Store extends Context.Service<
  Store,
  {
    readonly key: (keyId: KeyId) => Effect.Effect<KeyRow | undefined, StoreFailure>
    /** Newest first. */
    readonly versions: (keyId: KeyId) => Effect.Effect<ReadonlyArray<VersionRow>, StoreFailure>
    readonly version: (keyId: KeyId, keyVersionId: KeyVersionId) => Effect.Effect<VersionRow | undefined, StoreFailure>
    /** Returns the new head hash when the change is durable. Concurrent commits share one flush. */
    readonly commit: (change: Change) => Effect.Effect<string, StoreConflict | StoreFailure>
    /** Keys of a realm except Deleted ones, oldest first, that pass the filter if there is one. */
    readonly keys: (query: KeyQuery) => Effect.Effect<KeyPage, StoreFailure>
    /** The rows of the keys of a realm except Deleted ones, oldest first. Counts nothing, unlike `keys`. */
    readonly keyRows: (page: {
      readonly realm: Realm
      readonly offset: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<KeyRow>, StoreFailure>
    /** Keys of a realm that count for its quota: created by users, not Deleted. */
    readonly userKeyCount: (realm: Realm) => Effect.Effect<number, StoreFailure>
    /** The number of keys in each state, over all realms. */
    readonly census: Effect.Effect<Readonly<Record<LifecycleState, number>>, StoreFailure>
    /** All key ids, including Deleted keys, in order, after `after`. */
    readonly allKeyIds: (page: {
      readonly after: KeyId | undefined
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<KeyId>, StoreFailure>
    readonly journal: (page: {
      readonly keyId: KeyId
      readonly afterSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<HashedEntry>, StoreFailure>
    /** Deadlines due at `until` or before, earliest first; at the same time in the order of the keys' creation. */
    readonly due: (query: {
      readonly until: number
      /** Only deadlines that are due later. */
      readonly after?: number
      readonly offset?: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<DueRow>, StoreFailure>
    readonly deadlinesOf: (keyId: KeyId) => Effect.Effect<ReadonlyArray<OwedDeadline>, StoreFailure>
    /** The time of the earliest deadline. */
    readonly nextDue: Effect.Effect<
      { readonly dueAt: number; readonly kind: DeadlineKind; readonly keyId: KeyId } | undefined,
      StoreFailure
    >
    /** Commands that are not settled yet, in the order of the commits. */
    readonly owed: Effect.Effect<ReadonlyArray<OwedRow>, StoreFailure>
    readonly settle: (row: OwedRow) => Effect.Effect<void, StoreFailure>
    readonly alias: (realm: Realm, aliasName: string) => Effect.Effect<KeyId | undefined, StoreFailure>
    /** Names of a key's aliases, in the order of creation. */
    readonly aliasesOf: (keyId: KeyId) => Effect.Effect<ReadonlyArray<string>, StoreFailure>
    /** Aliases of a realm, or of one of its keys, in the order of creation. */
    readonly aliases: (query: {
      readonly realm: Realm
      readonly keyId?: KeyId
      readonly offset: number
      readonly limit: number
    }) => Effect.Effect<AliasPage, StoreFailure>
    readonly addImportSession: (row: ImportSessionRow) => Effect.Effect<void, StoreFailure>
    readonly importSession: (id: string) => Effect.Effect<ImportSessionRow | undefined, StoreFailure>
    /**
     * Counts a use of the session's token as wrong, before it is tried. Returns false, and counts nothing, if the token
     * has `failuresMax` wrong uses or does not exist. Durable when it returns, so that no engine makes another try.
     */
    readonly countImportTry: (attempt: {
      readonly id: string
      readonly failuresMax: number
    }) => Effect.Effect<boolean, StoreFailure>
    /** Removes a counted use that was not wrong. */
    readonly forgiveImportTry: (id: string) => Effect.Effect<void, StoreFailure>
    /** All sessions, in the order of creation. */
    readonly importSessions: Effect.Effect<ReadonlyArray<ImportSessionRow>, StoreFailure>
    /** Erases the wrapping keys of sessions that expired at `now` or before, and returns these sessions. */
    readonly forgetImportSessions: (now: number) => Effect.Effect<ReadonlyArray<ImportSessionRow>, StoreFailure>
    /**
     * Grants a version up to `count` more uses, and at most `limit` in total; returns their number. Durable when it
     * returns, so that no restart grants them again.
     */
    readonly reserveInvocations: (reservation: {
      readonly keyId: KeyId
      readonly keyVersionId: KeyVersionId
      readonly count: number
      readonly limit: number
    }) => Effect.Effect<number, StoreFailure>
    readonly ramRecords: Effect.Effect<ReadonlyArray<RamRecord>, StoreFailure>
    /** The number of the newest change of access control; 0 before the first. */
    readonly ramVersion: Effect.Effect<number, StoreFailure>
    /** Fails as a conflict, and changes nothing, unless `after` is the newest change. */
    readonly changeRam: (change: RamChange) => Effect.Effect<void, StoreConflict | StoreFailure>
    /** Durable when it returns. Lines are hashed onto the audit chain in order. */
    readonly appendAudit: (lines: ReadonlyArray<string>) => Effect.Effect<void, StoreFailure>
    readonly auditSegments: (page: {
      readonly afterSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Segment>, StoreFailure>
    /** Newest first. Reads no other segments, for any length of the log. */
    readonly auditSegmentsBefore: (page: {
      readonly beforeSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Segment>, StoreFailure>
    readonly appendNonces: (batch: NonceBatch) => Effect.Effect<void, StoreFailure>
    /** Batches that expire after `now`, oldest first. The others are deleted. */
    readonly nonces: (now: number) => Effect.Effect<ReadonlyArray<NonceBatch>, StoreFailure>
    /** Deletes the batches that expire after `after`, and at `until` or before. */
    readonly forgetNonces: (range: {
      readonly after: number
      readonly until: number
    }) => Effect.Effect<void, StoreFailure>
    readonly meta: (name: string) => Effect.Effect<string | undefined, StoreFailure>
    /** Replaces a value. Conflicts unless the value was `from`; undefined for no value. */
    readonly moveMeta: (move: {
      readonly name: string
      readonly from: string | undefined
      readonly to: string
    }) => Effect.Effect<void, StoreConflict | StoreFailure>
    readonly setMeta: (name: string, value: string) => Effect.Effect<void, StoreFailure>
    /**
     * Gives a name its first value, and returns its value. Of several simultaneous writers one sets the value, and all
     * get the same result.
     */
    readonly metaOnce: (name: string, value: string) => Effect.Effect<string, StoreFailure>
    /**
     * Replaces a value by the result of `edit`; undefined leaves it unchanged. `edit` is called again after a conflict.
     * An exception of `edit` is damage of the row.
     */
    readonly editMeta: <A>(
      name: string,
      edit: (value: string | undefined) => { readonly to: string | undefined; readonly answer: A }
    ) => Effect.Effect<A, StoreFailure>
    /** Raises a safe integer to `value` and never lowers it. Returns the result. */
    readonly raiseMeta: (name: string, value: number) => Effect.Effect<number, StoreFailure>
    /** Overwrites the remains of erased rows in journals and free pages. */
    readonly scrub: Effect.Effect<void, StoreFailure>
    /** Why the last write failed; undefined once a write has succeeded. */
    readonly shortage: () => StoreUnavailable | undefined
    /** The faults below the port, one sentence each: damaged pages, rows without a parent. Reads everything. */
    readonly faults: Effect.Effect<ReadonlyArray<string>, StoreFailure>
    /** The conditions of the system below the port, checked anew. */
    readonly conditions: Effect.Effect<ReadonlyArray<StoreCondition>, StoreFailure>
    /** The number of this engine's commits that conflicted. Nothing of them was written. */
    readonly conflicts: () => number
    /** Present if other engines may change the same store at any time. */
    readonly shared: SharedAbility | undefined
    /** Claims deadlines that are due, so that no other engine performs them in that time. Present with `shared`. */
    readonly claimDue: ((claim: DueClaim) => Effect.Effect<ReadonlyArray<DueRow>, StoreFailure>) | undefined
  }
>()("keystate/store/Store") {}
