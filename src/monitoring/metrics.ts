/** What a server counts and measures. Labels are few and never name a key. */
import { Clock, Context, Effect, Layer, Metric, Option } from "effect"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit } from "../audit/audit.ts"
import { TokenConnection } from "../crypto/hsm/connection.ts"
import type { ConnectedToken } from "../crypto/hsm/connection.ts"
import { Proofs } from "../proof/proofs.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { keysAbout, makeCensus } from "./census.ts"
import type { Census } from "./census.ts"
import { samplesOfProcess } from "./ofProcess.ts"
import { counter, family, gauge, histogram, makeSeries } from "./series.ts"
import type { Labels, Sample } from "./series.ts"

/** Upper bounds of the latency histogram, seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

interface Sources {
  readonly store: Store["Service"]
  /** Keys in each state, counted now or recently. */
  readonly census: Effect.Effect<Census, StoreFailure>
  readonly proofs: Proofs["Service"]
  readonly directory: KeyDirectory["Service"]
  readonly timers: Timers["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly audit: Audit["Service"]
  readonly token: ConnectedToken | undefined
}

/** Counters of the answered requests. A series for each pair of labels is looked up once. */
interface Requests {
  readonly context: Context.Context<never>
  readonly counts: Map<string, Metric.Counter<number>>
  readonly latency: Map<string, Metric.Histogram<number>>
}

const countOf = ({ counts }: Requests, operation: string, code: string): Metric.Counter<number> => {
  const name = `${operation} ${code}`
  const known = counts.get(name)
  if (known !== undefined) return known
  const made = Metric.counter("keystate_requests_total", {
    description: "Requests answered, by operation and code.",
    attributes: { operation, code },
    incremental: true
  })
  counts.set(name, made)
  return made
}

const latencyOf = ({ latency }: Requests, operation: string): Metric.Histogram<number> => {
  const known = latency.get(operation)
  if (known !== undefined) return known
  const made = Metric.histogram("keystate_request_seconds", {
    description: "Time from the request's first byte to its answer.",
    attributes: { operation },
    boundaries: buckets
  })
  latency.set(operation, made)
  return made
}

const countAnswer = (requests: Requests, operation: string, code: string, seconds: number): void => {
  countOf(requests, operation, code).updateUnsafe(1, requests.context)
  latencyOf(requests, operation).updateUnsafe(seconds, requests.context)
}

const labelled = (label: string, counts: object): ReadonlyArray<readonly [Labels, number]> =>
  Object.entries(counts).map(([name, count]) => [{ [label]: name }, count] as const)

/** Empty if no other server changes the store, because then no proof is read. */
const ofProofs = ({ proofs: { ask, counts } }: Sources): ReadonlyArray<Sample> => {
  if (ask === undefined) return []
  const { batches, seconds } = counts()
  return [
    ...histogram(
      "keystate_proof_seconds",
      "Time from a read of shared data in the store to its answer or failure.",
      seconds
    ),
    ...histogram("keystate_proof_batch_size", "Calls that shared such a read with another call.", batches)
  ]
}

const ofEngine = ({ store, audit, directory }: Sources): ReadonlyArray<Sample> => [
  ...counter(
    "keystate_commit_conflicts_total",
    "Commits that lost a race with another server; they were decided again or refused.",
    store.conflicts()
  ),
  ...counter(
    "keystate_adoptions_total",
    "Times a key was read again because another server had changed it.",
    directory.adoptions()
  ),
  ...gauge("keystate_store_writable", "Whether the last write found disk space.", store.shortage() ? 0 : 1),
  ...gauge("keystate_audit_waiting", "Audit records that are not on the disk yet.", audit.waiting()),
  ...gauge("keystate_keys_awake", "Keys in memory.", directory.size())
]

/** Values that are read from the store for each answer. */
interface Stored {
  readonly census: Census
  readonly overdue: number
  readonly held: { readonly DeletionDue: number; readonly MaterialExpired: number }
}

const readStored = ({ census, timers }: Sources) =>
  Effect.option(Effect.all({ census, overdue: timers.overdue, held: timers.held }))

