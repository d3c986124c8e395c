/** All deadlines in the order in which they fall due. */
import type { OwedDeadline } from "../../../machines/deadlines.ts"
import type { KeyId } from "../../domain/ids.ts"
import type { DueRow } from "../store.ts"

export interface DueList {
  /** A key's deadlines from now on. */
  readonly replace: (keyId: KeyId, deadlines: ReadonlyArray<OwedDeadline>) => void
  readonly due: (until: number, limit: number) => ReadonlyArray<DueRow>
  readonly next: () => DueRow | undefined
  readonly of: (keyId: KeyId) => ReadonlyArray<OwedDeadline>
}

const byText = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)

const order = (left: DueRow, right: DueRow): number =>
  left.dueAt - right.dueAt || byText(left.keyId, right.keyId) || byText(left.kind, right.kind)

/** Where `row` stands, or belongs, among sorted rows. */
const placeOf = (rows: ReadonlyArray<DueRow>, row: DueRow): number => {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = rows[middle]
    if (other !== undefined && order(other, row) < 0) low = middle + 1
    else high = middle
  }
  return low
}

export const makeDueList = (): DueList => {
  const sorted: Array<DueRow> = []
  const ofKey = new Map<KeyId, ReadonlyArray<DueRow>>()
  return {
    replace: (keyId, deadlines) => {
      for (const row of ofKey.get(keyId) ?? []) sorted.splice(placeOf(sorted, row), 1)
      const rows = deadlines.map(({ kind, dueAt, epoch }) => Object.freeze({ keyId, kind, dueAt, epoch }))
      for (const row of rows) sorted.splice(placeOf(sorted, row), 0, row)
      if (rows.length === 0) ofKey.delete(keyId)
      else ofKey.set(keyId, rows)
    },
    due: (until, limit) => {
      const end = sorted.findIndex((row) => row.dueAt > until)
      return sorted.slice(0, Math.min(end === -1 ? sorted.length : end, limit))
    },
    next: () => sorted[0],
    of: (keyId) =>
      (ofKey.get(keyId) ?? [])
        .toSorted((left, right) => byText(left.kind, right.kind))
        .map(({ kind, dueAt, epoch }) => ({ kind, dueAt, epoch }))
  }
}
