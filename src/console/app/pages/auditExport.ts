/** Audit records as files. */
import type { Reply } from "../data/api.ts"
import { textAt } from "../data/replies.ts"

type Records = ReadonlyArray<Reply>

const columns = ["Time", "Operation", "Outcome", "Principal", "KeyId", "Before", "After", "Alarm", "RequestId"] as const

const csvCell = (text: string): string => {
  // A spreadsheet would run a cell that begins with one of these as a formula.
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}

export const csvOf = (records: Records): string =>
  [columns, ...records.map((record) => columns.map((name) => textAt(record, name)))]
    .map((line) => `${line.map(csvCell).join(",")}\r\n`)
    .join("")

export const ndjsonOf = (records: Records): string => records.map((record) => `${JSON.stringify(record)}\n`).join("")
