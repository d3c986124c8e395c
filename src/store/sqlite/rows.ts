/** Executes the writes of a plan as statements, inside the open transaction. */
import { revisionIn } from "../../plan/execute.ts"
import type { Rows } from "../../plan/execute.ts"
import type { Put, RangeOf, Write } from "../../plan/plan.ts"
import type { RowId, StoredRow, TableName } from "../../records/storedRows.ts"
import { integerOf, textOf } from "./columns.ts"
import type { Counts } from "./counts.ts"
import type { Position, Positions } from "./positions.ts"
import type { Statements } from "./statements.ts"
import { boundsOf, clearName, countName, deleteName, getName } from "./portStatements.ts"
import { sqlTables } from "./tables.ts"

/** The tables that are written, the remembered positions of their keys, and the numbers of keys. */
interface Open {
  readonly statements: Statements
  readonly counts: Counts
  readonly positions: Positions
}

const ordinalOf = ({ positions }: Open, keyId: string): number => {
  const position = positions.of(keyId)
  if (position === undefined) throw new Error(`a row belongs to key ${keyId}, which is not there`)
  return position.ordinal
}

const addKey = ({ statements }: Open, row: StoredRow<"keys">): Position => {
  const { keyId, account, region, service, metadata, snapshot, epoch, state, head } = row
  const { lastInsertRowid } = statements("addKey").run(
    keyId,
    account,
    region,
    service ? 1 : 0,
    metadata,
    snapshot,
    epoch,
    state,
    head
  )
  return { ordinal: Number(lastInsertRowid), state, head, hasDeadlines: false }
}

/** An unchanged state is not written, because that would rewrite every index of the state. */
const setKey = ({ counts, statements }: Open, row: StoredRow<"keys">, before: Position): Position => {
  const { metadata, snapshot, epoch, state, head } = row
  const { ordinal } = before
  if (before.state === state) statements("setKey").run(metadata, snapshot, epoch, head, ordinal)
  else {
    statements("setKeyAndState").run(metadata, snapshot, epoch, head, state, ordinal)
    counts.moved({ ...row, ordinal, from: before.state, to: state })
  }
  return { ...before, state, head }
}

const putKey = (open: Open, row: StoredRow<"keys">): void => {
  const before = open.positions.of(row.keyId)
  open.positions.moved(row.keyId, before === undefined ? addKey(open, row) : setKey(open, row, before))
}

const putVersion = (open: Open, { keyId, keyVersionId, createdAt, sealed, publicKey }: StoredRow<"versions">): void => {
  const { statements } = open
  const key = ordinalOf(open, keyId)
  if (statements("hasVersion").get(key, keyVersionId) === undefined) {
    statements("addVersion").run(key, keyVersionId, createdAt, sealed, publicKey)
  } else statements("fillVersion").run(sealed, publicKey, key, keyVersionId)
}

const putDeadline = (open: Open, { keyId, kind, dueAt, epoch }: StoredRow<"deadlines">): void => {
  const position = open.positions.of(keyId)
  open.statements("putDeadline").run(ordinalOf(open, keyId), kind, dueAt, epoch)
  if (position?.hasDeadlines === false) open.positions.moved(keyId, { ...position, hasDeadlines: true })
}

const put = (open: Open, { table, row }: Put): void => {
  const { statements } = open
  switch (table) {
    case "keys":
      return putKey(open, row)
    case "versions":
      return putVersion(open, row)
    case "events": {
      const { keyId, seq, at, principal, requestId, payload, previous, hash } = row
      statements("addEvent").run(ordinalOf(open, keyId), seq, at, principal, requestId, payload, previous, hash)
      return undefined
    }
    case "deadlines":
      return putDeadline(open, row)
    case "owed":
      statements("putCommand").run(ordinalOf(open, row.keyId), row.seq, row.command)
      return undefined
    case "aliases":
      statements("putAlias").run(row.account, row.region, row.aliasName, ordinalOf(open, row.keyId))
      return undefined
    default:
      return putOther(open, { op: "put", table, row } as PutOther)
  }
}

/** Rows that changes of keys do not write. */
type PutOther = Exclude<Put, { readonly table: "keys" | "versions" | "events" | "deadlines" | "owed" | "aliases" }>

const putOther = ({ statements }: Open, { table, row }: PutOther): void => {
  switch (table) {
    case "importSessions": {
      const { id, keyId, wrappingKeySpec, wrappingAlgorithm, expiresAt, failures, sealed } = row
      statements("putImportSession").run(id, keyId, wrappingKeySpec, wrappingAlgorithm, expiresAt, failures, sealed)
      return
    }
    case "invocations":
      statements("putInvocations").run(row.keyId, row.keyVersionId, row.reserved)
      return
    case "ram":
      statements("putRam").run(row.account, row.kind, row.name, row.record)
      return
    case "nonces":
      statements("addNonces").run(row.expiresAt, row.lines)
      return
    case "meta":
      statements("setMeta").run(row.name, row.value)
      return
    case "audit":
      statements("addAudit").run(row.seq, row.lines, row.previous, row.hash)
      return
    default:
      row satisfies never
  }
}

const clear = ({ statements, positions }: Open, { table, index, partition, after, until }: RangeOf): void => {
  const [keyId] = partition
  if (table === "deadlines" && index === "ofKey" && typeof keyId === "string") {
    const position = positions.of(keyId)
    if (position?.hasDeadlines !== true) return
    statements("dropDeadlines").run(position.ordinal)
    positions.moved(keyId, { ...position, hasDeadlines: false })
    return
  }
  const bounds = boundsOf(table, index, {
    ...(after === undefined ? {} : { after }),
    ...(until === undefined ? {} : { until })
  })
  statements.ofPort(clearName(table, index)).run(...partition, ...bounds)
}

const write = (open: Open, order: Write): void => {
  switch (order.op) {
    case "put":
      return put(open, order)
    case "delete":
      open.statements.ofPort(deleteName(order.table)).run(...order.id)
      return undefined
    case "clear":
      return clear(open, order.range)
    case "erase":
      open.statements("eraseVersions").run(ordinalOf(open, order.keyId))
      return undefined
    default:
      return order satisfies never
  }
}

const revision = ({ statements, positions }: Open, table: TableName, id: RowId): string | undefined => {
  if (table === "keys") return positions.of(String(id[0]))?.head
  if (table === "aliases") {
    const bound = statements("aliasKey").get(...id)
    return bound === undefined ? undefined : textOf(bound, "id")
  }
  const row = statements.ofPort(getName(table)).get(...id)
  return row === undefined ? undefined : revisionIn(table, sqlTables[table].read(row))
}

const countIn = ({ counts, statements }: Open, { table, index, partition }: RangeOf): number => {
  counts.write()
  const found = statements.ofPort(countName(table, index)).get(...partition, ...boundsOf(table, index, {}))
  return found === undefined ? 0 : integerOf(found, "total")
}

export const openRows = (open: Open): Rows => {
  return {
    revision: (table, id) => revision(open, table, id),
    count: (range) => countIn(open, range),
    write: (order) => write(open, order)
  }
}
