/** What the store answers from its tables: each read is one indexed statement, and each row is decoded or refused. */
import { Effect } from "effect"
import type { OwedDeadline } from "../../../machines/deadlines.ts"
import { deadlineKinds } from "../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"
import { WrappingAlgorithm, WrappingKeySpec } from "../../domain/algorithms.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../../domain/ids.ts"
import { ramKinds } from "../../records/rows.ts"
import { decodeCommand, decodeLines, decodeMetadata, decodePayload, decodeSnapshot } from "../../records/schemas.ts"
import { StoreUnavailable } from "../store.ts"
import type { Store, StoreFailure } from "../store.ts"
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
} from "../../records/rows.ts"
import { readFailureOf } from "./failures.ts"
import { bytesOf, integerOf, textOf } from "./columns.ts"
import type { Columns } from "./columns.ts"
import type { LogSync } from "./logSync.ts"
import type { Statements } from "./statements.ts"

const idOf = (row: Columns): KeyId => KeyId.make(textOf(row, "id"))

const keyOf = (row: Columns): KeyRow => {
  const keyId = idOf(row)
  return {
    keyId,
    realm: { account: AccountId.make(textOf(row, "account")), region: RegionId.make(textOf(row, "region")) },
    metadata: decodeMetadata(`the metadata of key ${keyId}`, textOf(row, "metadata")),
    snapshot: decodeSnapshot(`the snapshot of key ${keyId}`, textOf(row, "snapshot")),
    head: textOf(row, "head")
  }
}

const versionOf = (keyId: KeyId, row: Columns): VersionRow => {
  const sealed = bytesOf(row, "sealed")
  return {
    keyId,
    keyVersionId: KeyVersionId.make(textOf(row, "version_id")),
    createdAt: integerOf(row, "created_at"),
    stored: sealed === undefined ? undefined : { sealed, publicKey: bytesOf(row, "public_key") }
  }
}

const entryOf = (keyId: KeyId, row: Columns): HashedEntry => {
  const seq = integerOf(row, "seq")
  return {
    keyId,
    seq,
    at: integerOf(row, "at"),
    principal: textOf(row, "principal"),
    requestId: textOf(row, "request_id"),
    payload: decodePayload(`event ${seq} of key ${keyId}`, textOf(row, "payload")),
    previous: textOf(row, "previous"),
    hash: textOf(row, "hash")
  }
}

const deadlineOf = (row: Columns): OwedDeadline => ({
  kind: wordOf(row, "kind", deadlineKinds),
  dueAt: integerOf(row, "due_at"),
  epoch: integerOf(row, "epoch")
})

const dueOf = (row: Columns): DueRow => ({ keyId: idOf(row), ...deadlineOf(row) })

const owedOf = (row: Columns): OwedRow => {
  const keyId = idOf(row)
  const seq = integerOf(row, "seq")
  const command = decodeCommand(`a command owed by event ${seq} of key ${keyId}`, textOf(row, "command"))
  return { keyId, seq, command }
}

const aliasOf = (row: Columns): AliasRow => ({ aliasName: textOf(row, "name"), keyId: idOf(row) })

/** A column that holds one of a few words; any other word is damage. */
const wordOf = <Word extends string>(row: Columns, name: string, words: ReadonlyArray<Word>): Word => {
  const text = textOf(row, name)
  const known = words.find((word) => word === text)
  if (known === undefined) throw new Error(`${name} cannot be ${text}`)
  return known
}

const sessionOf = (id: string, row: Columns): ImportSessionRow => {
  const sealed = bytesOf(row, "sealed")
  if (sealed === undefined) throw new Error(`the import session ${id} has no wrapping key`)
  return {
    id,
    keyId: idOf(row),
    wrappingKeySpec: wordOf(row, "wrapping_spec", WrappingKeySpec.literals),
    wrappingAlgorithm: wordOf(row, "wrapping_algorithm", WrappingAlgorithm.literals),
    expiresAt: integerOf(row, "expires_at"),
    failures: integerOf(row, "failures"),
    sealed
  }
}

export const sessionsOf = (statements: Statements): ReadonlyArray<ImportSessionRow> =>
  statements("importSessions")
    .all()
    .map((row) => sessionOf(textOf(row, "session_id"), row))

const ramRecordOf = (row: Columns): RamRecord => ({
  account: AccountId.make(textOf(row, "account")),
  kind: wordOf(row, "kind", ramKinds),
  name: textOf(row, "name"),
  record: textOf(row, "record")
})

const segmentOf = (row: Columns): Segment => {
  const seq = integerOf(row, "seq")
  const lines = decodeLines(`audit segment ${seq}`, textOf(row, "lines"))
  return { seq, lines, previous: textOf(row, "previous"), hash: textOf(row, "hash") }
}

const batchOf = (row: Columns): NonceBatch => ({
  expiresAt: integerOf(row, "expires_at"),
  lines: decodeLines("a batch of nonces", textOf(row, "lines"))
})

const totalOf = (row: Columns | undefined): number => (row === undefined ? 0 : integerOf(row, "total"))

type Reads = Omit<
  Store["Service"],
  | "commit"
  | "settle"
  | "appendAudit"
  | "appendNonces"
  | "nonces"
  | "forgetNonces"
  | "setMeta"
  | "scrub"
  | "shortage"
  | "addImportSession"
  | "countImportFailure"
  | "forgetImportSessions"
  | "reserveInvocations"
  | "changeRam"
> & { readonly keptNonces: Effect.Effect<ReadonlyArray<NonceBatch>, StoreFailure> }

