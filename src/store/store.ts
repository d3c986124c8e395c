/** The port to durable storage: one unit of commit, few reads, nothing vendor-specific. */
import { Context, Data } from "effect"
import type { Effect } from "effect"
import type { CmkCommand, CmkEvent, CmkInput, LifecycleState, StoredSnapshot } from "../../machines/cmk.ts"
import type { DeadlineKind, OwedDeadline } from "../../machines/deadlines.ts"
import type { StoredMaterial } from "../crypto/provider.ts"
import type { WrappingAlgorithm, WrappingKeySpec } from "../domain/algorithms.ts"
import type { AccountId, KeyId, KeyVersionId, Realm } from "../domain/ids.ts"

/** What a key carries that decides nothing about its life. */
export interface KeyMetadata {
  readonly description: string
  /** The account for user keys, a service code such as OSS for service keys. */
  readonly creator: string
  readonly createdAt: number
  /** The key policy as it was given; absent while the key has the default one. */
  readonly policy?: string
  /** Absent while the key has none. */
  readonly tags?: Readonly<Record<string, string>>
  /** Why deletion protection is on, if whoever switched it on said so. */
  readonly deletionProtectionDescription?: string
  /** Its material came from a seed file: it is known outside, and may be written into one again. */
  readonly seeded?: true
}

export interface KeyRow {
  readonly keyId: KeyId
  readonly realm: Realm
  readonly metadata: KeyMetadata
  /** Its epoch is the number of its newest journal event. */
  readonly snapshot: StoredSnapshot
  /** Hash of its newest journal event, hexadecimal. */
  readonly head: string
}

export interface VersionRow {
  readonly keyId: KeyId
  readonly keyVersionId: KeyVersionId
  readonly createdAt: number
  /** Undefined once the material was erased, or before external material was imported. */
  readonly stored: StoredMaterial | undefined
}

/** What happened to a key, and all that is needed to compute it again. */
export type JournalPayload =
  | { readonly type: "CreateKey"; readonly input: CmkInput; readonly realm: Realm; readonly metadata: KeyMetadata }
  | {
      readonly type: "Event"
      readonly event: CmkEvent
      readonly metadata?: KeyMetadata
      readonly aliases?: ReadonlyArray<AliasMove>
    }

export interface JournalEntry {
  readonly keyId: KeyId
  /** 1 for CreateKey, then one more for each event; equal to the epoch the event led to. */
  readonly seq: number
  readonly at: number
  /** Who caused it: a principal's ARN, or `clock`. */
  readonly principal: string
  readonly requestId: string
  readonly payload: JournalPayload
}

export interface HashedEntry extends JournalEntry {
  readonly previous: string
  readonly hash: string
}

/** One line of the audit log: a call or an automatic transition. Never material, never plaintext. */
export interface AuditRecord {
  readonly at: number
  readonly requestId: string
  readonly principal: string
  readonly operation: string
  readonly keyId: string | null
  /** `Success`, or the code of the refusal. */
  readonly outcome: string
  readonly before: LifecycleState | null
  readonly after: LifecycleState | null
  /** Set on a call that an operator should look at: somebody still uses a key that is about to be deleted. */
  readonly alarm?: "PendingDeletionUse"
  /** What of access control was changed: `user/alice`. */
  readonly subject?: string
}

/** An alias bound, moved or removed. It fails as a conflict unless the alias is bound as `from` says. */
export interface AliasMove {
  readonly aliasName: string
  readonly from: KeyId | null
  /** The key of the change, or null: an alias can only come to a key whose epoch is checked with it. */
  readonly to: KeyId | null
}

/** Everything one decision changes. All of it becomes durable in one transaction, or none of it. */
export interface Change {
  readonly keyId: KeyId
  readonly realm: Realm
  /** The epoch the decision was taken in; 0 for a new key. The commit fails if the stored key has moved on. */
  readonly expectedEpoch: number
  readonly entry: JournalEntry
  readonly snapshot: StoredSnapshot
  readonly metadata: KeyMetadata
  /** The key's deadlines from now on; they replace all it had. */
  readonly deadlines: ReadonlyArray<OwedDeadline>
  /** Rows to add. An external key's row that is there already takes the material imported into it. */
  readonly newVersions: ReadonlyArray<VersionRow>
  /** Erases the sealed material of every version of the key. The version rows stay. */
  readonly eraseMaterial: boolean
  /** Removes every alias of the key. */
  readonly dropAliases: boolean
  readonly aliases?: ReadonlyArray<AliasMove>
  /** Work to be carried out after the commit, and again after a crash until it is cleared. */
  readonly owed: ReadonlyArray<CmkCommand>
  readonly audit: AuditRecord
}

