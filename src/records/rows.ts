/** The rows of a store, and the change that one decision makes to them. */
import type { CmkCommand, CmkEvent, CmkInput, StoredSnapshot } from "../../machines/cmk.ts"
import type { LifecycleState } from "../../machines/vocabulary.ts"
import type { OwedDeadline } from "../../machines/deadlines.ts"
import type { WrappingAlgorithm, WrappingKeySpec } from "../domain/algorithms.ts"
import type { AccountId, KeyId, KeyVersionId, Realm } from "../domain/ids.ts"

/**
 * The stored form of a version: sealed bytes for software keys, a token's reference for HSM keys. It never has
 * plaintext material. The sealed bytes are a symmetric version's material, or the PKCS#8 DER of an asymmetric one.
 */
export interface StoredMaterial {
  readonly sealed: Uint8Array
  /** DER SubjectPublicKeyInfo of an asymmetric version. A version with another public key does not open. */
  readonly publicKey: Uint8Array | undefined
}

/** Properties of a key that do not affect its lifecycle. */
export interface KeyMetadata {
  readonly description: string
  /** The account for user keys, a service code such as OSS for service keys. */
  readonly creator: string
  readonly createdAt: number
  /** The key policy as it was set; absent while the key has the default one. */
  readonly policy?: string
  /** Absent while the key has no tags. */
  readonly tags?: Readonly<Record<string, string>>
  /** The reason for deletion protection, if one was given. */
  readonly deletionProtectionDescription?: string
  /** The material came from a seed file. It is known outside, and may be written into a seed again. */
  readonly seeded?: true
}

export interface KeyRow {
  readonly keyId: KeyId
  readonly realm: Realm
  readonly metadata: KeyMetadata
  /** The epoch of the snapshot is the number of the newest journal event. */
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

/** What happened to a key, with all data needed to replay it. */
export type JournalPayload =
  | { readonly type: "CreateKey"; readonly input: CmkInput; readonly realm: Realm; readonly metadata: KeyMetadata }
  | {
      readonly type: "Event"
      readonly event: CmkEvent
      readonly metadata?: KeyMetadata
      readonly aliases?: ReadonlyArray<AliasMove>
    }

/** An event of a key, as its journal keeps it. */
export interface JournalEntry {
  readonly keyId: KeyId
  /** 1 for CreateKey, then one more for each event; equal to the epoch that the event led to. */
  readonly seq: number
  readonly at: number
  /** The cause: a principal's ARN, or `clock`. */
  readonly principal: string
  readonly requestId: string
  readonly payload: JournalPayload
}

/** An entry of a key's journal, with the hashes that chain it to the entry before. */
export interface HashedEntry extends JournalEntry {
  readonly previous: string
  readonly hash: string
}

/** One line of the audit log: a call or an automatic transition. It never has material or plaintext. */
export interface AuditRecord {
  readonly at: number
  readonly requestId: string
  readonly principal: string
  readonly operation: string
  readonly keyId: string | null
  /** `Success`, or the error code. */
  readonly outcome: string
  readonly before: LifecycleState | null
  readonly after: LifecycleState | null
  /** Set on a call that an operator should check: a use of a key that is about to be deleted. */
  readonly alarm?: "PendingDeletionUse"
  /** The changed entity of access control: `user/alice`. */
  readonly subject?: string
}

/** An alias that is bound, moved or removed. The commit conflicts unless the alias is bound to `from`. */
export interface AliasMove {
  readonly aliasName: string
  readonly from: KeyId | null
  /** The key of the change, or null: an alias can be bound only to a key whose epoch the commit checks. */
  readonly to: KeyId | null
}

/** The limit of keys or aliases of an account in a region. Keys of services are not counted. */
export interface RealmQuota {
  readonly of: "keys" | "aliases"
  readonly maximum: number
}

/** Everything that one decision changes. All of it becomes durable in one transaction, or none of it. */
export interface Change {
  readonly keyId: KeyId
  readonly realm: Realm
  /** The epoch of the decision; 0 for a new key. The commit fails if the stored key has a later one. */
  readonly expectedEpoch: number
  /** Hash of the key's newest event when the decision was taken; `genesis` for a new key. */
  readonly previous: string
  readonly entry: JournalEntry
  readonly snapshot: StoredSnapshot
  readonly metadata: KeyMetadata
  /** The key's new deadlines; they replace all earlier ones. */
  readonly deadlines: ReadonlyArray<OwedDeadline>
  /** Rows to add. The existing row of an external key accepts the imported material. */
  readonly newVersions: ReadonlyArray<VersionRow>
  /** Erases the sealed material of every version of the key. The version rows stay. */
  readonly eraseMaterial: boolean
  /** Removes every alias of the key. */
  readonly dropAliases: boolean
  readonly aliases?: ReadonlyArray<AliasMove>
  /** The commit fails if the realm holds this many of them already. */
  readonly quota?: RealmQuota
  /** Commands to perform after the commit, and again after a crash until they are removed. */
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

export interface AliasRow {
  readonly aliasName: string
  readonly keyId: KeyId
}

/** The wrapping pair of an import token, and the number of wrong uses of the token. */
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

/** The kinds of records of access control. */
export const ramKinds = ["account", "user", "group", "role", "policy", "settings"] as const

/** A record of an account's access control, by its kind and name. The store does not parse its content. */
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
  /**
   * The number of the change on which the decision was based; 0 for the first. The commit fails if a newer change
   * exists.
   */
  readonly after: number
  readonly put: ReadonlyArray<RamRecord>
  readonly drop: ReadonlyArray<RamName>
  readonly audit: AuditRecord
}

/** A batch of lines under one hash, for the audit log and the nonces of the replay guard. */
export interface Segment {
  readonly seq: number
  readonly lines: ReadonlyArray<string>
  readonly previous: string
  readonly hash: string
}

/** Nonces that were accepted together. They are deleted together after the last of them has expired. */
export interface NonceBatch {
  readonly expiresAt: number
  readonly lines: ReadonlyArray<string>
}