const counted = (rows: ReadonlyArray<Columns>): Readonly<Record<LifecycleState, number>> => {
  const totals = new Map(rows.map((row) => [textOf(row, "state"), integerOf(row, "total")]))
  const of = (state: LifecycleState): number => totals.get(state) ?? 0
  return {
    PendingImport: of("PendingImport"),
    Enabled: of("Enabled"),
    Disabled: of("Disabled"),
    PendingDeletion: of("PendingDeletion"),
    Deleted: of("Deleted")
  }
}

/** Sentences about damage: pages and indexes that disagree, rows that refer to nothing. */
const faultsOf = (statements: Statements): ReadonlyArray<string> => [
  ...statements("integrity")
    .all()
    .map((row) => textOf(row, "integrity_check"))
    .filter((sentence) => sentence !== "ok"),
  ...statements("foreignKeys")
    .all()
    .map((row) => `a row of ${textOf(row, "table")} belongs to a row of ${textOf(row, "parent")} that is not there`),
  ...statements("derived")
    .all()
    .map((row) => `the columns of key ${textOf(row, "id")} are not what its snapshot says`),
  ...statements("strays")
    .all()
    .map((row) => `event ${integerOf(row, "seq")} of key ${textOf(row, "id")} is none of its epochs`)
]

/** Reads, and answers once whatever was seen is durable: a change that a power cut could take back is shown to nobody. */
const lookThrough =
  (log: LogSync) =>
  <A>(read: () => A): Effect.Effect<A, StoreFailure> =>
    Effect.callback((resume) => {
      let found: A
      try {
        found = read()
      } catch (failure) {
        return resume(Effect.fail(readFailureOf(failure)))
      }
      log.settled((failure) => resume(failure === null ? Effect.succeed(found) : Effect.fail(unsynced(failure))))
    })

const unsynced = (failure: Error): StoreUnavailable =>
  new StoreUnavailable({ reason: "Closed", message: `The database could not be synced: ${failure.message}.` })

export const makeReads = (statements: Statements, log: LogSync): Reads => {
  const look = lookThrough(log)
  const one = <A>(row: Columns | undefined, decode: (row: Columns) => A): A | undefined =>
    row === undefined ? undefined : decode(row)
  const listed: Reads["keys"] = ({ realm: { account, region }, offset, limit, filter }) =>
    look(() => {
      const which = [account, region, ...(filter === undefined ? [] : [JSON.stringify(filter)])]
      const suffix = filter === undefined ? "" : "Filtered"
      const rows = statements(`keys${suffix}`).all(...which, limit, offset)
      return { total: totalOf(statements(`keyTotal${suffix}`).get(...which)), keyIds: rows.map(idOf) }
    })
  const aliases: Reads["aliases"] = ({ realm: { account, region }, keyId, offset, limit }) =>
    look(() => {
      const which = [account, region, ...(keyId === undefined ? [] : [keyId])]
      const suffix = keyId === undefined ? "" : "OfKey"
      const rows = statements(`aliases${suffix}`).all(...which, limit, offset)
      return { total: totalOf(statements(`aliasTotal${suffix}`).get(...which)), aliases: rows.map(aliasOf) }
    })
  return {
    key: (keyId) => look(() => one(statements("key").get(keyId), keyOf)),
    versions: (keyId) =>
      look(() =>
        statements("versions")
          .all(keyId)
          .map((row) => versionOf(keyId, row))
      ),
    version: (keyId, versionId) =>
      look(() => one(statements("version").get(keyId, versionId), (row) => versionOf(keyId, row))),
    keys: listed,
    userKeyCount: ({ account, region }) => look(() => totalOf(statements("userKeyCount").get(account, region))),
    census: look(() => counted(statements("census").all())),
    allKeyIds: ({ after, limit }) =>
      look(() =>
        statements("keyIds")
          .all(after ?? "", limit)
          .map(idOf)
      ),
    journal: ({ keyId, afterSeq, limit }) =>
      look(() =>
        statements("journal")
          .all(keyId, afterSeq, limit)
          .map((row) => entryOf(keyId, row))
      ),
    due: ({ until, limit }) => look(() => statements("due").all(until, limit).map(dueOf)),
    deadlinesOf: (keyId) => look(() => statements("deadlinesOf").all(keyId).map(deadlineOf)),
    nextDue: look(() => one(statements("nextDue").get(), dueOf)),
    owed: look(() => statements("owed").all().map(owedOf)),
    alias: (realm, name) => look(() => one(statements("alias").get(realm.account, realm.region, name), idOf)),
    aliasesOf: (keyId) =>
      look(() =>
        statements("aliasesOf")
          .all(keyId)
          .map((row) => textOf(row, "name"))
      ),
    aliases,
    importSession: (id) => look(() => one(statements("importSession").get(id), (row) => sessionOf(id, row))),
    importSessions: look(() => sessionsOf(statements)),
    ramRecords: look(() => statements("ramRecords").all().map(ramRecordOf)),
    auditSegments: ({ afterSeq, limit }) => look(() => statements("auditSegments").all(afterSeq, limit).map(segmentOf)),
    auditSegmentsBefore: ({ beforeSeq, limit }) =>
      look(() => statements("auditSegmentsBefore").all(beforeSeq, limit).map(segmentOf)),
    keptNonces: look(() => statements("nonces").all().map(batchOf)),
    meta: (name) => look(() => one(statements("meta").get(name), (row) => textOf(row, "value"))),
    faults: look(() => faultsOf(statements))
  }
}
