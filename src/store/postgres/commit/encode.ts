/** Encodes a group of plans as the one JSON argument of `commit_v1`. */
import type { Check, CountCheck, Plan, Put, RangeOf, RowCheck, Write } from "../../../plan/plan.ts"
import type { RowId, StoredRow, TableName } from "../../../records/storedRows.ts"
import { derivedOf } from "../derived.ts"
import { indexOf, sqlTables } from "../tables.ts"
import type { Column } from "../tables.ts"
import { idOfPut, nameOf, rangeName } from "./footprint.ts"
import type { Footprint } from "./footprint.ts"

/** A plan of a group, and its locks. */
export interface Member {
  readonly plan: Plan
  readonly footprint: Footprint
}

type Entry = Record<string, unknown>
type Lists = Record<string, Array<Entry>>

/** The argument, with the names that the function reads. */
interface Argument {
  readonly keys: Set<string>
  readonly names: Set<string>
  readonly checks: Lists
  readonly counts: Lists
  readonly clears: Lists
  readonly deletes: Lists
  readonly erases: Array<Entry>
  readonly changed: Array<Entry>
  readonly puts: Lists
  readonly lines: Array<Entry>
}

const fits = (text: string): boolean => text.isWellFormed() && !text.includes("\u0000")

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")

/** A value for JSON. A text that PostgreSQL cannot store is a bug above the store. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return base64(value)
  if (typeof value === "string" && !fits(value))
    throw new Error("a text of a row holds a zero character or half of a surrogate pair")
  return value
}

const addTo = (lists: Lists, name: string, entry: Entry): void => {
  const known = lists[name]
  if (known === undefined) lists[name] = [entry]
  else known.push(entry)
}

const byColumns = (names: ReadonlyArray<string>, values: RowId): Entry =>
  Object.fromEntries(names.map((name, place) => [name, plain(values[place])]))

const columnsOf = <T extends TableName>(table: T, row: StoredRow<T>): Entry => {
  const entry: Entry = {}
  for (const [property, { name }] of Object.entries<Column>(sqlTables[table].columns)) {
    entry[name] = plain(Reflect.get(row, property))
  }
  return entry
}

/** A row as JSON, by its columns. Keys also have the columns that filters test. */
export const entryOf = <T extends TableName>(table: T, row: StoredRow<T>): Entry => {
  const entry = columnsOf(table, row)
  // The compiler does not relate a table's name to its rows.
  return table === "keys" ? { ...entry, ...derivedOf(row as StoredRow<"keys">) } : entry
}

const isRowCheck = (check: Check): check is RowCheck => "table" in check

const addCheck = (into: Argument, plan: number, n: number, check: RowCheck): void => {
  const { table, id, revision } = check
  addTo(into.checks, table, { plan, n, revision: plain(revision ?? null), ...byColumns(sqlTables[table].id, id) })
}

/** Each earlier check of the same range in the group counts as if its plan had added a row. */
const addCount = (into: Argument, at: { readonly plan: number; readonly n: number }, check: CountCheck): void => {
  const { fewer, of } = check
  if (of.after !== undefined || of.until !== undefined || of.where !== undefined) {
    throw new Error("a range that is counted in a plan has no bounds")
  }
  into.names.add(rangeName(of))
  const name = `${of.table}.${of.index}`
  const partition = byColumns(indexOf(of.table, of.index).partition, of.partition)
  const isSame = (other: Entry): boolean =>
    Object.entries(partition).every(([column, value]) => other[column] === value)
  const rank = (into.counts[name] ?? []).filter(isSame).length
  addTo(into.counts, name, { ...at, rank, fewer, ...partition })
}

const addClear = (into: Argument, plan: number, { table, index, partition, after, until }: RangeOf): void => {
  const columns = byColumns(indexOf(table, index).partition, partition)
  addTo(into.clears, `${table}.${index}`, { plan, after: after ?? null, until: until ?? null, ...columns })
}

/** Keys that the plan found in the store; their rows are updated, and all others are inserted. */
const foundKeys = ({ checks }: Plan): ReadonlySet<string> =>
  new Set(
    checks
      .filter(isRowCheck)
      .flatMap(({ table, id, revision }) => (table === "keys" && revision !== undefined ? [String(id[0])] : []))
  )

const addPut = (into: Argument, plan: number, put: Put, found: ReadonlySet<string>): void => {
  if (put.table === "audit") throw new Error("the audit log is written by lines")
  const entry = { plan, ...entryOf(put.table, put.row) }
  if (put.table === "keys" && found.has(put.row.keyId)) into.changed.push(entry)
  else addTo(into.puts, put.table, entry)
  return undefined
}

const clearedTable = (write: Exclude<Write, { readonly op: "put" | "delete" }>): TableName =>
  write.op === "erase" ? "versions" : write.range.table

/** The function removes rows before it puts any. It would execute a plan wrongly that removes a row it has just put. */
const assertOrder = (writes: ReadonlyArray<Write>): void => {
  const tables = new Set<TableName>()
  const rows = new Set<string>()
  for (const write of writes) {
    if (write.op === "put") {
      tables.add(write.table)
      rows.add(nameOf(write.table, idOfPut(write.table, write.row)))
    } else if (write.op === "delete" ? rows.has(nameOf(write.table, write.id)) : tables.has(clearedTable(write))) {
      throw new Error("a plan removes rows before it puts them")
    }
  }
}

const addPlan = (into: Argument, number: number, { plan, footprint }: Member): void => {
  const found = foundKeys(plan)
  for (const id of footprint.keys) into.keys.add(id)
  for (const name of footprint.names) into.names.add(name)
  for (const [n, check] of plan.checks.entries()) {
    if (isRowCheck(check)) addCheck(into, number, n, check)
    else addCount(into, { plan: number, n }, check)
  }
  for (const write of plan.writes) {
    if (write.op === "put") addPut(into, number, write, found)
    else if (write.op === "erase") into.erases.push({ plan: number, key: write.keyId })
    else if (write.op === "clear") addClear(into, number, write.range)
    else addTo(into.deletes, write.table, { plan: number, ...byColumns(sqlTables[write.table].id, write.id) })
  }
  for (const line of plan.lines) into.lines.push({ plan: number, n: into.lines.length, line: JSON.stringify(line) })
}

const isEmpty = (part: unknown): boolean => typeof part === "object" && part !== null && Object.keys(part).length === 0

/** Throws an Error if a plan cannot be executed here, which only a bug above the store causes. */
export const encodeGroup = (members: ReadonlyArray<Member>): string => {
  const into: Argument = {
    keys: new Set(),
    names: new Set(),
    checks: {},
    counts: {},
    clears: {},
    deletes: {},
    erases: [],
    changed: [],
    puts: {},
    lines: []
  }
  for (const [number, member] of members.entries()) {
    assertOrder(member.plan.writes)
    addPlan(into, number, member)
  }
  const { keys, names, ...lists } = into
  const parts = Object.entries({ keys: [...keys], names: [...names], ...lists })
  return JSON.stringify(Object.fromEntries(parts.filter(([, part]) => !isEmpty(part))))
}
