/** Executes a plan on rows that answer synchronously: shared by the stores in memory, in a file and in SQLite. */
import { chainText, genesis } from "../records/hashChain.ts"
import type { HashText } from "../records/hashChain.ts"
import { revisionOf } from "../records/storedRows.ts"
import type { RowId, StoredRow, TableName } from "../records/storedRows.ts"
import type { Check, Plan, RangeOf, RowCheck, Write } from "./plan.ts"

/** The operations of a plan on the rows. After a throw the caller rolls back the whole plan. */
export interface Rows {
  /** The revision of a row (`revisionOf`); undefined if there is no such row. */
  readonly revision: (table: TableName, id: RowId) => string | undefined
  readonly count: (range: RangeOf) => number
  readonly write: (write: Write) => void
}

/** The difference between the rows and the decision. */
export interface Conflict {
  /** The table of the row, or `quota` for a full range. */
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

/** Checks first, then writes. Returns the check that failed, in which case it writes nothing. */
export const execute = (rows: Rows, { checks, writes }: Plan): Conflict | undefined => {
  for (const check of checks) {
    const conflict = conflictOf(rows, check)
    if (conflict !== undefined) return conflict
  }
  for (const write of writes) rows.write(write)
  return undefined
}

/** The end of the audit log, after which a segment is added. */
export interface AuditEnd {
  readonly seq: number
  readonly hash: string
}

/** The end of an audit log that has no record yet. */
export const auditBeginning: AuditEnd = { seq: 0, hash: genesis }

/** The segment of lines after the end of the log. Lines of plans that are written together make one segment. */
export const segmentAfter = (end: AuditEnd, lines: ReadonlyArray<string>, hash: HashText): StoredRow<"audit"> => {
  const text = JSON.stringify(lines)
  return { seq: end.seq + 1, lines: text, previous: end.hash, hash: chainText(end.hash, text, hash) }
}

/** The revision of a row as `Rows` returns it, for stores that can read the row. */
export const revisionIn = <T extends TableName>(table: T, row: StoredRow<T> | undefined): string | undefined =>
  row === undefined ? undefined : revisionOf(table, row)
