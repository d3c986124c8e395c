/** The parts of a store that a call reads and writes: rows, and tables as a whole. */
import type { Check, Plan, Write } from "../../../src/plan/plan.ts"
import { idOf } from "../../../src/records/storedRows.ts"
import type { RowId, TableName } from "../../../src/records/storedRows.ts"

export interface Cells {
  readonly reads?: ReadonlyArray<string>
  readonly writes?: ReadonlyArray<string>
}

/** A step about which nothing is known depends on every step at the store. */
export const everything = "*"

export const cellOf = (table: TableName, id: RowId): string => `${table}/${id.join(" ")}`
export const wholeOf = (table: TableName): string => `${table}/*`

const checked = (check: Check): string => ("table" in check ? cellOf(check.table, check.id) : wholeOf(check.of.table))

const written = (write: Write): string => {
  switch (write.op) {
    case "put":
      return cellOf(write.table, idOf(write.table, write.row))
    case "delete":
      return cellOf(write.table, write.id)
    case "clear":
      return wholeOf(write.range.table)
    case "erase":
      return wholeOf("versions")
  }
}

/** The watcher compares a new event with the deadlines of its key and with the position of the clock. */
const watched = ({ writes }: Plan): ReadonlyArray<string> =>
  writes.some((write) => write.op === "put" && write.table === "events") ? [wholeOf("deadlines"), wholeOf("meta")] : []

const tableOf = (cell: string): string => cell.slice(0, cell.indexOf("/"))

const overlap = (left: string, right: string): boolean =>
  left === right ||
  left === everything ||
  right === everything ||
  (tableOf(left) === tableOf(right) && (left.endsWith("/*") || right.endsWith("/*")))

/** Whether any of these cells is one of the others, or a part of it. */
export const meet = (left: ReadonlySet<string>, right: ReadonlySet<string>): boolean => {
  for (const one of left) for (const other of right) if (overlap(one, other)) return true
  return false
}

/** Lines of the audit log form one chain, so any two plans that write some depend on each other. */
export const cellsOf = (plan: Plan): Cells => ({
  reads: [...plan.checks.map(checked), ...watched(plan)],
  writes: [...plan.writes.map(written), ...(plan.lines.length === 0 ? [] : [wholeOf("audit")])]
})
