/** The measured values, in the registry that Prometheus' text and OpenTelemetry's exporter both read. */
import { Context, Metric } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { Distribution } from "../proof/distribution.ts"
import { described } from "./described.ts"
import type { LabelsOf, MetricName, NameOf } from "./described.ts"

type Labels = Readonly<Record<string, string>>

/** Counters and gauges without labels. */
type Unlabelled = {
  readonly [Name in NameOf<"counter" | "gauge">]: (typeof described)[Name]["labels"] extends readonly [] ? Name : never
}[NameOf<"counter" | "gauge">]

interface Named {
  readonly name: MetricName
  readonly about: string
  readonly labels: Labels
}

/** A value that is read when the metrics are requested. */
export type Sample = Named &
  (
    | { readonly type: "counter" | "gauge"; readonly value: number }
    | { readonly type: "histogram"; readonly distribution: Distribution }
  )

/** Values of one metric, each with its labels. */
export const family = <Name extends NameOf<"counter" | "gauge">>(
  name: Name,
  values: Iterable<readonly [LabelsOf<Name>, number]>
): ReadonlyArray<Sample> => {
  const { type, about } = described[name]
  return [...values].map(([labels, value]) => ({ name, type, about, labels, value }))
}

/** The value of a metric without labels. */
export const single = (name: Unlabelled, value: number): ReadonlyArray<Sample> => {
  const { type, about } = described[name]
  return [{ name, type, about, labels: {}, value }]
}

export const histogram = <Name extends NameOf<"histogram">>(
  name: Name,
  distribution: Distribution,
  labels: LabelsOf<Name>
): ReadonlyArray<Sample> => [{ name, type: "histogram", about: described[name].about, labels, distribution }]

/** Each bound with the number of values at or below it. */
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
  /** The service with the registry. */
  readonly context: Context.Context<never>
  /** Replaces the previous samples. */
  readonly show: (samples: ReadonlyArray<Sample>) => void
  /** In Prometheus' text format. */
  readonly text: () => string
}

/** Samples in Prometheus' text format. */
export const prometheusText = (samples: ReadonlyArray<Sample>): string => {
  const { show, text } = makeSeries()
  show(samples)
  return text()
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
