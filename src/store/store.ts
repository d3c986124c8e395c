/** What the engine asks of a store. It is made from a driver, the port that authors of stores implement (`driver.ts`). */
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

/** What keys of a list must have: for each property given, one of its values. */
export interface KeyFilter extends StoredKeyFilter {
  /** Names of aliases, one of which is bound to the key. */
  readonly alias?: ReadonlyArray<string>
  /** KMS instances. No key here belongs to one. */
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
    /** Returns the new head hash once the change is durable. Concurrent commits share one flush. */
    readonly commit: (change: Change) => Effect.Effect<string, StoreConflict | StoreFailure>
    /** Keys of a realm that are not Deleted, oldest first, those a filter lets through if there is one. */
    readonly keys: (query: KeyQuery) => Effect.Effect<KeyPage, StoreFailure>
    /** Keys of a realm that count against its quota: made by users, not Deleted. */
    readonly userKeyCount: (realm: Realm) => Effect.Effect<number, StoreFailure>
    /** How many keys rest in each state, over all realms. */
    readonly census: Effect.Effect<Readonly<Record<LifecycleState, number>>, StoreFailure>
    /** Every key id there is, Deleted ones too, in order, after `after`. */
    readonly allKeyIds: (page: {
      readonly after: KeyId | undefined
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<KeyId>, StoreFailure>
    readonly journal: (page: {
      readonly keyId: KeyId
      readonly afterSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<HashedEntry>, StoreFailure>
    /** Deadlines due at `until` or before, earliest first; at one instant those of the key made first. */
    readonly due: (query: {
      readonly until: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<DueRow>, StoreFailure>
    readonly deadlinesOf: (keyId: KeyId) => Effect.Effect<ReadonlyArray<OwedDeadline>, StoreFailure>
    /** The instant of the earliest deadline of all. */
    readonly nextDue: Effect.Effect<
      { readonly dueAt: number; readonly kind: DeadlineKind; readonly keyId: KeyId } | undefined,
      StoreFailure
    >
    /** What no settle has struck off yet, in the order of the commits. */
    readonly owed: Effect.Effect<ReadonlyArray<OwedRow>, StoreFailure>
    readonly settle: (row: OwedRow) => Effect.Effect<void, StoreFailure>
    readonly alias: (realm: Realm, aliasName: string) => Effect.Effect<KeyId | undefined, StoreFailure>
    /** Names of a key's aliases, in the order in which they were made. */
    readonly aliasesOf: (keyId: KeyId) => Effect.Effect<ReadonlyArray<string>, StoreFailure>
    /** Aliases of a realm, or of one of its keys, in the order in which they were made. */
    readonly aliases: (query: {
      readonly realm: Realm
      readonly keyId?: KeyId
      readonly offset: number
      readonly limit: number
    }) => Effect.Effect<AliasPage, StoreFailure>
    readonly addImportSession: (row: ImportSessionRow) => Effect.Effect<void, StoreFailure>
    readonly importSession: (id: string) => Effect.Effect<ImportSessionRow | undefined, StoreFailure>
    /**
     * Counts a use of the session's token as a wrong one, before it is tried. Answers false, and counts nothing, if the
     * token has `failuresMax` wrong uses or is not there. Durable when it returns, so that no engine tries once more.
     */
    readonly countImportTry: (attempt: {
      readonly id: string
      readonly failuresMax: number
    }) => Effect.Effect<boolean, StoreFailure>
    /** Takes a counted use back that was not wrong. */
    readonly forgiveImportTry: (id: string) => Effect.Effect<void, StoreFailure>
    /** Every session there is, in the order in which they were made. */
    readonly importSessions: Effect.Effect<ReadonlyArray<ImportSessionRow>, StoreFailure>
    /** Erases the wrapping keys of sessions that expired at `now` or before, and answers which those were. */
    readonly forgetImportSessions: (now: number) => Effect.Effect<ReadonlyArray<ImportSessionRow>, StoreFailure>
    /**
     * Grants a version up to `count` more uses, and no more than `limit` in all; answers how many. Durable when it
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
    /** Newest first. Reads no others, however long the log is. */
    readonly auditSegmentsBefore: (page: {
      readonly beforeSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Segment>, StoreFailure>
    readonly appendNonces: (batch: NonceBatch) => Effect.Effect<void, StoreFailure>
    /** Batches that expire after `now`, oldest first; the others are forgotten. */
    readonly nonces: (now: number) => Effect.Effect<ReadonlyArray<NonceBatch>, StoreFailure>
    /** Forgets the batches that expire after `after`, and at `until` or before. */
    readonly forgetNonces: (range: {
      readonly after: number
      readonly until: number
    }) => Effect.Effect<void, StoreFailure>
    readonly meta: (name: string) => Effect.Effect<string | undefined, StoreFailure>
    /** Replaces a value. Fails as a conflict unless it was `from`; undefined for none. */
    readonly moveMeta: (move: {
      readonly name: string
      readonly from: string | undefined
      readonly to: string
    }) => Effect.Effect<void, StoreConflict | StoreFailure>
    readonly setMeta: (name: string, value: string) => Effect.Effect<void, StoreFailure>
    /**
     * Gives a name its first value, and answers the value it has. Of several writers at once one gives the value, and all
     * are answered the same.
     */
    readonly metaOnce: (name: string, value: string) => Effect.Effect<string, StoreFailure>
    /**
     * Replaces a value by what `edit` makes of it, where undefined leaves it as it is. `edit` is asked again if another
     * writer comes first. What it throws is damage of the row.
     */
    readonly editMeta: <A>(
      name: string,
      edit: (value: string | undefined) => { readonly to: string | undefined; readonly answer: A }
    ) => Effect.Effect<A, StoreFailure>
    /** Raises a safe integer to `value` and never lowers it. Answers what it is then. */
    readonly raiseMeta: (name: string, value: number) => Effect.Effect<number, StoreFailure>
    /** Overwrites what erased rows left behind in journals and free pages. */
    readonly scrub: Effect.Effect<void, StoreFailure>
    /** Why the last write failed; undefined once a write has succeeded. */
    readonly shortage: () => StoreUnavailable | undefined
    /** What is wrong below the port, one sentence each: damaged pages, rows that belong to nothing. Reads everything. */
    readonly faults: Effect.Effect<ReadonlyArray<string>, StoreFailure>
    /** What the store below the port must be, and whether it is, asked anew. */
    readonly conditions: Effect.Effect<ReadonlyArray<StoreCondition>, StoreFailure>
    /** Commits of this engine that another writer came before. Nothing of them was written. */
    readonly conflicts: () => number
    /** Present if other engines may change the same store at any time. */
    readonly shared: SharedAbility | undefined
    /** Takes on deadlines that are due, so that no other engine tries them meanwhile. Present with `shared`. */
    readonly claimDue: ((claim: DueClaim) => Effect.Effect<ReadonlyArray<DueRow>, StoreFailure>) | undefined
  }
>()("keystate/store/Store") {}
