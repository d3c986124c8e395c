/** All deadlines in the order in which they fall due; at one instant, those of the key made first come first. */
import type { OwedDeadline } from "../../../machines/deadlines.ts"
import type { KeyId } from "../../domain/ids.ts"
import type { DueRow } from "../../records/rows.ts"

interface Placed {
  readonly ordinal: number
  readonly row: DueRow
}

export interface DueList {
  /** The deadlines of the `ordinal`-th key from now on. */
  readonly replace: (keyId: KeyId, ordinal: number, deadlines: ReadonlyArray<OwedDeadline>) => void
  readonly due: (until: number, limit: number) => ReadonlyArray<DueRow>
  readonly next: () => DueRow | undefined
  readonly of: (keyId: KeyId) => ReadonlyArray<OwedDeadline>
}

const byText = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)

const order = (left: Placed, right: Placed): number =>
  left.row.dueAt - right.row.dueAt || left.ordinal - right.ordinal || byText(left.row.kind, right.row.kind)

/** Where one stands, or belongs, among the sorted. */
const placeOf = (sorted: ReadonlyArray<Placed>, placed: Placed): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other !== undefined && order(other, placed) < 0) low = middle + 1
    else high = middle
  }
  return low
}

export const makeDueList = (): DueList => {
  const sorted: Array<Placed> = []
  const ofKey = new Map<KeyId, ReadonlyArray<Placed>>()
  return {
    replace: (keyId, ordinal, deadlines) => {
      for (const placed of ofKey.get(keyId) ?? []) sorted.splice(placeOf(sorted, placed), 1)
      const armed = deadlines.map(({ kind, dueAt, epoch }) => ({
        ordinal,
        row: Object.freeze({ keyId, kind, dueAt, epoch })
      }))
      for (const placed of armed) sorted.splice(placeOf(sorted, placed), 0, placed)
      if (armed.length === 0) ofKey.delete(keyId)
      else ofKey.set(keyId, armed)
    },
    due: (until, limit) => {
      const end = sorted.findIndex(({ row }) => row.dueAt > until)
      return sorted.slice(0, Math.min(end === -1 ? sorted.length : end, limit)).map(({ row }) => row)
    },
    next: () => sorted[0]?.row,
    of: (keyId) =>
      (ofKey.get(keyId) ?? [])
        .toSorted((left, right) => byText(left.row.kind, right.row.kind))
        .map(({ row: { kind, dueAt, epoch } }) => ({ kind, dueAt, epoch }))
  }
}
