/** What is measured, in the registry that Prometheus' text and OpenTelemetry's exporter both read. */
import { Context, Metric } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { Distribution } from "../proof/distribution.ts"

export type Labels = Readonly<Record<string, string>>

interface Named {
  readonly name: string
  readonly about: string
  readonly labels: Labels
}

/** One value that is read when the metrics are asked for. */
export type Sample = Named &
  (
    | { readonly type: "counter" | "gauge"; readonly value: number }
    | { readonly type: "histogram"; readonly distribution: Distribution }
  )

/** Values of one name, each with its labels. */
export const family = (
  name: string,
  type: "counter" | "gauge",
  about: string,
  values: Iterable<readonly [Labels, number]>
): ReadonlyArray<Sample> => [...values].map(([labels, value]) => ({ name, type, about, labels, value }))

export const gauge = (name: string, about: string, value: number): ReadonlyArray<Sample> =>
  family(name, "gauge", about, [[{}, value]])

export const counter = (name: string, about: string, value: number): ReadonlyArray<Sample> =>
  family(name, "counter", about, [[{}, value]])

export const histogram = (name: string, about: string, distribution: Distribution): ReadonlyArray<Sample> => [
  { name, type: "histogram", about, labels: {}, distribution }
]

/** Each bound with how many values lie at it or below it. */
const bucketsOf = ({ bounds, counts }: Distribution): ReadonlyArray<[number, number]> => {
  let below = 0
  return bounds.map((bound, at) => {
    below += counts[at] ?? 0
    return [bound, below]
  })
}

const unchanged = { update: () => undefined, modify: () => undefined }

const register = (context: Context.Context<never>, sample: Sample): Metric.Registration => {
  const { name, about: description, labels: attributes } = sample
  switch (sample.type) {
    case "counter": {
      const state = { count: sample.value, incremental: true }
      const metric = Metric.counter(name, { description, attributes, incremental: true })
      return Metric.registerUnsafe(metric, context, { get: () => state, ...unchanged })
    }
    case "gauge": {
      const state = { value: sample.value }
      return Metric.registerUnsafe(Metric.gauge(name, { description, attributes }), context, {
        get: () => state,
        ...unchanged
      })
    }
    case "histogram": {
      const { distribution } = sample
      const { sum, total } = distribution
      const state = {
        buckets: bucketsOf(distribution),
        count: total,
        sum,
        min: 0,
        max: distribution.bounds.at(-1) ?? 0
      }
      const metric = Metric.histogram(name, { description, attributes, boundaries: distribution.bounds })
      return Metric.registerUnsafe(metric, context, { get: () => state, ...unchanged })
    }
    default:
      return sample satisfies never
  }
}

export interface Series {
  /** Holds the registry. */
  readonly context: Context.Context<never>
  /** Replaces the samples that were shown before. */
  readonly show: (samples: ReadonlyArray<Sample>) => void
  /** In Prometheus' text format. */
  readonly text: () => string
}

export const makeSeries = (): Series => {
  const context: Context.Context<never> = Context.make(Metric.MetricRegistry, new Map())
  let shown: ReadonlyArray<Metric.Registration> = []
  return {
    context,
    show: (samples) => {
      for (const { remove } of shown) remove()
      shown = samples.map((sample) => register(context, sample))
    },
    text: () => PrometheusMetrics.formatUnsafe(context)
  }
}
