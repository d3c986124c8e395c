/** All tables of a store in memory, with their indexes: a building block for stores that keep their rows in memory. */
import { revisionIn } from "../../plan/execute.ts"
import type { Rows } from "../../plan/execute.ts"
import type { Write } from "../../plan/plan.ts"
import { idOf } from "../../records/storedRows.ts"
import type { Range, RowId, Scan, StoredRow, StoredRows, TableName } from "../../records/storedRows.ts"
import { makeSortedTable } from "./sortedTable.ts"
import type { SortedTable } from "./sortedTable.ts"

/** Rows are copied on the way in and out, so a caller may change its arguments and results. */
export interface Tables {
  readonly get: <T extends TableName>(table: T, id: RowId) => StoredRow<T> | undefined
  readonly scan: <T extends TableName>(scan: Scan<T>) => ReadonlyArray<StoredRow<T>>
  readonly count: <T extends TableName>(range: Range<T>) => number
  /** The rows in the form of `execute`. */
  readonly rows: Rows
}

type TableOf = { readonly [T in TableName]: SortedTable<T> }

const makeTableOf = (): TableOf => ({
  keys: makeSortedTable("keys"),
  versions: makeSortedTable("versions"),
  events: makeSortedTable("events"),
  deadlines: makeSortedTable("deadlines"),
  owed: makeSortedTable("owed"),
  aliases: makeSortedTable("aliases"),
  importSessions: makeSortedTable("importSessions"),
  invocations: makeSortedTable("invocations"),
  ram: makeSortedTable("ram"),
  audit: makeSortedTable("audit"),
  nonces: makeSortedTable("nonces"),
  meta: makeSortedTable("meta")
})

const copyOf = <Row extends StoredRows[TableName]>(row: Row): Row => {
  const copy = { ...row }
  // Bytes cannot be frozen, so they are copied in both directions.
  for (const [name, value] of Object.entries(copy)) {
    if (value instanceof Uint8Array) Object.assign(copy, { [name]: Uint8Array.from(value) })
  }
  return copy
}

/** Overwrites erased bytes instead of leaving them to the garbage collector. */
const wipe = (row: object | undefined): void => {
  for (const value of Object.values(row ?? {})) if (value instanceof Uint8Array) value.fill(0)
}

const everything = Number.MAX_SAFE_INTEGER

/** The table of a name. The compiler cannot derive which member of the union it is. */
const tableOf = <T extends TableName>(tables: TableOf, name: T): SortedTable<T> => tables[name]

const clear = <T extends TableName>(table: SortedTable<T>, range: Range<T>): void => {
  for (const row of table.scan({ ...range, limit: everything })) wipe(table.remove(idOf(range.table, row)))
}

const erase = ({ versions }: TableOf, keyId: string): void => {
  for (const row of versions.scan({ table: "versions", index: "ofKey", partition: [keyId], limit: everything })) {
    wipe(row)
    versions.put({ ...row, sealed: null, publicKey: null })
  }
}

const rowsOf = (tables: TableOf): Rows => ({
  revision: (table, id) => revisionIn(table, tableOf(tables, table).get(id)),
  count: (range) => tableOf(tables, range.table).count(range as never),
  write: (write: Write) => {
    switch (write.op) {
      case "put":
        return tableOf(tables, write.table).put(copyOf(write.row) as never)
      case "delete":
        return wipe(tableOf(tables, write.table).remove(write.id))
      case "clear":
        return clear(tableOf(tables, write.range.table), write.range as never)
      case "erase":
        return erase(tables, write.keyId)
      default:
        return write satisfies never
    }
  }
})

/** Empty tables in memory. */
export const makeTables = (): Tables => {
  const tables = makeTableOf()
  return {
    get: (table, id) => {
      const row = tableOf(tables, table).get(id)
      return row === undefined ? undefined : copyOf(row)
    },
    scan: (scan) =>
      tableOf(tables, scan.table)
        .scan(scan)
        .map((row) => copyOf(row)),
    count: (range) => tableOf(tables, range.table).count(range),
    rows: rowsOf(tables)
  }
}
