/** One index of a table in memory: each partition is a sorted list. */
import type { Range, RowId, Scan, Standing, StoredRow, TableName, Value } from "../../records/storedRows.ts"

/** A row with its number in the order of creation. */
export interface Entry<T extends TableName> {
  readonly ordinal: number
  row: StoredRow<T>
}

interface Placed<T extends TableName> {
  readonly place: RowId
  readonly entry: Entry<T>
}

const separator = "\u0000"

/** One text for the values of an id or a partition. */
export const textOf = (id: RowId): string => (id.length === 1 ? String(id[0]) : id.join(separator))

const compareValues = (left: Value, right: Value): number => {
  if (left === right) return 0
  return left < right ? -1 : 1
}

const comparePlaces = (left: RowId, right: RowId): number => {
  for (const [at, value] of left.entries()) {
    const order = compareValues(value, right[at] ?? value)
    if (order !== 0) return order
  }
  return 0
}

const compare = <T extends TableName>(left: Placed<T>, right: Placed<T>): number =>
  comparePlaces(left.place, right.place) || left.entry.ordinal - right.entry.ordinal

/** The first index in a sorted list for which `isAfter` holds. */
const firstWhere = <A>(list: ReadonlyArray<A>, isAfter: (item: A) => boolean): number => {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = list[middle]
    if (item !== undefined && !isAfter(item)) low = middle + 1
    else high = middle
  }
  return low
}

const isSame = (left: Standing | undefined, right: Standing | undefined): boolean => {
  if (left === undefined || right === undefined) return left === right
  return textOf(left.partition) === textOf(right.partition) && comparePlaces(left.place, right.place) === 0
}

type Bounds = Pick<Scan<TableName>, "after" | "until" | "newestFirst">

/** The start and the end of a range in a list. */
const boundsIn = <T extends TableName>(list: ReadonlyArray<Placed<T>>, { after, until, newestFirst }: Bounds) => {
  const atOrAfter = (bound: Value): number =>
    firstWhere(list, ({ place: [first = ""] }) => compareValues(first, bound) >= 0)
  const beyond = (bound: Value): number =>
    firstWhere(list, ({ place: [first = ""] }) => compareValues(first, bound) > 0)
  if (newestFirst === true) return { from: 0, to: after === undefined ? list.length : atOrAfter(after) }
  return { from: after === undefined ? 0 : beyond(after), to: until === undefined ? list.length : beyond(until) }
}

export interface SortedIndex<T extends TableName> {
  /** An entry was created, changed from another row, or is about to be removed. */
  readonly move: (entry: Entry<T>, before: StoredRow<T> | undefined, after: StoredRow<T> | undefined) => void
  /** The rows that pass, in order: `limit` of them after `offset`. */
  readonly read: (scan: Scan<T>, passes: (row: StoredRow<T>) => boolean) => ReadonlyArray<StoredRow<T>>
  readonly count: (range: Range<T>) => number
}

export const makeSortedIndex = <T extends TableName>(
  standingOf: (row: StoredRow<T>) => Standing | undefined
): SortedIndex<T> => {
  const lists = new Map<string, Array<Placed<T>>>()
  const listOf = (partition: RowId): ReadonlyArray<Placed<T>> => lists.get(textOf(partition)) ?? []

  const add = ({ partition, place }: Standing, entry: Entry<T>): void => {
    const name = textOf(partition)
    const list = lists.get(name)
    const placed = { place, entry }
    if (list === undefined) lists.set(name, [placed])
    else
      list.splice(
        firstWhere(list, (other) => compare(other, placed) > 0),
        0,
        placed
      )
  }
  const remove = ({ partition, place }: Standing, entry: Entry<T>): void => {
    const list = lists.get(textOf(partition))
    list?.splice(
      firstWhere(list, (other) => compare(other, { place, entry }) >= 0),
      1
    )
  }

  return {
    move: (entry, before, after) => {
      const from = before && standingOf(before)
      const to = after && standingOf(after)
      if (isSame(from, to)) return
      if (from !== undefined) remove(from, entry)
      if (to !== undefined) add(to, entry)
    },
    read: (scan, passes) => {
      const list = listOf(scan.partition)
      const { from, to } = boundsIn(list, scan)
      const rows: Array<StoredRow<T>> = []
      let skip = scan.offset ?? 0
      for (let step = 0; step < to - from && rows.length < scan.limit; step++) {
        const row = list[scan.newestFirst === true ? to - 1 - step : from + step]?.entry.row
        if (row === undefined || !passes(row)) continue
        if (skip > 0) skip--
        else rows.push(row)
      }
      return rows
    },
    count: (range) => {
      const { from, to } = boundsIn(listOf(range.partition), range)
      return to - from
    }
  }
}
