/** How each table and each index of the port stands in SQL, and how a row of it is read. */
import { livingStates } from "../../../machines/vocabulary.ts"
import type { indexes } from "../../records/storedRows.ts"
import type { RowId, StoredRow, TableName } from "../../records/storedRows.ts"
import { bytesOf, integerOf, textOf } from "./columns.ts"
import type { Columns } from "./columns.ts"

/** An index in SQL: which rows belong to a partition, by what they are ordered, and the column of their place. */
interface SqlIndex {
  readonly where: string
  /** Undefined where rows stand in the order they were made in. */
  readonly place?: string
  /** What decides between rows at one place; it is all that orders rows without one. Without both it is only counted. */
  readonly order?: string
}

interface SqlTable<T extends TableName> {
  readonly columns: string
  readonly from: string
  /** Finds a row by its id. */
  readonly id: string
  readonly read: (row: Columns) => StoredRow<T>
  readonly indexes: { readonly [name in keyof (typeof indexes)[T] & string]: SqlIndex }
  /** The same conditions without joins, for statements that remove rows. */
  readonly remove?: { readonly id: string } & Readonly<Record<string, string>>
}

const theKey = "(SELECT ordinal FROM keys WHERE id = ?)"
const inRealm = "account = ? AND region = ?"
const live = `${inRealm} AND state <> 'Deleted'`
const users = `${inRealm} AND service = 0 AND state IN (${livingStates.map((state) => `'${state}'`).join(", ")})`
const joined = (table: string): string => `${table} JOIN keys ON keys.ordinal = ${table}.key`

