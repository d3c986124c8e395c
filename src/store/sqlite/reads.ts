/** What the store answers from its tables: each read is one indexed statement, and each row is decoded or refused. */
import { Effect } from "effect"
import type { LifecycleState } from "../../../machines/cmk.ts"
import type { DeadlineKind, OwedDeadline } from "../../../machines/deadlines.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../../domain/ids.ts"
import { decodeCommand, decodeLines, decodeMetadata, decodePayload, decodeSnapshot } from "../records.ts"
import type { DueRow, HashedEntry, KeyRow, NonceBatch, OwedRow, Segment, Store, VersionRow } from "../store.ts"
import { bytesOf, integerOf, textOf } from "./columns.ts"
import type { Columns } from "./columns.ts"
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

const deadlineKinds: ReadonlyArray<DeadlineKind> = ["DeletionDue", "MaterialExpired", "RotationDue"]

const deadlineOf = (row: Columns): OwedDeadline => {
  const text = textOf(row, "kind")
  const kind = deadlineKinds.find((known) => known === text)
  if (kind === undefined) throw new Error(`a deadline cannot be called ${text}`)
  return { kind, dueAt: integerOf(row, "due_at"), epoch: integerOf(row, "epoch") }
}

const dueOf = (row: Columns): DueRow => ({ keyId: idOf(row), ...deadlineOf(row) })

const owedOf = (row: Columns): OwedRow => {
  const keyId = idOf(row)
  const seq = integerOf(row, "seq")
  const command = decodeCommand(`a command owed by event ${seq} of key ${keyId}`, textOf(row, "command"))
  return { keyId, seq, command }
}

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
  "commit" | "settle" | "appendAudit" | "appendNonces" | "nonces" | "setMeta" | "scrub"
> & { readonly keptNonces: Effect.Effect<ReadonlyArray<NonceBatch>> }

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
    .map((row) => `a row of ${textOf(row, "table")} belongs to a row of ${textOf(row, "parent")} that is not there`)
]

export const makeReads = (statements: Statements): Reads => {
  const one = <A>(row: Columns | undefined, decode: (row: Columns) => A): A | undefined =>
    row === undefined ? undefined : decode(row)
  const listed: Reads["keys"] = ({ realm: { account, region }, offset, limit, states }) =>
    Effect.sync(() => {
      const realm = [account, region]
      const among = states === undefined ? [] : [JSON.stringify(states)]
      const suffix = states === undefined ? "" : "InStates"
      const rows = statements(`keys${suffix}`).all(...realm, ...among, limit, offset)
      return { total: totalOf(statements(`keyTotal${suffix}`).get(...realm, ...among)), keyIds: rows.map(idOf) }
    })
  return {
    key: (keyId) => Effect.sync(() => one(statements("key").get(keyId), keyOf)),
    versions: (keyId) =>
      Effect.sync(() =>
        statements("versions")
          .all(keyId)
          .map((row) => versionOf(keyId, row))
      ),
    version: (keyId, versionId) =>
      Effect.sync(() => one(statements("version").get(keyId, versionId), (row) => versionOf(keyId, row))),
    keys: listed,
    userKeyCount: ({ account, region }) => Effect.sync(() => totalOf(statements("userKeyCount").get(account, region))),
    census: Effect.sync(() => counted(statements("census").all())),
    allKeyIds: ({ after, limit }) =>
      Effect.sync(() =>
        statements("keyIds")
          .all(after ?? "", limit)
          .map(idOf)
      ),
    journal: ({ keyId, afterSeq, limit }) =>
      Effect.sync(() =>
        statements("journal")
          .all(keyId, afterSeq, limit)
          .map((row) => entryOf(keyId, row))
      ),
    due: ({ until, limit }) => Effect.sync(() => statements("due").all(until, limit).map(dueOf)),
    deadlinesOf: (keyId) => Effect.sync(() => statements("deadlinesOf").all(keyId).map(deadlineOf)),
    nextDue: Effect.sync(() => one(statements("nextDue").get(), dueOf)),
    owed: Effect.sync(() => statements("owed").all().map(owedOf)),
    alias: (realm, name) => Effect.sync(() => one(statements("alias").get(realm.account, realm.region, name), idOf)),
    aliasesOf: (keyId) =>
      Effect.sync(() =>
        statements("aliasesOf")
          .all(keyId)
          .map((row) => textOf(row, "name"))
      ),
    auditSegments: ({ afterSeq, limit }) =>
      Effect.sync(() => statements("auditSegments").all(afterSeq, limit).map(segmentOf)),
    keptNonces: Effect.sync(() => statements("nonces").all().map(batchOf)),
    meta: (name) => Effect.sync(() => one(statements("meta").get(name), (row) => textOf(row, "value"))),
    faults: Effect.sync(() => faultsOf(statements))
  }
}
