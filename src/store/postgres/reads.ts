/** The reads of the port, each as one statement. */
import { Effect } from "effect"
import type { Range, RowId, Scan, StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreDamaged } from "../driver.ts"
import type { StoreAbilities, StoreDriver, StoreFailure } from "../driver.ts"
import { integerOf, rowOf } from "./columns.ts"
import { conditionOf } from "./derived.ts"
import { orReadFailure } from "./failures.ts"
import type { Columns, Parameter, SqlFailure } from "./session.ts"
import { blockBits, indexOf, qualified, qualifiedNumbers, sqlTables, typeOf } from "./tables.ts"
import type { Column, Numbers, SqlIndex } from "./tables.ts"

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

interface Statement {
  readonly text: string
  readonly parameters: ReadonlyArray<Parameter>
}

/** The stored numbers for a range, if it is a whole partition of an index with numbers. */
const numbersOf = <T extends TableName>(range: Range<T>): Numbers | undefined =>
  range.where === undefined && range.after === undefined && range.until === undefined
    ? indexOf(range.table, range.index).numbers
    : undefined

/** The condition on the numbers of a partition. Its parameters are the first of the statement. */
const numbersWhere = <T extends TableName>({ index, table }: Range<T>, { only }: Numbers): string =>
  [...indexOf(table, index).partition.map((column, at) => compared(table, column, "=", at + 1)), only ?? "true"].join(
    " AND "
  )

const sumOf = <T extends TableName>(range: Range<T>, numbers: Numbers): string =>
  `SELECT coalesce(sum(t.number), 0)::bigint AS total FROM ${qualifiedNumbers(numbers)} t WHERE ` +
  numbersWhere(range, numbers)

const totalText = <T extends TableName>(range: Range<T>, where: ReadonlyArray<string>, isCounted: boolean): string => {
  const numbers = isCounted ? numbersOf(range) : undefined
  return numbers === undefined
    ? `SELECT count(*) AS total FROM ${qualified(range.table)} t WHERE ${where.join(" AND ")}`
    : sumOf(range, numbers)
}

interface Part {
  /** Goes before the statement. */
  readonly beginning: string
  readonly where: string
  readonly offset: string
}

/** The last block that begins at the offset or before it, and the number of rows before the block. */
const startText = <T extends TableName>(range: Range<T>, numbers: Numbers, offset: string): string =>
  `WITH start AS MATERIALIZED (SELECT block, skipped FROM (SELECT t.block, (sum(t.number) OVER (ORDER BY t.block) - ` +
  `t.number)::bigint AS skipped FROM ${qualifiedNumbers(numbers)} t WHERE ${numbersWhere(range, numbers)}) AS blocks ` +
  `WHERE skipped <= ${offset} ORDER BY block DESC LIMIT 1) `

/** How the rows before a page are skipped: by the numbers of blocks, or one by one. */
const partOf = <T extends TableName>(scan: Scan<T>, isCounted: boolean, offset: string): Part => {
  const numbers = isCounted && (scan.offset ?? 0) > 0 ? numbersOf(scan) : undefined
  if (numbers?.areBlocks !== true) return { beginning: "", where: "true", offset }
  return {
    beginning: startText(scan, numbers, offset),
    where: `t.ordinal >= coalesce((SELECT block << ${blockBits} FROM start), 0)`,
    offset: `${offset} - coalesce((SELECT skipped FROM start), 0)`
  }
}

const scanQuery = <T extends TableName>(scan: Scan<T>, isCounted: boolean): Statement => {
  const { table, newestFirst = false, offset = 0, limit } = scan
  const { where, parameters } = queryOf(scan, newestFirst)
  const order = orderOf(indexOf(table, scan.index), newestFirst)
  const count = parameters.length
  const part = partOf(scan, isCounted, `$${count + 2}::bigint`)
  return {
    text:
      `${part.beginning}SELECT ${selected(table)} FROM ${qualified(table)} t ` +
      `WHERE ${[...where, part.where].join(" AND ")} ORDER BY ${order} LIMIT $${count + 1}::bigint OFFSET ${part.offset}`,
    parameters: [...parameters, limitOf(limit), String(offset)]
  }
}

