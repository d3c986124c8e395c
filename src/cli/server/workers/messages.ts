/** The messages between a worker and its parent process. */
import { Option, Schema } from "effect"
import { described } from "../../../monitoring/described.ts"
import type { MetricName } from "../../../monitoring/described.ts"

const isMetric = (name: string): name is MetricName => Object.hasOwn(described, name)

const named = {
  name: Schema.Literals(Object.keys(described).filter(isMetric)),
  about: Schema.String,
  labels: Schema.Record(Schema.String, Schema.String)
}

const Distribution = Schema.Struct({
  bounds: Schema.Array(Schema.Number),
  counts: Schema.Array(Schema.Number),
  sum: Schema.Number,
  total: Schema.Number
})

const SampleForm = Schema.Union([
  Schema.Struct({ ...named, type: Schema.Literals(["counter", "gauge"]), value: Schema.Number }),
  Schema.Struct({ ...named, type: Schema.Literal("histogram"), distribution: Distribution })
])

const Samples = Schema.Array(SampleForm)

const FromWorker = Schema.Union([
  /** The worker accepts connections. */
  Schema.Struct({ kind: Schema.Literal("listens") }),
  /** The worker has printed the banner. */
  Schema.Struct({ kind: Schema.Literal("announced") }),
  /** The worker's samples, and a request for those of the others. */
  Schema.Struct({ kind: Schema.Literal("exchange"), id: Schema.Number, samples: Samples }),
  /** The answer to a request for samples. */
  Schema.Struct({ kind: Schema.Literal("samples"), id: Schema.Number, samples: Samples })
])

const ToWorker = Schema.Union([
  /** All workers listen: print the banner. */
  Schema.Struct({ kind: Schema.Literal("announce"), workers: Schema.Number }),
  /** Stop without waiting for clients. */
  Schema.Struct({ kind: Schema.Literal("hurry") }),
  Schema.Struct({
    kind: Schema.Literal("headcount"),
    listening: Schema.Number,
    wanted: Schema.Number,
    hasStarted: Schema.Boolean
  }),
  Schema.Struct({ kind: Schema.Literal("sample"), id: Schema.Number }),
  /** The answer to `exchange`. */
  Schema.Struct({ kind: Schema.Literal("others"), id: Schema.Number, samples: Schema.Array(Samples) })
])

export type FromWorker = typeof FromWorker.Type
export type ToWorker = typeof ToWorker.Type

const decodeFromWorker = Schema.decodeUnknownOption(FromWorker)
const decodeToWorker = Schema.decodeUnknownOption(ToWorker)

/** Undefined for a message outside this protocol. */
export const fromWorker = (message: unknown): FromWorker | undefined => Option.getOrUndefined(decodeFromWorker(message))
export const toWorker = (message: unknown): ToWorker | undefined => Option.getOrUndefined(decodeToWorker(message))