const ofStored = ({ census, overdue, held }: Stored): ReadonlyArray<Sample> => [
  ...family("keystate_keys", "gauge", keysAbout, labelled("state", census.states)),
  ...gauge("keystate_keys_age_seconds", "Time since the keys were counted.", census.ageMillis / 1000),
  ...gauge("keystate_deadlines_overdue", "Deadlines that are due and not performed yet.", overdue),
  ...gauge("keystate_deletions_held", "Deletions that are due and wait for a decision on the clock.", held.DeletionDue),
  ...gauge(
    "keystate_expiries_held",
    "Expiries of material that are due and wait for a decision on the clock.",
    held.MaterialExpired
  )
]

const ofClock = ({ clock }: Sources): ReadonlyArray<Sample> => {
  const state = clock.state()
  const doubt = clock.doubt()
  return [
    ...family("keystate_clock_in_doubt", "gauge", "Whether the machine's clock jumped, by direction.", [
      [{ direction: "forward" }, doubt?.direction === "Forward" ? 1 : 0],
      [{ direction: "backward" }, doubt?.direction === "Backward" ? 1 : 0]
    ]),
    ...gauge(
      "keystate_clock_offset_seconds",
      "The machine's clock minus lifecycle time.",
      state.kind === "real" ? (state.machine - state.now) / 1000 : 0
    )
  ]
}

const samplesOf = (sources: Sources) =>
  Effect.map(readStored(sources), (stored) => [
    ...family(
      "keystate_alarms_total",
      "counter",
      "Calls that an operator should check.",
      labelled("alarm", sources.audit.alarms())
    ),
    ...gauge(
      "keystate_store_readable",
      "Whether the store could be read for this answer.",
      Option.isSome(stored) ? 1 : 0
    ),
    ...gauge(
      "keystate_store_up",
      "The same, under the name that dashboards of several servers use.",
      Option.isSome(stored) ? 1 : 0
    ),
    ...Option.match(stored, { onNone: () => [], onSome: ofStored }),
    ...ofEngine(sources),
    ...ofProofs(sources),
    ...ofClock(sources),
    ...(sources.token === undefined ? [] : ofToken(sources.token)),
    ...samplesOfProcess()
  ])

export class Metrics extends Context.Service<
  Metrics,
  {
    /** Counts an answered request. `operation` must be a name of the catalogue, so that labels stay few. */
    readonly answered: (operation: string, code: string, seconds: number) => void
    /** In Prometheus' text format. */
    readonly text: Effect.Effect<string>
    /** The registry, for exporters. */
    readonly registry: Context.Context<never>
    /** Reads anew what an exporter of the registry tells. */
    readonly refresh: Effect.Effect<void>
  }
>()("keystate/monitoring/Metrics") {
  static readonly layer = Layer.effect(
    Metrics,
    Effect.gen(function* () {
      const store = yield* Store
      const sources: Sources = {
        store,
        census: makeCensus(store, yield* Clock.Clock),
        proofs: yield* Proofs,
        directory: yield* KeyDirectory,
        timers: yield* Timers,
        clock: yield* LifecycleClock,
        audit: yield* Audit,
        token: (yield* TokenConnection).token
      }
      const series = makeSeries()
      const requests: Requests = { context: series.context, counts: new Map(), latency: new Map() }
      const refresh = Effect.map(samplesOf(sources), series.show)
      return {
        answered: (operation, code, seconds) => countAnswer(requests, operation, code, seconds),
        text: Effect.map(refresh, series.text),
        registry: series.context,
        refresh
      }
    })
  )
}

const ofToken = ({ pool }: ConnectedToken): ReadonlyArray<Sample> => {
  const calls = pool.counts.all().map((counted) => {
    return { ...counted, labels: { call: counted.call, outcome: counted.outcome } }
  })
  const counts = calls.map(({ labels, count }) => [labels, count] as const)
  const seconds = calls.map(({ labels, seconds }) => [labels, seconds] as const)
  return [
    ...family("keystate_hsm_ready", "gauge", "Whether the token answers.", [
      [{}, pool.trouble() === undefined ? 1 : 0]
    ]),
    ...family("keystate_hsm_sessions", "gauge", "Open sessions of the token.", [[{}, pool.sessions()]]),
    ...family("keystate_hsm_calls_total", "counter", "Calls to the token, by outcome.", counts),
    ...family("keystate_hsm_call_seconds_total", "counter", "Time of calls to the token.", seconds)
  ]
}
