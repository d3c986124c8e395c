/** Carries out a plan on any set of rows that answers at once: what a store in memory, in a file or in SQLite shares. */
import { chainText, genesis } from "../records/hashChain.ts"
import type { HashText } from "../records/hashChain.ts"
import { revisionOf } from "../records/storedRows.ts"
import type { RowId, StoredRow, TableName } from "../records/storedRows.ts"
import type { Check, Plan, RangeOf, RowCheck, Write } from "./plan.ts"

/** What a plan asks of the rows. A throw means that nothing of the plan may stay: the caller takes it back. */
export interface Rows {
  /** The revision of a row (`revisionOf`); undefined if there is no such row. */
  readonly revision: (table: TableName, id: RowId) => string | undefined
  readonly count: (range: RangeOf) => number
  readonly write: (write: Write) => void
}

/** What is not as the decision found it. */
export interface Conflict {
  /** The table of the row, or `quota` where a range is full. */
  readonly on: TableName | "quota"
  readonly id: RowId
}

const isRowCheck = (check: Check): check is RowCheck => "table" in check

const conflictOf = (rows: Rows, check: Check): Conflict | undefined => {
  if (isRowCheck(check)) {
    const { table, id, revision } = check
    return rows.revision(table, id) === revision ? undefined : { on: table, id }
  }
  const { fewer, of } = check
  return rows.count(of) < fewer ? undefined : { on: "quota", id: of.partition }
}

/** Looks first, then writes. Answers what did not hold; nothing is written then. */
export const execute = (rows: Rows, { checks, writes }: Plan): Conflict | undefined => {
  for (const check of checks) {
    const conflict = conflictOf(rows, check)
    if (conflict !== undefined) return conflict
  }
  for (const write of writes) rows.write(write)
  return undefined
}

/** The end of the audit log that a segment is put after. */
export interface AuditEnd {
  readonly seq: number
  readonly hash: string
}

export const auditBeginning: AuditEnd = { seq: 0, hash: genesis }

/** The segment that lines make after the end of the log. Lines of plans that are written together make one segment. */
export const segmentAfter = (end: AuditEnd, lines: ReadonlyArray<string>, hash: HashText): StoredRow<"audit"> => {
  const text = JSON.stringify(lines)
  return { seq: end.seq + 1, lines: text, previous: end.hash, hash: chainText(end.hash, text, hash) }
}

/** The revision of a row as `Rows` answers it, for stores that can read the row. */
export const revisionIn = <T extends TableName>(table: T, row: StoredRow<T> | undefined): string | undefined =>
  row === undefined ? undefined : revisionOf(table, row)
