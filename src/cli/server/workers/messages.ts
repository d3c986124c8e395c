/** What a worker and the process that started it say to each other. */
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
  /** It accepts connections. */
  Schema.Struct({ kind: Schema.Literal("listens") }),
  /** It has told the operator that the server is ready. */
  Schema.Struct({ kind: Schema.Literal("announced") }),
  /** Its samples, and the question for those of the others. */
  Schema.Struct({ kind: Schema.Literal("exchange"), id: Schema.Number, samples: Samples }),
  /** The answer to a question for its samples. */
  Schema.Struct({ kind: Schema.Literal("samples"), id: Schema.Number, samples: Samples })
])

const ToWorker = Schema.Union([
  /** All workers listen: tell the operator. */
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

/** Undefined for what is not a message of this protocol. */
export const fromWorker = (message: unknown): FromWorker | undefined => Option.getOrUndefined(decodeFromWorker(message))
export const toWorker = (message: unknown): ToWorker | undefined => Option.getOrUndefined(decodeToWorker(message))
