/** Converts between rows of the engine and rows of a store. A row that does not decode throws. */
import { deadlineKinds } from "../../machines/vocabulary.ts"
import { WrappingAlgorithm, WrappingKeySpec } from "../domain/algorithms.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../domain/ids.ts"
import { canonicalJson } from "./hashChain.ts"
import { ramKinds } from "./rows.ts"
import type {
  AliasRow,
  DueRow,
  HashedEntry,
  ImportSessionRow,
  KeyRow,
  NonceBatch,
  OwedRow,
  RamRecord,
  Segment,
  VersionRow
} from "./rows.ts"
import { decodeCommand, decodeLines, decodeMetadata, decodePayload, decodeSnapshot } from "./schemas.ts"
import type { StoredRow } from "./storedRows.ts"

/** A text that is one of a few words; any other word is damage. */
const wordIn = <Word extends string>(what: string, text: string, words: ReadonlyArray<Word>): Word => {
  const known = words.find((word) => word === text)
  if (known === undefined) throw new Error(`${what} cannot be ${text}`)
  return known
}

export const storedKey = ({ keyId, realm, metadata, snapshot, head }: KeyRow): StoredRow<"keys"> => ({
  keyId,
  account: realm.account,
  region: realm.region,
  service: snapshot.context.serviceKey,
  state: snapshot.value.lifecycle,
  epoch: snapshot.context.epoch,
  head,
  metadata: JSON.stringify(metadata),
  snapshot: JSON.stringify(snapshot)
})

export const readKey = ({ keyId, account, region, metadata, snapshot, head }: StoredRow<"keys">): KeyRow => ({
  keyId: KeyId.make(keyId),
  realm: { account: AccountId.make(account), region: RegionId.make(region) },
  metadata: decodeMetadata(`the metadata of key ${keyId}`, metadata),
  snapshot: decodeSnapshot(`the snapshot of key ${keyId}`, snapshot),
  head
})

/** Only the id: a list need not decode columns that it does not show. */
export const readKeyId = ({ keyId }: StoredRow<"keys">): KeyId => KeyId.make(keyId)

export const storedVersion = ({ keyId, keyVersionId, createdAt, stored }: VersionRow): StoredRow<"versions"> => ({
  keyId,
  keyVersionId,
  createdAt,
  sealed: stored?.sealed ?? null,
  publicKey: stored?.publicKey ?? null
})

export const readVersion = (row: StoredRow<"versions">): VersionRow => ({
  keyId: KeyId.make(row.keyId),
  keyVersionId: KeyVersionId.make(row.keyVersionId),
  createdAt: row.createdAt,
  stored: row.sealed === null ? undefined : { sealed: row.sealed, publicKey: row.publicKey ?? undefined }
})

export const readEntry = (row: StoredRow<"events">): HashedEntry => ({
  ...row,
  keyId: KeyId.make(row.keyId),
  payload: decodePayload(`event ${row.seq} of key ${row.keyId}`, row.payload)
})

export const readDeadline = ({ keyId, kind, dueAt, epoch }: StoredRow<"deadlines">): DueRow => ({
  keyId: KeyId.make(keyId),
  kind: wordIn("the kind of a deadline", kind, deadlineKinds),
  dueAt,
  epoch
})

export const storedOwed = ({ keyId, seq, command }: OwedRow): StoredRow<"owed"> => ({
  keyId,
  seq,
  command: canonicalJson(command)
})

export const readOwed = ({ keyId, seq, command }: StoredRow<"owed">): OwedRow => ({
  keyId: KeyId.make(keyId),
  seq,
  command: decodeCommand(`a command owed by event ${seq} of key ${keyId}`, command)
})

export const readAlias = ({ aliasName, keyId }: StoredRow<"aliases">): AliasRow => ({
  aliasName,
  keyId: KeyId.make(keyId)
})

export const readSession = (row: StoredRow<"importSessions">): ImportSessionRow => ({
  ...row,
  keyId: KeyId.make(row.keyId),
  wrappingKeySpec: wordIn("the spec of a wrapping key", row.wrappingKeySpec, WrappingKeySpec.literals),
  wrappingAlgorithm: wordIn("a wrapping algorithm", row.wrappingAlgorithm, WrappingAlgorithm.literals)
})

export const readRam = ({ account, kind, name, record }: StoredRow<"ram">): RamRecord => ({
  account: AccountId.make(account),
  kind: wordIn("the kind of an access control record", kind, ramKinds),
  name,
  record
})

export const readSegment = ({ seq, lines, previous, hash }: StoredRow<"audit">): Segment => ({
  seq,
  lines: decodeLines(`audit segment ${seq}`, lines),
  previous,
  hash
})

export const storedNonces = ({ expiresAt, lines }: NonceBatch): StoredRow<"nonces"> => ({
  expiresAt,
  lines: JSON.stringify(lines)
})

export const readNonces = ({ expiresAt, lines }: StoredRow<"nonces">): NonceBatch => ({
  expiresAt,
  lines: decodeLines("a batch of nonces", lines)
})
