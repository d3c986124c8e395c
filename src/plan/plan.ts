/** A plan: everything that one decision changes in a store, as data. It can be logged, sent, compared and replayed. */
import type { Range, RowId, StoredRow, TableName } from "../records/storedRows.ts"

/** A row must be as the decision found it: of this revision (`revisionOf`), or absent where there is none. */
export interface RowCheck {
  readonly table: TableName
  readonly id: RowId
  readonly revision: string | undefined
}

/** A range must hold fewer rows than this. */
export interface CountCheck {
  readonly fewer: number
  readonly of: RangeOf
}

export type Check = RowCheck | CountCheck

/** A range of any table. */
export type RangeOf = { readonly [T in TableName]: Range<T> }[TableName]

/** A row with the table it belongs to. */
export type Put = {
  readonly [T in TableName]: { readonly op: "put"; readonly table: T; readonly row: StoredRow<T> }
}[TableName]

export type Write =
  /** Adds a row, or replaces the one with the same id. A row that is replaced keeps its place in the order of making. */
  | Put
  /** Removes a row; nothing happens if there is none. */
  | { readonly op: "delete"; readonly table: TableName; readonly id: RowId }
  /** Removes every row of a range. */
  | { readonly op: "clear"; readonly range: RangeOf }
  /** Sets `sealed` and `publicKey` of every version of a key to null, and overwrites what was there. */
  | { readonly op: "erase"; readonly keyId: string }

/** What the writes are for. It names the failpoints of a crash test; a store may log it. */
export type Purpose = "commit" | "audit" | "nonces" | "settle" | "meta" | "import" | "ram" | "invocations"

export interface Plan {
  readonly purpose: Purpose
  /** Looked at before anything is written. If one does not hold, nothing of the plan is written. */
  readonly checks: ReadonlyArray<Check>
  /** Carried out in this order. */
  readonly writes: ReadonlyArray<Write>
  /** Lines that go to the end of the audit log, together with those of plans written at the same time. */
  readonly lines: ReadonlyArray<string>
}
