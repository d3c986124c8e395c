/** Records that go to another thread by columns: one name for all of them, and their bytes in one piece of memory. */

/** What stands in one place of each record. */
type Column =
  /** The same text, number or nothing in all of them. */
  | { readonly same: unknown }
  /** Bytes, one after the other in the memory. */
  | { readonly from: number; readonly lengths: Uint32Array }
  | { readonly members: ReadonlyArray<readonly [name: string, column: Column]> }
  /** As they are, with views of the memory for bytes. */
  | { readonly each: ReadonlyArray<unknown> }

/** As it is posted. */
export interface Gathered<A> {
  readonly count: number
  readonly column: Column
  /** Handed over with the message, so that no copy stays behind. */
  readonly memory: ArrayBuffer
  /** Never present; carries the type of the records. */
  readonly of?: A
}

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

/** The names that every record has, in one order; none if they differ. */
const namesOf = (values: ReadonlyArray<unknown>): ReadonlyArray<string> | undefined => {
  const [first] = values
  if (!isRecord(first)) return undefined
  const names = Object.keys(first)
  const isAlike = (value: unknown): boolean => {
    if (!isRecord(value)) return false
    const others = Object.keys(value)
    return others.length === names.length && others.every((name, i) => name === names[i])
  }
  return values.every(isAlike) ? names : undefined
}

const member = (value: unknown, name: string): unknown => (isObject(value) ? Reflect.get(value, name) : undefined)

/**
 * Posted as they are, each record would be walked and spelled out by itself, and each piece of bytes be handed over by
 * itself, which costs more than what is done with most of them.
 */
export const gathered = <A>(values: ReadonlyArray<A>): Gathered<A> => {
  const memory = new ArrayBuffer(bytesIn(values))
  let at = 0
  const kept = (bytes: Uint8Array): Uint8Array => {
    const view = new Uint8Array(memory, at, bytes.length)
    view.set(bytes)
    at += bytes.length
    return view
  }
  const moved = (value: unknown): unknown => {
    if (isBytes(value)) return kept(value)
    if (Array.isArray(value)) return value.map(moved)
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, moved(inner)]))
  }
  const columnOf = (values: ReadonlyArray<unknown>): Column => {
    const [first] = values
    if (!isObject(first) && values.every((value) => value === first)) return { same: first }
    if (values.every(isBytes)) return { from: at, lengths: Uint32Array.from(values, (bytes) => kept(bytes).length) }
    const names = namesOf(values)
    if (names === undefined) return { each: values.map(moved) }
    return { members: names.map((name) => [name, columnOf(values.map((value) => member(value, name)))]) }
  }
  return { count: values.length, column: columnOf(values), memory }
}

/** The records of a message, in their order; their bytes are views of its memory. What was gathered is what comes out. */
export const scattered = <A>({ count, column, memory }: Gathered<A>): ReadonlyArray<A> => {
  const valuesOf = (column: Column): ReadonlyArray<unknown> => {
    if ("same" in column) return Array.from({ length: count }, () => column.same)
    if ("each" in column) return column.each
    if ("lengths" in column) {
      let at = column.from
      return Array.from(column.lengths, (length) => {
        const bytes = new Uint8Array(memory, at, length)
        at += length
        return bytes
      })
    }
    const records = Array.from({ length: count }, (): Record<string, unknown> => ({}))
    for (const [name, inner] of column.members) {
      for (const [i, value] of valuesOf(inner).entries()) {
        const record = records[i]
        if (record !== undefined) record[name] = value
      }
    }
    return records
  }
  return valuesOf(column) as ReadonlyArray<A>
}
