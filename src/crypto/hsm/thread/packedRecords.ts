/** Records for another thread, stored by columns: one list of names for all, and their bytes in one piece of memory. */

/** The values of one member of all records. */
type Column =
  /** The same value in all records. */
  | { readonly same: unknown }
  /** Bytes, one after the other in the memory. */
  | { readonly from: number; readonly lengths: Uint32Array }
  | { readonly members: ReadonlyArray<readonly [name: string, column: Column]> }
  /** The values themselves, with views of the memory for bytes. */
  | { readonly each: ReadonlyArray<unknown> }

/** The posted form. */
export interface PackedRecords<A> {
  readonly count: number
  readonly column: Column
  /** Transferred with the message, so that no copy remains. */
  readonly memory: ArrayBuffer
  /** Never present; carries the type of the records. */
  readonly of?: A
}

/** A column whose bytes have a place in the memory, which is allocated later. */
type Planned = (memory: ArrayBuffer) => Column

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null
const isRecord = (value: unknown): value is object => isObject(value) && !isBytes(value) && !Array.isArray(value)

const bytesIn = (value: unknown): number => {
  if (isBytes(value)) return value.length
  if (!isObject(value)) return 0
  let sum = 0
  for (const member of Object.values(value)) sum += bytesIn(member)
  return sum
}

/** Records here have only their own members, so inherited ones need no check. */
const isNamedLike = (value: object, names: ReadonlyArray<string>): boolean => {
  let at = 0
  for (const name in value) if (names[at++] !== name) return false
  return at === names.length
}

/** The common names of all records, in one order; none if they differ. */
const namesOf = (values: ReadonlyArray<unknown>): ReadonlyArray<string> | undefined => {
  const [first] = values
  if (!isRecord(first)) return undefined
  const names = Object.keys(first)
  return values.every((value) => isRecord(value) && isNamedLike(value, names)) ? names : undefined
}

const member = (value: unknown, name: string): unknown => (isObject(value) ? Reflect.get(value, name) : undefined)

/**
 * Individual records would each be copied, and each piece of bytes transferred by itself, which costs more than most
 * calls.
 */
export const packRecords = <A>(values: ReadonlyArray<A>): PackedRecords<A> => {
  let bytes = 0
  const reserve = (more: number): number => {
    bytes += more
    return bytes - more
  }
  const bytesColumn = (pieces: ReadonlyArray<Uint8Array>): Planned => {
    const lengths = new Uint32Array(pieces.length)
    let sum = 0
    for (const [i, { length }] of pieces.entries()) {
      lengths[i] = length
      sum += length
    }
    const from = reserve(sum)
    return (memory) => {
      const whole = new Uint8Array(memory)
      let at = from
      for (const piece of pieces) {
        whole.set(piece, at)
        at += piece.length
      }
      return { from, lengths }
    }
  }
  /** Values that cannot be stored as columns. */
  const asTheyAre = <B extends Column>(given: unknown, columnOf: (moved: unknown) => B): Planned => {
    let at = reserve(bytesIn(given))
    return (memory) => {
      const moved = (value: unknown): unknown => {
        if (isBytes(value)) {
          const view = new Uint8Array(memory, at, value.length)
          view.set(value)
          at += value.length
          return view
        }
        if (Array.isArray(value)) return value.map(moved)
        if (!isObject(value)) return value
        return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, moved(inner)]))
      }
      return columnOf(moved(given))
    }
  }
  const columnOf = (values: ReadonlyArray<unknown>): Planned => {
    const [first] = values
    if (!isBytes(first) && values.every((value) => Object.is(value, first))) {
      return isObject(first) ? asTheyAre(first, (same) => ({ same })) : () => ({ same: first })
    }
    if (values.every(isBytes)) return bytesColumn(values)
    const names = namesOf(values)
    if (names === undefined) return asTheyAre(values, (each) => ({ each: Array.isArray(each) ? each : [] }))
    const members = names.map((name) => [name, columnOf(values.map((value) => member(value, name)))] as const)
    return (memory) => ({ members: members.map(([name, column]) => [name, column(memory)]) })
  }
  const planned = columnOf(values)
  const memory = new ArrayBuffer(bytes)
  return { count: values.length, column: planned(memory), memory }
}

/**
 * The records of a message, in order; their bytes are views of its memory. They equal the packed records, but equal
 * values may share one object.
 */
export const unpackRecords = <A>({ count, column, memory }: PackedRecords<A>): ReadonlyArray<A> => {
  const valuesOf = (column: Column): ReadonlyArray<unknown> => {
    if ("same" in column) return Array.from<unknown>({ length: count }).fill(column.same)
    if ("each" in column) return column.each
    const values: Array<unknown> = []
    if ("lengths" in column) {
      let at = column.from
      for (const length of column.lengths) {
        values.push(new Uint8Array(memory, at, length))
        at += length
      }
      return values
    }
    const members = column.members.map(([name, inner]) => [name, valuesOf(inner)] as const)
    for (let i = 0; i < count; i++) {
      const record: Record<string, unknown> = {}
      for (const [name, inner] of members) record[name] = inner[i]
      values.push(record)
    }
    return values
  }
  return valuesOf(column) as ReadonlyArray<A>
}
