/** The telemetry of each request: a span for OpenTelemetry and a line of the access log. */
import { Context, Effect, Exit, Layer } from "effect"
import type { Scope } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as HttpHeaders from "effect/http/Headers"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import type { Tracer } from "effect/Tracer"
import { version } from "../domain/version.ts"
import { Metrics } from "../monitoring/metrics.ts"

export interface TelemetryOptions {
  /** Base URL of a collector that speaks OTLP over HTTP. */
  readonly otlp?: string | undefined
  /** Whether each request is a line of the log. */
  readonly accessLog?: boolean
}

/** An answered request. Of its parameters and its answer it contains only the key's id. */
export interface Answered {
  readonly requestId: string
  readonly api: string
  readonly operation: string
  /** `Success`, or the code of the refusal. */
  readonly outcome: string
  readonly status: number
  readonly keyId: string | undefined
  readonly accessKeyId: string | undefined
  readonly address: string | undefined
  readonly startedAt: bigint
  readonly endedAt: bigint
  /** `traceparent` and related headers name the span of the client. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
}

export type Tell = (answered: Answered) => void

const present = (attributes: Readonly<Record<string, string | number | undefined>>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  )

const millisOf = ({ startedAt, endedAt }: Answered): number => Number(endedAt - startedAt) / 1e6

const clientSpan = ({ headers }: Answered) =>
  HttpTraceContext.fromHeaders(
    HttpHeaders.fromInput(
      Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []))
    )
  )

/** One span for a request. It has no children, because the engine runs without a tracer. */
const traceWith =
  (tracer: Tracer): Tell =>
  (answered) => {
    const { api, operation, outcome, status } = answered
    const span = tracer.span({
      name: `${api} ${operation}`,
      parent: clientSpan(answered),
      annotations: Context.empty(),
      links: [],
      startTime: answered.startedAt,
      kind: "server",
      root: false,
      sampled: true
    })
    const attributes = present({
      "rpc.system": "keystate",
      "rpc.service": api,
      "rpc.method": operation,
      "keystate.outcome": outcome,
      "keystate.key_id": answered.keyId,
      "keystate.request_id": answered.requestId,
      "http.response.status_code": status,
      "client.address": answered.address
    })
    for (const [name, value] of Object.entries(attributes)) span.attribute(name, value)
    // A refusal is a normal answer. Only a failure inside the server marks the span as an error.
    span.end(answered.endedAt, status >= 500 ? Exit.fail(outcome) : Exit.void)
  }

const logLine = (answered: Answered): Effect.Effect<void> => {
  const { api, operation, outcome, status, requestId, keyId, accessKeyId, address } = answered
  const fields = { requestId, api, operation, outcome, status, keyId, accessKeyId, address, millis: millisOf(answered) }
  return Effect.annotateLogs(Effect.logInfo("request"), present(fields))
}

const resource = { serviceName: "keystate", serviceVersion: version }

/** How often metrics that are read from the store are read for the exporter. */
const metricsEvery = "15 seconds"
/** How long a server that stops waits for the collector. */
const shutdownTimeout = "1 second"

/** Sends the spans, and the registry of the metrics. A collector that does not answer changes nothing for callers. */
const exporting = (url: string): Effect.Effect<Tell, never, Metrics | Scope.Scope> =>
  Effect.gen(function* () {
    const base = url.replace(/\/+$/, "")
    const { registry, refresh } = yield* Metrics
    const ways = yield* Layer.build(
      Layer.mergeAll(OtlpExporter.layerFlusher, OtlpSerialization.layerJson, FetchHttpClient.layer)
    )
    yield* refresh
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(metricsEvery), refresh)))
    yield* OtlpMetrics.make({
      url: `${base}/v1/metrics`,
      resource,
      exportInterval: metricsEvery,
      shutdownTimeout
    }).pipe(Effect.provide(Context.merge(ways, registry)))
    // Runs before the last export.
    yield* Effect.addFinalizer(() => Effect.asVoid(refresh))
    const tracer = yield* OtlpTracer.make({ url: `${base}/v1/traces`, resource, shutdownTimeout }).pipe(
      Effect.provide(ways)
    )
    return traceWith(tracer)
  })

/** Undefined if there is no collector and no access log. */
export const makeTelemetry = ({
  otlp,
  accessLog = false
}: TelemetryOptions): Effect.Effect<Tell | undefined, never, Metrics | Scope.Scope> =>
  Effect.gen(function* () {
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const trace = otlp === undefined ? undefined : yield* exporting(otlp)
    const log: Tell | undefined = accessLog ? (answered) => void run(logLine(answered)) : undefined
    if (trace === undefined) return log
    return (answered) => {
      trace(answered)
      log?.(answered)
    }
  })
