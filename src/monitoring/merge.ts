/** Joins the samples of several processes to those of one server. */
import type { Distribution } from "../proof/distribution.ts"
import { acrossWorkers } from "./described.ts"
import type { Across } from "./description.ts"
import type { Sample } from "./series.ts"

const combined: Readonly<Record<Across, (left: number, right: number) => number>> = {
  own: (left) => left,
  sum: (left, right) => left + right,
  highest: Math.max,
  lowest: Math.min
}

/** All workers run the same program, so the bounds are equal. */
const added = (left: Distribution, right: Distribution): Distribution => ({
  bounds: left.bounds,
  counts: left.counts.map((count, at) => count + (right.counts[at] ?? 0)),
  sum: left.sum + right.sum,
  total: left.total + right.total
})

const joined = (left: Sample, right: Sample): Sample => {
  if (left.type === "histogram") {
    return right.type === "histogram" ? { ...left, distribution: added(left.distribution, right.distribution) } : left
  }
  if (right.type === "histogram") return left
  return { ...left, value: combined[acrossWorkers(left.name)](left.value, right.value) }
}

const idOf = ({ name, labels }: Sample): string => JSON.stringify([name, Object.entries(labels).toSorted()])

/** One sample for each name and set of labels. The first list is that of the answering process. */
export const merged = (lists: ReadonlyArray<ReadonlyArray<Sample>>): ReadonlyArray<Sample> => {
  const found = new Map<string, Sample>()
  for (const sample of lists.flat()) {
    const id = idOf(sample)
    const known = found.get(id)
    found.set(id, known === undefined ? sample : joined(known, sample))
  }
  return [...found.values()]
}

/** What remains of an ended process, so that no counter of the server decreases. */
export const lasting = (samples: ReadonlyArray<Sample>): ReadonlyArray<Sample> =>
  samples.filter(({ type }) => type !== "gauge")
