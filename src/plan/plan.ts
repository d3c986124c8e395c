/** A plan: everything that one decision changes in a store, as data. It can be logged, sent, compared and replayed. */
import type { Range, RowId, StoredRow, TableName } from "../records/storedRows.ts"

/** The condition that a row is unchanged since the decision: it has this revision (`revisionOf`), or is absent. */
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

/** A condition of a plan. */
export type Check = RowCheck | CountCheck

/** A range of any table. */
export type RangeOf = { readonly [T in TableName]: Range<T> }[TableName]

/** A row with its table. */
export type Put = {
  readonly [T in TableName]: { readonly op: "put"; readonly table: T; readonly row: StoredRow<T> }
}[TableName]

/** A write of a plan. */
export type Write =
  /** Adds a row, or replaces the row with the same id. A replaced row keeps its place in the order of creation. */
  | Put
  /** Removes a row; does nothing if it is absent. */
  | { readonly op: "delete"; readonly table: TableName; readonly id: RowId }
  /** Removes every row of a range. */
  | { readonly op: "clear"; readonly range: RangeOf }
  /** Sets `sealed` and `publicKey` of every version of a key to null, and overwrites the old bytes. */
  | { readonly op: "erase"; readonly keyId: string }

/** The purpose of the writes. It names the failpoints of a crash test; a store may log it. */
export type Purpose = "commit" | "audit" | "nonces" | "settle" | "meta" | "import" | "ram" | "invocations"

/** A change of the store. It happens as a whole or not at all. */
export interface Plan {
  readonly purpose: Purpose
  /** Checked before any write. If one fails, the plan writes nothing. */
  readonly checks: ReadonlyArray<Check>
  /** Performed in this order. */
  readonly writes: ReadonlyArray<Write>
  /** Lines for the end of the audit log. They share a segment with those of plans written at the same time. */
  readonly lines: ReadonlyArray<string>
}