export interface DueRow extends OwedDeadline {
  readonly keyId: KeyId
}

export interface OwedRow {
  readonly keyId: KeyId
  readonly seq: number
  readonly command: CmkCommand
}

export interface KeyPage {
  readonly total: number
  readonly keyIds: ReadonlyArray<KeyId>
}

/** What keys of a list must have: for each property given, one of its values. */
export interface KeyFilter {
  readonly state?: ReadonlyArray<string>
  readonly spec?: ReadonlyArray<string>
  readonly usage?: ReadonlyArray<string>
  readonly protection?: ReadonlyArray<string>
  /** `User` or `Service`. */
  readonly creatorType?: ReadonlyArray<string>
  readonly keyId?: ReadonlyArray<string>
  /** Names of aliases, one of which is bound to the key. */
  readonly alias?: ReadonlyArray<string>
  /** The account, or the code of the service. */
  readonly creator?: ReadonlyArray<string>
  /** Keys and values of tags: one tag has to match both. */
  readonly tagKey?: ReadonlyArray<string>
  readonly tagValue?: ReadonlyArray<string>
  /** KMS instances. No key here belongs to one. */
  readonly instance?: ReadonlyArray<string>
}

export interface AliasRow {
  readonly aliasName: string
  readonly keyId: KeyId
}

export interface AliasPage {
  readonly total: number
  readonly aliases: ReadonlyArray<AliasRow>
}

/** The wrapping pair behind an import token, and how often the token was used wrongly. */
export interface ImportSessionRow {
  readonly id: string
  readonly keyId: KeyId
  readonly wrappingKeySpec: WrappingKeySpec
  readonly wrappingAlgorithm: WrappingAlgorithm
  readonly expiresAt: number
  readonly failures: number
  /** The private half, sealed under the root key for this session. */
  readonly sealed: Uint8Array
}

/** The kinds of records that access control has. */
export const ramKinds = ["account", "user", "group", "role", "policy", "settings"] as const

/** A record of an account's access control by its kind and name. The store does not read what is in it. */
export interface RamName {
  readonly account: AccountId
  readonly kind: (typeof ramKinds)[number]
  readonly name: string
}

export interface RamRecord extends RamName {
  /** JSON. Secrets in it are sealed. */
  readonly record: string
}

/** One change of access control; durable together with its audit line, or not at all. */
export interface RamChange {
  readonly put: ReadonlyArray<RamRecord>
  readonly drop: ReadonlyArray<RamName>
  readonly audit: AuditRecord
}

/** Something is not as the decision found it: another writer changed the key, or an alias is not bound as it was. */
export class CommitConflict extends Data.TaggedError("CommitConflict")<{
  readonly keyId: KeyId
  readonly on: "epoch" | "alias"
}> {}

/** The store cannot be opened, and why, in a sentence an operator can act on. */
export class StoreUnusable extends Data.TaggedError("StoreUnusable")<{ readonly message: string }> {}

/**
 * Nothing was written, and why, in a sentence an operator can act on. Reads go on, and the same write may succeed later.
 */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{
  readonly shortage: "DiskFull" | "QuotaExceeded" | "FileTooLarge" | "ReadOnly"
  readonly message: string
}> {}

/** A batch of lines under one hash: the audit log and the replay guard's memory are kept this way. */
export interface Segment {
  readonly seq: number
  readonly lines: ReadonlyArray<string>
  readonly previous: string
  readonly hash: string
}

/** Nonces accepted together; forgotten together once the last of them has expired. */
export interface NonceBatch {
  readonly expiresAt: number
  readonly lines: ReadonlyArray<string>
}

