/** The reads of the port, each as one statement. */
import { Effect } from "effect"
import type { Range, RowId, Scan, StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreDamaged } from "../driver.ts"
import type { StoreAbilities, StoreDriver, StoreFailure } from "../driver.ts"
import { integerOf, rowOf } from "./columns.ts"
import { conditionOf } from "./derived.ts"
import { orReadFailure } from "./failures.ts"
import type { Columns, Parameter, SqlFailure } from "./session.ts"
import { indexOf, qualified, sqlTables, typeOf } from "./tables.ts"
import type { Column, SqlIndex } from "./tables.ts"

/** Runs a statement that changes nothing. */
export type Ask = (
  text: string,
  parameters: ReadonlyArray<Parameter>
) => Effect.Effect<ReadonlyArray<Columns>, SqlFailure>

export const selected = (table: TableName): string =>
  Object.values<Column>(sqlTables[table].columns)
    .map(({ name }) => `t.${name}`)
    .join(", ")

/** Numbers are sent as text, and the statement casts them. */
const parameterOf = (value: RowId[number]): string => String(value)

/** Decodes the rows of an answer. A row that does not decode is damage. */
export const decoded = <A>(
  asked: Effect.Effect<ReadonlyArray<Columns>, SqlFailure>,
  decode: (rows: ReadonlyArray<Columns>) => A
): Effect.Effect<A, StoreFailure> =>
  Effect.flatMap(orReadFailure(asked), (rows) =>
    Effect.try({
      try: () => decode(rows),
      catch: (fault) => (fault instanceof StoreDamaged ? fault : new StoreDamaged({ message: String(fault) }))
    })
  )

interface Query {
  readonly where: ReadonlyArray<string>
  readonly parameters: ReadonlyArray<Parameter>
}

/** A comparison of a column with the next parameter. */
const compared = (table: TableName, column: string, sign: string, at: number): string =>
  `t.${column} ${sign} $${at}::${typeOf(table, column)}`

const boundsOf = <T extends TableName>(
  { after, until }: Range<T>,
  { place }: SqlIndex,
  isNewestFirst: boolean
): ReadonlyArray<readonly [string, string, RowId[number]]> => {
  if (place === undefined) return []
  return [
    ...(after === undefined ? [] : [[place, isNewestFirst ? "<" : ">", after] as const]),
    ...(until === undefined ? [] : [[place, "<=", until] as const])
  ]
}

const queryOf = <T extends TableName>(range: Range<T>, isNewestFirst: boolean): Query => {
  const { table, partition, where: filter } = range
  const index = indexOf(table, range.index)
  const comparisons = [
    ...index.partition.map((column, place) => [column, "=", partition[place] ?? ""] as const),
    ...boundsOf(range, index, isNewestFirst)
  ]
  const where = comparisons.map(([column, sign], place) => compared(table, column, sign, place + 1))
  const parameters: Array<Parameter> = comparisons.map(([, , value]) => parameterOf(value))
  const condition = filter === undefined ? undefined : conditionOf(filter, parameters.length + 1)
  return {
    where: [...where, index.only ?? "true", condition?.sql ?? "true"],
    parameters: [...parameters, ...(condition?.values ?? [])]
  }
}

const orderOf = ({ place, order }: SqlIndex, isNewestFirst: boolean): string =>
  [place, order]
    .flatMap((columns) => (columns === undefined ? [] : columns.split(", ")))
    .map((column) => `t.${column}${isNewestFirst ? " DESC" : ""}`)
    .join(", ")

/** The largest number that LIMIT accepts. */
const limitOf = (limit: number): string => String(Math.min(limit, Number.MAX_SAFE_INTEGER))

const scanQuery = <T extends TableName>(
  scan: Scan<T>
): { readonly text: string; readonly parameters: ReadonlyArray<Parameter> } => {
  const { table, newestFirst = false, offset = 0, limit } = scan
  const { where, parameters } = queryOf(scan, newestFirst)
  const order = orderOf(indexOf(table, scan.index), newestFirst)
  const count = parameters.length
  return {
    text:
      `SELECT ${selected(table)} FROM ${qualified(table)} t WHERE ${where.join(" AND ")} ORDER BY ${order} ` +
      `LIMIT $${count + 1}::bigint OFFSET $${count + 2}::bigint`,
    parameters: [...parameters, limitOf(limit), String(offset)]
  }
}

/**
 * The rows of a scan in order, each with the number of rows of the whole range. A page without rows has one row with
 * only this number.
 */
const pageQuery = <T extends TableName>(
  scan: Scan<T>
): { readonly text: string; readonly parameters: ReadonlyArray<Parameter> } => {
  const { table, newestFirst = false, offset = 0, limit } = scan
  const { where, parameters } = queryOf(scan, newestFirst)
  const held = `FROM ${qualified(table)} t WHERE ${where.join(" AND ")}`
  const order = orderOf(indexOf(table, scan.index), newestFirst)
  const count = parameters.length
  return {
    text:
      `SELECT whole.total, part.* FROM (SELECT count(*) AS total ${held}) AS whole LEFT JOIN ` +
      `(SELECT row_number() OVER (ORDER BY ${order}) AS place, ${selected(table)} ${held} ORDER BY ${order} ` +
      `LIMIT $${count + 1}::bigint OFFSET $${count + 2}::bigint) AS part ON true ORDER BY part.place`,
    parameters: [...parameters, limitOf(limit), String(offset)]
  }
}

/** The answers of `scan` and `count` from one statement. */
export const makePage =
  (ask: Ask): NonNullable<StoreAbilities["page"]> =>
  (scan) => {
    const { text, parameters } = pageQuery(scan)
    return decoded(ask(text, parameters), (rows) => ({
      rows: rows.flatMap((row) => (row["place"] === null ? [] : [rowOf(scan.table, row)])),
      total: rows[0] === undefined ? 0 : integerOf(rows[0], "total")
    }))
  }

const getText = (table: TableName): string =>
  `SELECT ${selected(table)} FROM ${qualified(table)} t WHERE ` +
  sqlTables[table].id.map((column, place) => compared(table, column, "=", place + 1)).join(" AND ")

export const makeReads = (ask: Ask): Pick<StoreDriver, "get" | "scan" | "count"> => ({
  get: <T extends TableName>(table: T, id: RowId): Effect.Effect<StoredRow<T> | undefined, StoreFailure> =>
    decoded(ask(getText(table), id.map(parameterOf)), ([row]) => (row === undefined ? undefined : rowOf(table, row))),
  scan: <T extends TableName>(scan: Scan<T>): Effect.Effect<ReadonlyArray<StoredRow<T>>, StoreFailure> => {
    const { text, parameters } = scanQuery(scan)
    return decoded(ask(text, parameters), (rows) => rows.map((row) => rowOf(scan.table, row)))
  },
  count: <T extends TableName>(range: Range<T>): Effect.Effect<number, StoreFailure> => {
    const { where, parameters } = queryOf(range, false)
    const text = `SELECT count(*) AS total FROM ${qualified(range.table)} t WHERE ${where.join(" AND ")}`
    return decoded(ask(text, parameters), ([row]) => (row === undefined ? 0 : integerOf(row, "total")))
  }
})