/** The port's tables, as the schema keeps them. `id` columns of other tables than `keys` are named by their table. */
export const sqlTables: { readonly [T in TableName]: SqlTable<T> } = {
  keys: {
    columns: "id, account, region, service, state, epoch, head, metadata, snapshot",
    from: "keys",
    id: "id = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      account: textOf(row, "account"),
      region: textOf(row, "region"),
      service: integerOf(row, "service") === 1,
      state: textOf(row, "state"),
      epoch: integerOf(row, "epoch"),
      head: textOf(row, "head"),
      metadata: textOf(row, "metadata"),
      snapshot: textOf(row, "snapshot")
    }),
    indexes: {
      byId: { where: "TRUE", place: "id" },
      live: { where: live, order: "ordinal" },
      users: { where: users },
      byState: { where: "state = ?" }
    }
  },
  versions: {
    columns: "keys.id, versions.id AS version_id, created_at, sealed, public_key",
    from: joined("versions"),
    id: "keys.id = ? AND versions.id = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      keyVersionId: textOf(row, "version_id"),
      createdAt: integerOf(row, "created_at"),
      sealed: bytesOf(row, "sealed") ?? null,
      publicKey: bytesOf(row, "public_key") ?? null
    }),
    indexes: { ofKey: { where: "keys.id = ?", order: "versions.ordinal" } },
    remove: { id: `key = ${theKey} AND id = ?`, ofKey: `key = ${theKey}` }
  },
  events: {
    columns: "keys.id, seq, at, principal, request_id, payload, previous, hash",
    from: joined("events"),
    id: "keys.id = ? AND seq = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      seq: integerOf(row, "seq"),
      at: integerOf(row, "at"),
      principal: textOf(row, "principal"),
      requestId: textOf(row, "request_id"),
      payload: textOf(row, "payload"),
      previous: textOf(row, "previous"),
      hash: textOf(row, "hash")
    }),
    indexes: { ofKey: { where: "keys.id = ?", place: "seq" } },
    remove: { id: `key = ${theKey} AND seq = ?`, ofKey: `key = ${theKey}` }
  },
  deadlines: {
    columns: "keys.id, kind, due_at, deadlines.epoch AS epoch",
    from: joined("deadlines"),
    id: "keys.id = ? AND kind = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      kind: textOf(row, "kind"),
      dueAt: integerOf(row, "due_at"),
      epoch: integerOf(row, "epoch")
    }),
    indexes: {
      ofKey: { where: "keys.id = ?", order: "kind" },
      due: { where: "TRUE", place: "due_at", order: "key, kind" }
    },
    remove: { id: `key = ${theKey} AND kind = ?`, ofKey: `key = ${theKey}` }
  },
  owed: {
    columns: "keys.id, seq, command",
    from: joined("commands"),
    id: "keys.id = ? AND seq = ? AND command = ?",
    read: (row) => ({ keyId: textOf(row, "id"), seq: integerOf(row, "seq"), command: textOf(row, "command") }),
    indexes: { all: { where: "TRUE", order: "commands.ordinal" } },
    remove: { id: `key = ${theKey} AND seq = ? AND command = ?`, all: "TRUE" }
  },
  aliases: {
    columns: "aliases.account AS account, aliases.region AS region, name, keys.id",
    from: joined("aliases"),
    id: "aliases.account = ? AND aliases.region = ? AND name = ?",
    read: (row) => ({
      account: textOf(row, "account"),
      region: textOf(row, "region"),
      aliasName: textOf(row, "name"),
      keyId: textOf(row, "id")
    }),
    indexes: {
      inRealm: { where: "aliases.account = ? AND aliases.region = ?", order: "aliases.ordinal" },
      ofKey: { where: `aliases.key = ${theKey}`, order: "aliases.ordinal" }
    },
    remove: { id: `${inRealm} AND name = ?`, inRealm, ofKey: `key = ${theKey}` }
  },
  importSessions: {
    columns:
      "import_sessions.id AS session_id, keys.id, wrapping_spec, wrapping_algorithm, expires_at, failures, sealed",
    from: joined("import_sessions"),
    id: "import_sessions.id = ?",
    read: (row) => ({
      id: textOf(row, "session_id"),
      keyId: textOf(row, "id"),
      wrappingKeySpec: textOf(row, "wrapping_spec"),
      wrappingAlgorithm: textOf(row, "wrapping_algorithm"),
      expiresAt: integerOf(row, "expires_at"),
      failures: integerOf(row, "failures"),
      sealed: bytesOf(row, "sealed") ?? new Uint8Array()
    }),
    indexes: {
      all: { where: "TRUE", order: "import_sessions.ordinal" },
      byExpiry: { where: "TRUE", place: "expires_at", order: "import_sessions.ordinal" }
    },
    remove: { id: "id = ?", all: "TRUE" }
  },
  invocations: {
    columns: "keys.id, version, reserved",
    from: joined("invocations"),
    id: "keys.id = ? AND version = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      keyVersionId: textOf(row, "version"),
      reserved: integerOf(row, "reserved")
    }),
    indexes: {},
    remove: { id: `key = ${theKey} AND version = ?` }
  },
  ram: {
    columns: "account, kind, name, record",
    from: "ram",
    id: "account = ? AND kind = ? AND name = ?",
    read: (row) => ({
      account: textOf(row, "account"),
      kind: textOf(row, "kind"),
      name: textOf(row, "name"),
      record: textOf(row, "record")
    }),
    indexes: { byName: { where: "TRUE", order: "account, kind, name" } }
  },
  audit: {
    columns: "seq, lines, previous, hash",
    from: "audit",
    id: "seq = ?",
    read: (row) => ({
      seq: integerOf(row, "seq"),
      lines: textOf(row, "lines"),
      previous: textOf(row, "previous"),
      hash: textOf(row, "hash")
    }),
    indexes: { bySeq: { where: "TRUE", place: "seq" } }
  },
  nonces: {
    columns: "expires_at, lines",
    from: "nonces",
    id: "expires_at = ? AND lines = ?",
    read: (row) => ({ expiresAt: integerOf(row, "expires_at"), lines: textOf(row, "lines") }),
    indexes: { byExpiry: { where: "TRUE", place: "expires_at", order: "ordinal" } }
  },
  meta: {
    columns: "name, value",
    from: "meta",
    id: "name = ?",
    read: (row) => ({ name: textOf(row, "name"), value: textOf(row, "value") }),
    indexes: {}
  }
}

const tableOf: Readonly<Partial<Record<TableName, string>>> = { owed: "commands", importSessions: "import_sessions" }

/** A key passes where the filter, a JSON object, has no list for a property or has its value in the list. */
const among = (property: string, value: string): string =>
  `(?3 ->> '$.${property}' IS NULL OR ${value} IN (SELECT value FROM json_each(?3, '$.${property}')))`

const passes = [
  among("state", "state"),
  among("spec", "snapshot ->> '$.context.spec'"),
  among("usage", "snapshot ->> '$.context.usage'"),
  among("protection", "snapshot ->> '$.context.protection'"),
  among("creatorType", "iif(service, 'Service', 'User')"),
  among("keyId", "id"),
  among("creator", "metadata ->> '$.creator'"),
  "(coalesce(?3 ->> '$.tagKey', ?3 ->> '$.tagValue') IS NULL OR EXISTS (SELECT 1 FROM json_each(metadata, '$.tags') " +
    `WHERE ${among("tagKey", "json_each.key")} AND ${among("tagValue", "json_each.value")}))`
].join(" AND ")

const between = ({ place }: SqlIndex): string => (place === undefined ? "" : ` AND ${place} > ? AND ${place} <= ?`)

const ordered = ({ place, order }: SqlIndex): string => [place, order].filter((one) => one !== undefined).join(", ")

