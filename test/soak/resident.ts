/** Whether the resident size of a process stays the same: a growing one would end the process after days. */

export interface Resident {
  /** The median after the warm-up, in bytes. */
  readonly median: number
  /** The smallest and the largest size of a span: the median of its samples. */
  readonly least: number
  readonly most: number
  readonly isFlat: boolean
}

/** The samples of a span have one median, so that a single collection of garbage does not decide. */
const samplesOfSpan = 10
const deviationMax = 0.05

const medianOf = (sizes: ReadonlyArray<number>): number => {
  const sorted = sizes.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Every sample belongs to a span; the last span has up to twice as many. */
const spansOf = (sizes: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> => {
  const count = Math.max(1, Math.floor(sizes.length / samplesOfSpan))
  return Array.from({ length: count }, (_, at) =>
    sizes.slice(at * samplesOfSpan, at === count - 1 ? undefined : (at + 1) * samplesOfSpan)
  )
}

/** Judges the samples after a warm-up. Too few samples show nothing. */
export const judgeResident = (sizes: ReadonlyArray<number>): Resident => {
  const median = medianOf(sizes)
  const medians = spansOf(sizes).map(medianOf)
  const [least, most] = [Math.min(...medians), Math.max(...medians)]
  const isWithin = least >= median * (1 - deviationMax) && most <= median * (1 + deviationMax)
  return { median, least, most, isFlat: medians.length >= 2 && isWithin }
}
