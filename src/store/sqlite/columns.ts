/** Typed access to the columns of a row. A column of another type means a bug or a tampered file. */
import type { SQLOutputValue } from "node:sqlite"

export type Columns = Readonly<Record<string, SQLOutputValue>>

const wrong = (name: string, expected: string): Error => new Error(`column ${name} must hold ${expected}`)

export const textOf = (row: Columns, name: string): string => {
  const value = row[name]
  if (typeof value === "string") return value
  throw wrong(name, "text")
}

export const integerOf = (row: Columns, name: string): number => {
  const value = row[name]
  if (typeof value === "number" && Number.isSafeInteger(value)) return value
  throw wrong(name, "an integer")
}

export const bytesOf = (row: Columns, name: string): Uint8Array | undefined => {
  const value = row[name]
  if (value === null) return undefined
  if (value instanceof Uint8Array) return value
  throw wrong(name, "bytes or nothing")
}