/** Names of the statements that serve an index. */
export const scanName = (table: TableName, index: string): string => `${table}.${index}`
export const countName = (table: TableName, index: string): string => `${table}.${index}.count`
export const clearName = (table: TableName, index: string): string => `${table}.${index}.clear`
export const newestName = (table: TableName, index: string): string => `${table}.${index}.newest`
export const getName = (table: TableName): string => `${table}.get`
export const deleteName = (table: TableName): string => `${table}.delete`
const filtered = (name: string): string => `${name}.filtered`
export const filteredName = (name: string, isFiltered: boolean): string => (isFiltered ? filtered(name) : name)

/** An event is found by its number, then by its key: see the fifth migration. */
const journal =
  "WITH RECURSIVE known (ordinal, epoch) AS (SELECT ordinal, epoch FROM keys WHERE id = ?1), " +
  "wanted (seq) AS (SELECT ?2 + 1 UNION ALL SELECT seq + 1 FROM wanted, known WHERE seq < min(epoch, ?3) LIMIT ?4) " +
  "SELECT ?1 AS id, events.seq, at, principal, request_id, payload, previous, hash FROM known CROSS JOIN wanted " +
  "CROSS JOIN events ON events.seq = wanted.seq AND events.key = known.ordinal WHERE wanted.seq <= ?3 " +
  "ORDER BY wanted.seq LIMIT ?4 OFFSET ?5"

const newestFirst = new Set(["audit.bySeq", "versions.ofKey"])

const ofIndex = (table: TableName, index: string, sql: SqlIndex): ReadonlyArray<readonly [string, string]> => {
  const { columns, from, remove } = sqlTables[table]
  const where = `${sql.where}${between(sql)}`
  const rows = `SELECT ${columns} FROM ${from} WHERE ${where}`
  const total = `SELECT count(*) AS total FROM ${from} WHERE ${where}`
  const page = `ORDER BY ${ordered(sql)} LIMIT ? OFFSET ?`
  const removed = `${remove === undefined ? sql.where : (remove[index] ?? sql.where)}${between(sql)}`
  const name = scanName(table, index)
  const statements: Array<readonly [string, string]> = [
    [countName(table, index), total],
    [clearName(table, index), `DELETE FROM ${tableOf[table] ?? table} WHERE ${removed}`]
  ]
  if (ordered(sql) !== "") statements.push([name, name === "events.ofKey" ? journal : `${rows} ${page}`])
  if (newestFirst.has(name)) {
    const before = sql.place === undefined ? "" : ` AND ${sql.place} < ?`
    const order = `ORDER BY ${sql.place ?? sql.order ?? ""} DESC LIMIT ? OFFSET ?`
    statements.push([newestName(table, index), `SELECT ${columns} FROM ${from} WHERE ${sql.where}${before} ${order}`])
  }
  if (name === "keys.live") {
    statements.push(
      [filtered(name), `${rows} AND ${passes} ${page}`],
      [filtered(countName(table, index)), `${total} AND ${passes}`]
    )
  }
  return statements
}

const ofTable = (table: TableName): ReadonlyArray<readonly [string, string]> => {
  const { columns, from, id, indexes: known, remove } = sqlTables[table]
  return [
    [getName(table), `SELECT ${columns} FROM ${from} WHERE ${id}`],
    [deleteName(table), `DELETE FROM ${tableOf[table] ?? table} WHERE ${remove?.id ?? id}`],
    ...Object.entries<SqlIndex>(known).flatMap(([index, sql]) => ofIndex(table, index, sql))
  ]
}

const isTable = (name: string): name is TableName => name in sqlTables

/** Every statement that follows from the tables and indexes of the port, by its name. */
export const portStatements: ReadonlyMap<string, string> = new Map(
  Object.keys(sqlTables).filter(isTable).flatMap(ofTable)
)

/** What a range without bounds is bound by: no place lies outside. */
const lowest = { text: "", number: Number.MIN_SAFE_INTEGER } as const
const highest = { text: "\u{10ffff}", number: Number.MAX_SAFE_INTEGER } as const

export interface Bounds {
  readonly after?: RowId[number]
  readonly until?: RowId[number]
}

/** The bounds of a scan, for an index that has a place. */
export const boundsOf = (table: TableName, index: string, { after, until }: Bounds): RowId => {
  const { place } = Reflect.get(sqlTables[table].indexes, index) as SqlIndex
  if (place === undefined) return []
  const kind = place === "id" ? "text" : "number"
  return [after ?? lowest[kind], until ?? highest[kind]]
}

/** The bound of a scan from the newest on. */
export const newestBoundOf = (table: TableName, index: string, { after }: Bounds): RowId => {
  const { place } = Reflect.get(sqlTables[table].indexes, index) as SqlIndex
  return place === undefined ? [] : [after ?? highest.number]
}
