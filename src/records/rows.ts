/** The rows a store keeps, and the change that one decision makes to them. */
import type { CmkCommand, CmkEvent, CmkInput, StoredSnapshot } from "../../machines/cmk.ts"
import type { LifecycleState } from "../../machines/vocabulary.ts"
import type { OwedDeadline } from "../../machines/deadlines.ts"
import type { WrappingAlgorithm, WrappingKeySpec } from "../domain/algorithms.ts"
import type { AccountId, KeyId, KeyVersionId, Realm } from "../domain/ids.ts"

/**
 * What a store keeps of a version: sealed bytes for software keys, a token's reference for HSM keys. Never material.
 * What is sealed is a symmetric version's material, or the PKCS#8 DER of an asymmetric one.
 */
export interface StoredMaterial {
  readonly sealed: Uint8Array
  /** DER SubjectPublicKeyInfo of an asymmetric version. Opening refuses any other than the one it was stored with. */
  readonly publicKey: Uint8Array | undefined
}

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

/** How many keys or aliases an account may have in a region. Keys of services are not counted. */
export interface RealmQuota {
  readonly of: "keys" | "aliases"
  readonly maximum: number
}

/** Everything one decision changes. All of it becomes durable in one transaction, or none of it. */
export interface Change {
  readonly keyId: KeyId
  readonly realm: Realm
  /** The epoch the decision was taken in; 0 for a new key. The commit fails if the stored key has moved on. */
  readonly expectedEpoch: number
  /** Hash of the key's newest event when the decision was taken; `genesis` for a new key. */
  readonly previous: string
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
  /** The commit fails if the realm holds this many of them already. */
  readonly quota?: RealmQuota
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

export interface AliasRow {
  readonly aliasName: string
  readonly keyId: KeyId
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
  /** The number of the change that it was decided after; 0 for the first. The commit fails if there was another since. */
  readonly after: number
  readonly put: ReadonlyArray<RamRecord>
  readonly drop: ReadonlyArray<RamName>
  readonly audit: AuditRecord
}

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