/**
 * The rows of a scan in order, each with the number of rows of the whole range. A page without rows has one row with only
 * this number.
 */
const pageQuery = <T extends TableName>(scan: Scan<T>, isCounted: boolean): Statement => {
  const { table, newestFirst = false, offset = 0, limit } = scan
  const { where, parameters } = queryOf(scan, newestFirst)
  const order = orderOf(indexOf(table, scan.index), newestFirst)
  const count = parameters.length
  const part = partOf(scan, isCounted, `$${count + 2}::bigint`)
  return {
    text:
      `${part.beginning}SELECT whole.total, part.* FROM (${totalText(scan, where, isCounted)}) AS whole LEFT JOIN ` +
      `(SELECT row_number() OVER (ORDER BY ${order}) AS place, ${selected(table)} FROM ${qualified(table)} t ` +
      `WHERE ${[...where, part.where].join(" AND ")} ORDER BY ${order} ` +
      `LIMIT $${count + 1}::bigint OFFSET ${part.offset}) AS part ON true ORDER BY part.place`,
    parameters: [...parameters, limitOf(limit), String(offset)]
  }
}

/** Whether the database has stored numbers. The schema before has none, and may be migrated at any time. */
export const countedIn = (ask: Ask): Effect.Effect<boolean, StoreFailure> => {
  let isCounted = false
  const asked = decoded(ask("SELECT to_regclass('keystate.alias_blocks') IS NOT NULL AS there", []), ([row]) => {
    isCounted = row?.["there"] === true
    return isCounted
  })
  return Effect.suspend(() => (isCounted ? Effect.succeed(true) : asked))
}

/** Whether to read stored numbers for a range. */
const readsNumbers = <T extends TableName>(
  counted: Effect.Effect<boolean, StoreFailure>,
  range: Range<T>
): Effect.Effect<boolean, StoreFailure> => (numbersOf(range) === undefined ? Effect.succeed(false) : counted)

/** The answers of `scan` and `count` from one statement. */
export const makePage = (ask: Ask): NonNullable<StoreAbilities["page"]> => {
  const counted = countedIn(ask)
  return (scan) =>
    Effect.flatMap(readsNumbers(counted, scan), (isCounted) => {
      const { text, parameters } = pageQuery(scan, isCounted)
      return decoded(ask(text, parameters), (rows) => ({
        rows: rows.flatMap((row) => (row["place"] === null ? [] : [rowOf(scan.table, row)])),
        total: rows[0] === undefined ? 0 : integerOf(rows[0], "total")
      }))
    })
}

const getText = (table: TableName): string =>
  `SELECT ${selected(table)} FROM ${qualified(table)} t WHERE ` +
  sqlTables[table].id.map((column, place) => compared(table, column, "=", place + 1)).join(" AND ")

export const makeReads = (ask: Ask): Pick<StoreDriver, "get" | "scan" | "count"> => {
  const counted = countedIn(ask)
  return {
    get: <T extends TableName>(table: T, id: RowId): Effect.Effect<StoredRow<T> | undefined, StoreFailure> =>
      decoded(ask(getText(table), id.map(parameterOf)), ([row]) => (row === undefined ? undefined : rowOf(table, row))),
    scan: <T extends TableName>(scan: Scan<T>): Effect.Effect<ReadonlyArray<StoredRow<T>>, StoreFailure> =>
      Effect.flatMap(readsNumbers(counted, scan), (isCounted) => {
        const { text, parameters } = scanQuery(scan, isCounted)
        return decoded(ask(text, parameters), (rows) => rows.map((row) => rowOf(scan.table, row)))
      }),
    count: <T extends TableName>(range: Range<T>): Effect.Effect<number, StoreFailure> =>
      Effect.flatMap(readsNumbers(counted, range), (isCounted) => {
        const { where, parameters } = queryOf(range, false)
        return decoded(ask(totalText(range, where, isCounted), parameters), ([row]) =>
          row === undefined ? 0 : integerOf(row, "total")
        )
      })
  }
}
