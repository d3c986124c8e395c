/** The SQL statements of the port's reads and removals, by name, with their parameters. */
import type { KeyFilter, RowId, TableName } from "../../records/storedRows.ts"
import { blockBits } from "./schema.ts"
import { sqlTables } from "./tables.ts"
import type { SqlIndex } from "./tables.ts"

const tableOf: Readonly<Partial<Record<TableName, string>>> = { owed: "commands", importSessions: "import_sessions" }

/** A key passes if the filter, a JSON object, has no list for the property or has its value in the list. */
const among = (property: string, value: string): string =>
  `(?3 ->> '$.${property}' IS NULL OR ${value} IN (SELECT value FROM json_each(?3, '$.${property}')))`

const ofState = among("state", "state")
const ofCreatorType = among("creatorType", "iif(service, 'Service', 'User')")

const passes = [
  ofState,
  among("spec", "snapshot ->> '$.context.spec'"),
  among("usage", "snapshot ->> '$.context.usage'"),
  among("protection", "snapshot ->> '$.context.protection'"),
  ofCreatorType,
  among("keyId", "id"),
  among("creator", "metadata ->> '$.creator'"),
  "(coalesce(?3 ->> '$.tagKey', ?3 ->> '$.tagValue') IS NULL OR EXISTS (SELECT 1 FROM json_each(metadata, '$.tags') " +
    `WHERE ${among("tagKey", "json_each.key")} AND ${among("tagValue", "json_each.value")}))`
].join(" AND ")

/** Finds the named keys by their ids. With a condition on the id alone, SQLite would read all keys in their order. */
const isNamed = "ordinal IN (SELECT ordinal FROM keys WHERE id IN (SELECT value FROM json_each(?3, '$.keyId')))"

const between = ({ place }: SqlIndex): string => (place === undefined ? "" : ` AND ${place} > ? AND ${place} <= ?`)

const ordered = ({ place, order }: SqlIndex): string => [place, order].filter((one) => one !== undefined).join(", ")

/** Names of the statements for an index. */
export const scanName = (table: TableName, index: string): string => `${table}.${index}`
export const countName = (table: TableName, index: string): string => `${table}.${index}.count`
export const clearName = (table: TableName, index: string): string => `${table}.${index}.clear`
export const newestName = (table: TableName, index: string): string => `${table}.${index}.newest`
export const getName = (table: TableName): string => `${table}.get`
export const deleteName = (table: TableName): string => `${table}.delete`
const filtered = (name: string): string => `${name}.filtered`
const named = (name: string): string => `${name}.named`
const ofKinds = (name: string): string => `${name}.kinds`

/** The statement for a filter: if it names keys, only these are read. */
export const filteredName = (name: string, where: KeyFilter | undefined): string => {
  if (where === undefined) return name
  return where.keyId === undefined ? filtered(name) : named(name)
}

const kinds: ReadonlySet<string> = new Set(["state", "creatorType"] satisfies ReadonlyArray<keyof KeyFilter>)

/** The statement for the number of rows. Keys of a kind are counted when they change, so they need not be read. */
export const filteredCountName = (table: TableName, index: string, where: KeyFilter | undefined): string => {
  const name = countName(table, index)
  const isOfKinds = where !== undefined && Object.keys(where).every((property) => kinds.has(property))
  return isOfKinds ? ofKinds(name) : filteredName(name, where)
}

/** An event is found by its number, then by its key: see the fifth migration. */
const journal =
  "WITH RECURSIVE known (ordinal, epoch) AS (SELECT ordinal, epoch FROM keys WHERE id = ?1), " +
  "wanted (seq) AS (SELECT ?2 + 1 UNION ALL SELECT seq + 1 FROM wanted, known WHERE seq < min(epoch, ?3) LIMIT ?4) " +
  "SELECT ?1 AS id, events.seq, at, principal, request_id, payload, previous, hash FROM known CROSS JOIN wanted " +
  "CROSS JOIN events ON events.seq = wanted.seq AND events.key = known.ordinal WHERE wanted.seq <= ?3 " +
  "ORDER BY wanted.seq LIMIT ?4 OFFSET ?5"

/** The last block that begins at the offset or before it, and the number of rows before the block. */
const start = (blocks: string): string =>
  "WITH start (block, skipped) AS MATERIALIZED (SELECT block, skipped FROM (SELECT block, " +
  `sum(number) OVER (ORDER BY block) - number AS skipped FROM ${blocks} WHERE account = ?1 AND region = ?2) ` +
  "WHERE skipped <= ?4 ORDER BY block DESC LIMIT 1)"

