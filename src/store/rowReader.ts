/** Reads rows through a driver and decodes them. */
import { Effect } from "effect"
import { rangeOf } from "../records/storedRows.ts"
import type { RowId, Scan, StoredRow, TableName } from "../records/storedRows.ts"
import { StoreDamaged } from "./driver.ts"
import type { CountedPage, StoreDriver, StoreFailure } from "./driver.ts"

/** Decodes the result of a read. A row that does not decode is damage, not a bug. */
export const decoded = <Row, A>(
  read: Effect.Effect<Row, StoreFailure>,
  decode: (row: Row) => A
): Effect.Effect<A, StoreFailure> =>
  Effect.flatMap(read, (row) =>
    Effect.try({
      try: () => decode(row),
      catch: (fault) => new StoreDamaged({ message: fault instanceof Error ? fault.message : "a row cannot be read" })
    })
  )

const pageOf = <T extends TableName>(
  driver: StoreDriver,
  scan: Scan<T>
): Effect.Effect<CountedPage<T>, StoreFailure> => {
  const none: ReadonlyArray<StoredRow<T>> = []
  const counted = driver.count(rangeOf(scan))
  if (scan.limit === 0) return Effect.map(counted, (total) => ({ rows: none, total }))
  return driver.abilities?.page?.(scan) ?? Effect.all({ rows: driver.scan(scan), total: counted })
}

export const reader = (driver: StoreDriver) => ({
  one: <T extends TableName, A>(
    table: T,
    id: RowId,
    decode: (row: StoredRow<T>) => A
  ): Effect.Effect<A | undefined, StoreFailure> =>
    decoded(driver.get(table, id), (row) => (row === undefined ? undefined : decode(row))),
  many: <T extends TableName, A>(
    scan: Scan<T>,
    decode: (row: StoredRow<T>) => A
  ): Effect.Effect<ReadonlyArray<A>, StoreFailure> =>
    decoded(driver.scan(scan), (rows) => rows.map((row) => decode(row))),
  /** Rows of a range, and the number of all its rows. Without a limit only the number is read. */
  page: <T extends TableName, A>(scan: Scan<T>, decode: (row: StoredRow<T>) => A) =>
    decoded(pageOf(driver, scan), ({ rows, total }) => ({ total, rows: rows.map((row) => decode(row)) }))
})

export type Reader = ReturnType<typeof reader>
