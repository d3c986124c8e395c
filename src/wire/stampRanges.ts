/** Sets of request timestamps as a few ranges: those in a memory, and those deleted from it. */

/** A range of milliseconds with both ends included. */
export interface StampRange {
  readonly from: number
  readonly to: number
}

/** Joins ranges whose distance is at most `slack`. */
const joined = (ranges: ReadonlyArray<StampRange>, slack: number): ReadonlyArray<StampRange> => {
  const sorted = ranges.toSorted((left, right) => left.from - right.from)
  const joint: Array<StampRange> = []
  for (const range of sorted) {
    const last = joint.at(-1)
    if (last !== undefined && range.from - last.to <= slack) {
      joint[joint.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
    } else joint.push(range)
  }
  return joint
}

/** At most `max` ranges: the earliest are joined first, because their timestamps have long expired. */
const few = (ranges: ReadonlyArray<StampRange>, max: number): ReadonlyArray<StampRange> => {
  const tooMany = ranges.length - max
  const [first] = ranges
  const last = ranges[tooMany]
  return tooMany <= 0 || first === undefined || last === undefined
    ? ranges
    : [{ from: first.from, to: last.to }, ...ranges.slice(tooMany + 1)]
}

export class StampRanges {
  #ranges: ReadonlyArray<StampRange> = []
  readonly #slack: number
  readonly #max: number

  constructor(options: { readonly slack: number; readonly max: number }) {
    this.#slack = options.slack
    this.#max = options.max
  }

  add(range: StampRange): void {
    if (this.#ranges.some(({ from, to }) => from <= range.from && range.to <= to)) return
    this.#ranges = few(joined([...this.#ranges, range], this.#slack), this.#max)
  }

  covers(stamp: number): boolean {
    return this.#ranges.some(({ from, to }) => from <= stamp && stamp <= to)
  }

  all(): ReadonlyArray<StampRange> {
    return this.#ranges
  }

  /** The latest timestamp of all. */
  latest(): number {
    return this.#ranges.reduce((latest, { to }) => Math.max(latest, to), Number.NEGATIVE_INFINITY)
  }
}

const form = /^(-?[0-9]{1,16}) (-?[0-9]{1,16})$/

export const encodeRanges = (ranges: ReadonlyArray<StampRange>): string =>
  ranges.map(({ from, to }) => `${from} ${to}`).join(",")

export const decodeRanges = (text: string): ReadonlyArray<StampRange> =>
  text === ""
    ? []
    : text.split(",").map((part) => {
        const [, from, to] = form.exec(part) ?? []
        if (from === undefined || to === undefined)
          throw new Error(`a range of timestamps reads "from to", not "${part}"`)
        return { from: Number(from), to: Number(to) }
      })
