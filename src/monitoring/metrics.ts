/** The counts and measurements of a server. Labels have few values and never name a key. */
import { Clock, Context, Effect, Layer, Option } from "effect"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit } from "../audit/audit.ts"
import { TokenConnection } from "../crypto/hsm/connection.ts"
import type { ConnectedToken } from "../crypto/hsm/connection.ts"
import { distributionOver, observe } from "../proof/distribution.ts"
import type { Observed } from "../proof/distribution.ts"
import { Proofs } from "../proof/proofs.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { makeCensus } from "./census.ts"
import type { Census } from "./census.ts"
import { samplesOfProcess } from "./ofProcess.ts"
import { merged } from "./merge.ts"
import { family, histogram, makeSeries, prometheusText, single } from "./series.ts"
import type { Sample } from "./series.ts"
import { Workers } from "./workers.ts"
import type { OtherWorkers } from "./workers.ts"

/** Upper bounds of the latency histogram, seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

interface Sources {
  readonly store: Store["Service"]
  /** Keys in each state, counted for this answer or a recent one. */
  readonly census: Effect.Effect<Census, StoreFailure>
  readonly proofs: Proofs["Service"]
  readonly directory: KeyDirectory["Service"]
  readonly timers: Timers["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly audit: Audit["Service"]
  readonly token: ConnectedToken | undefined
}

/** Answered requests of one operation. */
interface Requests {
  readonly seconds: Observed
  /** The number of answers with each code. */
  readonly counts: Map<string, number>
}

type Answered = Map<string, Requests>

const countAnswer = (answered: Answered, operation: string, code: string, seconds: number): void => {
  let requests = answered.get(operation)
  if (requests === undefined) {
    requests = { seconds: distributionOver(buckets), counts: new Map() }
    answered.set(operation, requests)
  }
  requests.counts.set(code, (requests.counts.get(code) ?? 0) + 1)
  observe(requests.seconds, seconds)
}

const ofRequests = (answered: Answered): ReadonlyArray<Sample> =>
  [...answered].flatMap(([operation, { counts, seconds }]) => [
    ...family(
      "keystate_requests_total",
      [...counts].map(([code, count]) => [{ operation, code }, count] as const)
    ),
    ...histogram("keystate_request_seconds", seconds, { operation })
  ])

const labelled = <Labels>(counts: object, labels: (name: string) => Labels): ReadonlyArray<readonly [Labels, number]> =>
  Object.entries(counts).map(([name, count]) => [labels(name), count] as const)

/** Empty if no other server changes the store, because no proof is read then. */
const ofProofs = ({ proofs: { ask, counts } }: Sources): ReadonlyArray<Sample> => {
  if (ask === undefined) return []
  const { batches, seconds } = counts()
  return [...histogram("keystate_proof_seconds", seconds, {}), ...histogram("keystate_proof_batch_size", batches, {})]
}

const ofEngine = ({ store, audit, directory }: Sources): ReadonlyArray<Sample> => [
  ...single("keystate_commit_conflicts_total", store.conflicts()),
  ...single("keystate_adoptions_total", directory.adoptions()),
  ...single("keystate_store_writable", store.shortage() ? 0 : 1),
  ...single("keystate_audit_waiting", audit.waiting()),
  ...single("keystate_keys_awake", directory.size())
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
  ...family(
    "keystate_keys",
    labelled(census.states, (state) => ({ state }))
  ),
  ...single("keystate_keys_age_seconds", census.ageMillis / 1000),
  ...single("keystate_deadlines_overdue", overdue),
  ...single("keystate_deletions_held", held.DeletionDue),
  ...single("keystate_expiries_held", held.MaterialExpired)
]

const ofClock = ({ clock }: Sources): ReadonlyArray<Sample> => {
  const state = clock.state()
  const doubt = clock.doubt()
  return [
    ...family("keystate_clock_in_doubt", [
      [{ direction: "forward" }, doubt?.direction === "Forward" ? 1 : 0],
      [{ direction: "backward" }, doubt?.direction === "Backward" ? 1 : 0]
    ]),
    ...single("keystate_clock_offset_seconds", state.kind === "real" ? (state.machine - state.now) / 1000 : 0)
  ]
}

const samplesOf = (sources: Sources, answered: Answered) =>
  Effect.map(readStored(sources), (stored): ReadonlyArray<Sample> => [
    ...ofRequests(answered),
    ...family(
      "keystate_alarms_total",
      labelled(sources.audit.alarms(), (alarm) => ({ alarm }))
    ),
    ...single("keystate_store_readable", Option.isSome(stored) ? 1 : 0),
    ...single("keystate_store_up", Option.isSome(stored) ? 1 : 0),
    ...Option.match(stored, { onNone: () => [], onSome: ofStored }),
    ...ofEngine(sources),
    ...ofProofs(sources),
    ...ofClock(sources),
    ...(sources.token === undefined ? [] : ofToken(sources.token)),
    ...samplesOfProcess()
  ])

const ofAllWorkers = (own: Effect.Effect<ReadonlyArray<Sample>>, workers: OtherWorkers | undefined) =>
  workers === undefined
    ? own
    : Effect.flatMap(own, (samples) => Effect.map(workers.exchange(samples), (others) => merged([samples, ...others])))

export class Metrics extends Context.Service<
  Metrics,
  {
    /** Counts an answered request. `operation` must be a name of the catalogue, so that labels stay few. */
    readonly answered: (operation: string, code: string, seconds: number) => void
    /** In Prometheus' text format, for all workers of the server. */
    readonly text: Effect.Effect<string>
    /** The registry of this process, for exporters. */
    readonly registry: Context.Context<never>
    /** Updates the values that an exporter of the registry reads. */
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
      const answered: Answered = new Map()
      const own = samplesOf(sources, answered)
      const workers = yield* Workers
      yield* workers?.answerWith(own) ?? Effect.void
      return {
        answered: (operation, code, seconds) => countAnswer(answered, operation, code, seconds),
        text: Effect.map(ofAllWorkers(own, workers), prometheusText),
        registry: series.context,
        refresh: Effect.map(own, series.show)
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
    ...single("keystate_hsm_ready", pool.trouble() === undefined ? 1 : 0),
    ...single("keystate_hsm_sessions", pool.sessions()),
    ...family("keystate_hsm_calls_total", counts),
    ...family("keystate_hsm_call_seconds_total", seconds)
  ]
}
