/** The form of an entry in the table of metrics. */

/**
 * How a gauge combines the values of several workers: the value of the answering worker, the sum, the highest or the
 * lowest.
 */
export type Across = "own" | "sum" | "highest" | "lowest"

interface Described {
  readonly labels: ReadonlyArray<string>
  readonly unit: string
  readonly about: string
  /** When a server shows it; always if absent. */
  readonly shown?: string
}

/** Counters and histograms of several workers are added. */
export type Description = Described &
  ({ readonly type: "counter" | "histogram" } | { readonly type: "gauge"; readonly across: Across })
