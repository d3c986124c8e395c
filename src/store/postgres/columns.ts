/** Converts rows between PostgreSQL's answers and the port. */
import type { StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreDamaged } from "../driver.ts"
import type { Columns } from "./session.ts"
import { sqlTables } from "./tables.ts"
import type { Column } from "./tables.ts"

const wrong = (name: string, expected: string): StoreDamaged =>
  new StoreDamaged({ message: `column ${name} must hold ${expected}` })

export const textOf = (row: Columns, name: string): string => {
  const value = row[name]
  if (typeof value === "string") return value
  throw wrong(name, "a text")
}

/** int8 arrives as a bigint. The port stores safe integers. */
export const integerOf = (row: Columns, name: string): number => {
  const value = row[name]
  const number = typeof value === "bigint" ? Number(value) : value
  if (typeof number === "number" && Number.isSafeInteger(number)) return number
  throw wrong(name, "an integer")
}

const booleanOf = (row: Columns, name: string): boolean => {
  const value = row[name]
  if (typeof value === "boolean") return value
  throw wrong(name, "true or false")
}

/** A copy, because the client's buffer may contain other answers. */
const bytesOf = (row: Columns, name: string): Uint8Array | null => {
  const value = row[name]
  if (value === null) return null
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  throw wrong(name, "bytes or nothing")
}

const readers: { readonly [type in Column["type"]]: (row: Columns, name: string) => unknown } = {
  text: textOf,
  bigint: integerOf,
  boolean: booleanOf,
  bytea: bytesOf
}

/** The compiler does not relate the columns of a table to its row. Throws StoreDamaged. */
export const rowOf = <T extends TableName>(table: T, row: Columns): StoredRow<T> => {
  const made: Record<string, unknown> = {}
  for (const [property, { name, type }] of Object.entries<Column>(sqlTables[table].columns)) {
    made[property] = readers[type](row, name)
  }
  return made as StoredRow<T>
}
