/** One table in memory, with its indexes. */
import { passes } from "../../records/keyFilter.ts"
import { idOf, indexes } from "../../records/storedRows.ts"
import type { Range, RowId, Scan, Standing, StoredRow, TableName } from "../../records/storedRows.ts"
import { makeSortedIndex, textOf } from "./sortedIndex.ts"
import type { Entry, SortedIndex } from "./sortedIndex.ts"

export interface SortedTable<T extends TableName> {
  readonly get: (id: RowId) => StoredRow<T> | undefined
  readonly put: (row: StoredRow<T>) => void
  /** Returns the removed row. */
  readonly remove: (id: RowId) => StoredRow<T> | undefined
  readonly scan: (scan: Scan<T>) => ReadonlyArray<StoredRow<T>>
  readonly count: (range: Range<T>) => number
}

type StandingOf<T extends TableName> = (row: StoredRow<T>) => Standing | undefined

const everything = Number.MAX_SAFE_INTEGER

/** Whether a row passes the filter of a range. Only ranges of keys have one. */
const passesIn =
  <T extends TableName>({ table, where }: Range<T>) =>
  (row: StoredRow<T>): boolean =>
    where === undefined || (table === "keys" && passes(row as StoredRow<"keys">, where))

export const makeSortedTable = <T extends TableName>(table: T): SortedTable<T> => {
  const entries = new Map<string, Entry<T>>()
  const sorted = new Map<string, SortedIndex<T>>()
  // The compiler does not connect the indexes of a table with the rows of a table named by a parameter.
  const standings = Object.entries(indexes[table]) as ReadonlyArray<readonly [string, StandingOf<T>]>
  for (const [name, standingOf] of standings) sorted.set(name, makeSortedIndex(standingOf))
  let made = 0

  const indexOf = (name: string): SortedIndex<T> => {
    const index = sorted.get(name)
    if (index === undefined) throw new Error(`the table ${table} has no index ${name}`)
    return index
  }
  const move = (entry: Entry<T>, before: StoredRow<T> | undefined, after: StoredRow<T> | undefined): void => {
    for (const index of sorted.values()) index.move(entry, before, after)
  }

  return {
    get: (id) => entries.get(textOf(id))?.row,
    put: (row) => {
      const id = textOf(idOf(table, row))
      const known = entries.get(id)
      const entry = known ?? { ordinal: made++, row }
      move(entry, known?.row, row)
      entry.row = row
      if (known === undefined) entries.set(id, entry)
    },
    remove: (id) => {
      const entry = entries.get(textOf(id))
      if (entry === undefined) return undefined
      entries.delete(textOf(id))
      move(entry, entry.row, undefined)
      return entry.row
    },
    scan: (scan) => indexOf(scan.index).read(scan, passesIn(scan)),
    count: (range) =>
      range.where === undefined
        ? indexOf(range.index).count(range)
        : indexOf(range.index).read({ ...range, limit: everything }, passesIn(range)).length
  }
}
