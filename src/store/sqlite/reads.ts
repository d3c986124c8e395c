/** Reads of the port from the tables: each is one statement with an index. */
import { Effect } from "effect"
import type { Range, Scan, StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreUnavailable } from "../driver.ts"
import type { StoreAbilities, StoreDriver, StoreFailure } from "../driver.ts"
import { integerOf, textOf } from "./columns.ts"
import type { Columns } from "./columns.ts"
import { readFailureOf } from "./failures.ts"
import type { LogSync } from "./logSync.ts"
import type { Statements } from "./statements.ts"
import {
  boundsOf,
  filteredCountName,
  filteredName,
  getName,
  newestBoundOf,
  newestName,
  scanName
} from "./portStatements.ts"
import { sqlTables } from "./tables.ts"

const unsynced = (failure: Error): StoreUnavailable =>
  new StoreUnavailable({ reason: "Closed", message: `The database could not be synced: ${failure.message}.` })

/** Reads, and returns when the result is durable: no caller sees a change that a power failure could undo. */
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

/** Sentences about damage: inconsistent pages and indexes, rows without a parent. */
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
    .map((row) => `event ${integerOf(row, "seq")} of key ${textOf(row, "id")} is none of its epochs`),
  ...statements("miscounted")
    .all()
    .map((row) => `the stored number of keys in state ${textOf(row, "state")} is not their number`),
  ...statements("mislisted")
    .all()
    .map((row) => `the stored number of keys in region ${textOf(row, "region")} is not their number`),
  ...statements("misnamed")
    .all()
    .map((row) => `the stored number of aliases in region ${textOf(row, "region")} is not their number`)
]

const filterOf = <T extends TableName>({ where }: Range<T>): ReadonlyArray<string> =>
  where === undefined ? [] : [JSON.stringify(where)]

const rowsOf = <T extends TableName>(statements: Statements, scan: Scan<T>): ReadonlyArray<Columns> => {
  const { table, index, partition, where, newestFirst, offset = 0, limit } = scan
  if (newestFirst === true) {
    const bounds = newestBoundOf(table, index, scan)
    return statements.ofPort(newestName(table, index)).all(...partition, ...bounds, limit, offset)
  }
  const bounds = boundsOf(table, index, scan)
  const name = filteredName(scanName(table, index), where)
  return statements.ofPort(name).all(...partition, ...filterOf(scan), ...bounds, limit, offset)
}

const totalOf = <T extends TableName>(statements: Statements, range: Range<T>): number => {
  const { table, index, partition, where } = range
  const name = filteredCountName(table, index, where)
  const found = statements.ofPort(name).get(...partition, ...filterOf(range), ...boundsOf(table, index, range))
  return found === undefined ? 0 : integerOf(found, "total")
}

type Reads = Pick<StoreDriver, "get" | "scan" | "count"> & {
  readonly page: NonNullable<StoreAbilities["page"]>
  readonly faults: Effect.Effect<ReadonlyArray<string>, StoreFailure>
}

/** A row of a table. The compiler does not connect a table's reader with the table's name. */
const read = <T extends TableName>(table: T, row: Columns): StoredRow<T> => sqlTables[table].read(row)

export const makeReads = (statements: Statements, log: LogSync): Reads => {
  const look = lookThrough(log)
  const scanned = <T extends TableName>(scan: Scan<T>): ReadonlyArray<StoredRow<T>> =>
    rowsOf(statements, scan).map((row) => read(scan.table, row))
  return {
    get: (table, id) =>
      look(() => {
        const row = statements.ofPort(getName(table)).get(...id)
        return row === undefined ? undefined : read(table, row)
      }),
    scan: (scan) => look(() => scanned(scan)),
    count: (range) => look(() => totalOf(statements, range)),
    page: (scan) =>
      look(() => {
        const { offset = 0, limit } = scan
        const total = totalOf(statements, scan)
        // The last row of a filter ends the scan, which would otherwise read all further keys.
        const rows = total > offset ? scanned({ ...scan, limit: Math.min(limit, total - offset) }) : []
        return { rows, total }
      }),
    faults: look(() => faultsOf(statements))
  }
}