export class Store extends Context.Service<
  Store,
  {
    readonly key: (keyId: KeyId) => Effect.Effect<KeyRow | undefined>
    /** Newest first. */
    readonly versions: (keyId: KeyId) => Effect.Effect<ReadonlyArray<VersionRow>>
    readonly version: (keyId: KeyId, keyVersionId: KeyVersionId) => Effect.Effect<VersionRow | undefined>
    /** Returns the new head hash once the change is durable. Concurrent commits share one flush. */
    readonly commit: (change: Change) => Effect.Effect<string, CommitConflict | StoreUnavailable>
    /** Keys of a realm that are not Deleted, oldest first, those a filter lets through if there is one. */
    readonly keys: (query: {
      readonly realm: Realm
      readonly offset: number
      readonly limit: number
      readonly filter?: KeyFilter
    }) => Effect.Effect<KeyPage>
    /** Keys of a realm that count against its quota: made by users, not Deleted. */
    readonly userKeyCount: (realm: Realm) => Effect.Effect<number>
    /** How many keys rest in each state, over all realms. */
    readonly census: Effect.Effect<Readonly<Record<LifecycleState, number>>>
    /** Every key id there is, Deleted ones too, in order, after `after`. */
    readonly allKeyIds: (page: {
      readonly after: KeyId | undefined
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<KeyId>>
    readonly journal: (page: {
      readonly keyId: KeyId
      readonly afterSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<HashedEntry>>
    /** Deadlines due at `until` or before, earliest first; at one instant those of the key made first. */
    readonly due: (query: { readonly until: number; readonly limit: number }) => Effect.Effect<ReadonlyArray<DueRow>>
    readonly deadlinesOf: (keyId: KeyId) => Effect.Effect<ReadonlyArray<OwedDeadline>>
    /** The instant of the earliest deadline of all. */
    readonly nextDue: Effect.Effect<
      { readonly dueAt: number; readonly kind: DeadlineKind; readonly keyId: KeyId } | undefined
    >
    /** What no settle has struck off yet, in the order of the commits. */
    readonly owed: Effect.Effect<ReadonlyArray<OwedRow>>
    readonly settle: (row: OwedRow) => Effect.Effect<void, StoreUnavailable>
    readonly alias: (realm: Realm, aliasName: string) => Effect.Effect<KeyId | undefined>
    /** Names of a key's aliases, in the order in which they were made. */
    readonly aliasesOf: (keyId: KeyId) => Effect.Effect<ReadonlyArray<string>>
    /** Aliases of a realm, or of one of its keys, in the order in which they were made. */
    readonly aliases: (query: {
      readonly realm: Realm
      readonly keyId?: KeyId
      readonly offset: number
      readonly limit: number
    }) => Effect.Effect<AliasPage>
    readonly addImportSession: (row: ImportSessionRow) => Effect.Effect<void, StoreUnavailable>
    readonly importSession: (id: string) => Effect.Effect<ImportSessionRow | undefined>
    /** Counts a wrong use of the session's token. Durable when it returns. */
    readonly countImportFailure: (id: string) => Effect.Effect<void, StoreUnavailable>
    /** Every session there is, in the order in which they were made. */
    readonly importSessions: Effect.Effect<ReadonlyArray<ImportSessionRow>>
    /** Erases the wrapping keys of sessions that expired at `now` or before, and answers which those were. */
    readonly forgetImportSessions: (now: number) => Effect.Effect<ReadonlyArray<ImportSessionRow>, StoreUnavailable>
    /**
     * Grants a version up to `count` more uses, and no more than `limit` in all; answers how many. Durable when it
     * returns, so that no restart grants them again.
     */
    readonly reserveInvocations: (reservation: {
      readonly keyId: KeyId
      readonly keyVersionId: KeyVersionId
      readonly count: number
      readonly limit: number
    }) => Effect.Effect<number, StoreUnavailable>
    readonly ramRecords: Effect.Effect<ReadonlyArray<RamRecord>>
    readonly changeRam: (change: RamChange) => Effect.Effect<void, StoreUnavailable>
    /** Durable when it returns. Lines are hashed onto the audit chain in order. */
    readonly appendAudit: (lines: ReadonlyArray<string>) => Effect.Effect<void, StoreUnavailable>
    readonly auditSegments: (page: {
      readonly afterSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Segment>>
    /** Newest first. Reads no others, however long the log is. */
    readonly auditSegmentsBefore: (page: {
      readonly beforeSeq: number
      readonly limit: number
    }) => Effect.Effect<ReadonlyArray<Segment>>
    readonly appendNonces: (batch: NonceBatch) => Effect.Effect<void, StoreUnavailable>
    /** Batches that expire after `now`, oldest first; the others are forgotten. */
    readonly nonces: (now: number) => Effect.Effect<ReadonlyArray<NonceBatch>>
    /** Forgets the batches that expire after `after`, and at `until` or before. */
    readonly forgetNonces: (range: {
      readonly after: number
      readonly until: number
    }) => Effect.Effect<void, StoreUnavailable>
    readonly meta: (name: string) => Effect.Effect<string | undefined>
    readonly setMeta: (name: string, value: string) => Effect.Effect<void, StoreUnavailable>
    /** Overwrites what erased rows left behind in journals and free pages. */
    readonly scrub: Effect.Effect<void, StoreUnavailable>
    /** Why the last write failed; undefined once a write has succeeded. */
    readonly shortage: () => StoreUnavailable | undefined
    /** What is wrong below the port, one sentence each: damaged pages, rows that belong to nothing. Reads everything. */
    readonly faults: Effect.Effect<ReadonlyArray<string>>
  }
>()("keystate/store/Store") {}