/** A page of a table with blocks. Rows that are skipped are read from the index alone. */
const listed = (columns: string, table: string, where: string): string =>
  `SELECT ${columns} FROM ${table} WHERE account = ?1 AND region = ?2 AND ${where} ` +
  `AND ordinal >= (SELECT block << ${blockBits} FROM start) ` +
  "ORDER BY ordinal LIMIT ?3 OFFSET coalesce(?4 - (SELECT skipped FROM start), 0)"

const newestFirst = new Set(["audit.bySeq", "versions.ofKey"])

/** Statements of indexes that need more than their conditions and their order. */
const own: Readonly<Record<string, string>> = {
  "events.ofKey": journal,
  "keys.live": `${start("key_blocks")} ${listed(sqlTables.keys.columns, "keys", "state <> 'Deleted'")}`,
  "aliases.inRealm":
    `${start("alias_blocks")} SELECT ${sqlTables.aliases.columns} FROM ${sqlTables.aliases.from} ` +
    `WHERE aliases.ordinal IN (${listed("ordinal", "aliases", "TRUE")}) ORDER BY aliases.ordinal`
}

const ofIndex = (table: TableName, index: string, sql: SqlIndex): ReadonlyArray<readonly [string, string]> => {
  const { columns, from, remove } = sqlTables[table]
  const where = `${sql.where}${between(sql)}`
  const rows = `SELECT ${columns} FROM ${from} WHERE ${where}`
  const total = `SELECT count(*) AS total FROM ${from} WHERE ${where}`
  const page = `ORDER BY ${ordered(sql)} LIMIT ? OFFSET ?`
  const removed = `${remove === undefined ? sql.where : (remove[index] ?? sql.where)}${between(sql)}`
  const name = scanName(table, index)
  const statements: Array<readonly [string, string]> = [
    [countName(table, index), sql.count ?? total],
    [clearName(table, index), `DELETE FROM ${tableOf[table] ?? table} WHERE ${removed}`]
  ]
  if (ordered(sql) !== "") statements.push([name, own[name] ?? `${rows} ${page}`])
  if (newestFirst.has(name)) {
    const before = sql.place === undefined ? "" : ` AND ${sql.place} < ?`
    const order = `ORDER BY ${sql.place ?? sql.order ?? ""} DESC LIMIT ? OFFSET ?`
    statements.push([newestName(table, index), `SELECT ${columns} FROM ${from} WHERE ${sql.where}${before} ${order}`])
  }
  if (name === "keys.live") {
    const counted = countName(table, index)
    statements.push(
      [filtered(name), `${rows} AND ${passes} ${page}`],
      [filtered(counted), `${total} AND ${passes}`],
      [named(name), `${rows} AND ${isNamed} AND ${passes} ${page}`],
      [named(counted), `${total} AND ${isNamed} AND ${passes}`],
      [ofKinds(counted), `${sql.count ?? total} AND ${ofState} AND ${ofCreatorType}`]
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

/** All statements that follow from the tables and indexes of the port, by name. */
export const portStatements: ReadonlyMap<string, string> = new Map(
  Object.keys(sqlTables).filter(isTable).flatMap(ofTable)
)

/** The default bounds of a range: every place is within them. */
const lowest = { text: "", number: Number.MIN_SAFE_INTEGER } as const
const highest = { text: "\u{10ffff}", number: Number.MAX_SAFE_INTEGER } as const

export interface Bounds {
  readonly after?: RowId[number]
  readonly until?: RowId[number]
}

/** The bounds of a scan, for an index with a place. */
export const boundsOf = (table: TableName, index: string, { after, until }: Bounds): RowId => {
  const { place } = Reflect.get(sqlTables[table].indexes, index) as SqlIndex
  if (place === undefined) return []
  const kind = place === "id" ? "text" : "number"
  return [after ?? lowest[kind], until ?? highest[kind]]
}

/** The bound of a scan with the newest rows first. */
export const newestBoundOf = (table: TableName, index: string, { after }: Bounds): RowId => {
  const { place } = Reflect.get(sqlTables[table].indexes, index) as SqlIndex
  return place === undefined ? [] : [after ?? highest.number]
}
