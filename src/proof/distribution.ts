/** A distribution of observed values, counted below fixed bounds. */

export interface Distribution {
  /** Upper bounds, ascending. */
  readonly bounds: ReadonlyArray<number>
  /** The number of values above the previous bound and up to this one, in the order of the bounds. */
  readonly counts: ReadonlyArray<number>
  readonly sum: number
  /** Includes values above the last bound. */
  readonly total: number
}

export interface Observed extends Distribution {
  readonly counts: Array<number>
  sum: number
  total: number
}

export const distributionOver = (bounds: ReadonlyArray<number>): Observed => ({
  bounds,
  counts: bounds.map(() => 0),
  sum: 0,
  total: 0
})

export const observe = (into: Observed, value: number): void => {
  const slot = into.bounds.findIndex((bound) => value <= bound)
  if (slot >= 0) into.counts[slot] = (into.counts[slot] ?? 0) + 1
  into.sum += value
  into.total++
}
