/** Counters and gauges in Prometheus' text format. Labels are few and never name a key. */
import { Clock, Context, Effect, Layer, Option } from "effect"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit } from "../audit/audit.ts"
import { TokenConnection } from "../crypto/hsm/connection.ts"
import type { ConnectedToken } from "../crypto/hsm/connection.ts"
import { distributionOver, observe } from "../proof/distribution.ts"
import type { Distribution, Observed } from "../proof/distribution.ts"
import { Proofs } from "../proof/proofs.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { keysAbout, makeCensus } from "./census.ts"
import type { Census } from "./census.ts"

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

/** Counters of the answered requests. */
interface Requests {
  /** By labels. */
  readonly counts: Map<string, number>
  /** By operation. */
  readonly latency: Map<string, Observed>
}

const noteLatency = ({ latency }: Requests, operation: string, seconds: number): void => {
  const known = latency.get(operation) ?? distributionOver(buckets)
  latency.set(operation, known)
  observe(known, seconds)
}

const countAnswer = (requests: Requests, operation: string, code: string, seconds: number): void => {
  const labels = `operation="${operation}",code="${code}"`
  requests.counts.set(labels, (requests.counts.get(labels) ?? 0) + 1)
  noteLatency(requests, operation, seconds)
}

const labelled = (label: string, counts: object): ReadonlyArray<readonly [string, number]> =>
  Object.entries(counts).map(([name, count]) => [`${label}="${name}"`, count] as const)

const ofRequests = ({ counts, latency }: Requests): ReadonlyArray<string> => [
  ...family("keystate_requests_total", "counter", "Requests answered, by operation and code.", counts),
  ...histogram(
    "keystate_request_seconds",
    "Time from the request's first byte to its answer.",
    [...latency].map(([operation, series]) => [`operation="${operation}"`, series] as const)
  )
]

/** Empty if no other server changes the store, because then no proof is read. */
const ofProofs = ({ proofs: { ask, counts } }: Sources): ReadonlyArray<string> => {
  if (ask === undefined) return []
  const { batches, seconds } = counts()
  return [
    ...histogram("keystate_proof_seconds", "Time from a read of shared data in the store to its answer or failure.", [
      ["", seconds]
    ]),
    ...histogram("keystate_proof_batch_size", "Calls that shared such a read with another call.", [["", batches]])
  ]
}

const counter = (name: string, about: string, value: number): ReadonlyArray<string> =>
  family(name, "counter", about, [["", value]])

const ofProcess = ({ store, audit, directory }: Sources): ReadonlyArray<string> => [
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

const ofStored = ({ census, overdue, held }: Stored): ReadonlyArray<string> => [
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

const ofClock = ({ clock }: Sources): ReadonlyArray<string> => {
  const state = clock.state()
  const doubt = clock.doubt()
  return [
    ...family("keystate_clock_in_doubt", "gauge", "Whether the machine's clock jumped, by direction.", [
      ['direction="forward"', doubt?.direction === "Forward" ? 1 : 0],
      ['direction="backward"', doubt?.direction === "Backward" ? 1 : 0]
    ]),
    ...gauge(
      "keystate_clock_offset_seconds",
      "The machine's clock minus lifecycle time.",
      state.kind === "real" ? (state.machine - state.now) / 1000 : 0
    )
  ]
}

const textOf = (sources: Sources, requests: Requests) =>
  Effect.map(readStored(sources), (stored) =>
    [
      ...ofRequests(requests),
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
      ...ofProcess(sources),
      ...ofProofs(sources),
      ...ofClock(sources),
      ...(sources.token === undefined ? [] : ofToken(sources.token)),
      ...gauge("keystate_resident_memory_bytes", "Resident memory.", process.memoryUsage.rss()),
      ""
    ].join("\n")
  )

export class Metrics extends Context.Service<
  Metrics,
  {
    /** Counts an answered request. `operation` must be a name of the catalogue, so that labels stay few. */
    readonly answered: (operation: string, code: string, seconds: number) => void
    readonly text: Effect.Effect<string>
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
      const requests: Requests = { counts: new Map(), latency: new Map() }
      return {
        answered: (operation, code, seconds) => countAnswer(requests, operation, code, seconds),
        text: textOf(sources, requests)
      }
    })
  )
}

const family = (
  name: string,
  type: "counter" | "gauge",
  about: string,
  values: Iterable<readonly [string, number]>
): ReadonlyArray<string> => [
  `# HELP ${name} ${about}`,
  `# TYPE ${name} ${type}`,
  ...[...values].map(([labels, value]) => `${name}${labels === "" ? "" : `{${labels}}`} ${value}`)
]

const gauge = (name: string, about: string, value: number): ReadonlyArray<string> =>
  family(name, "gauge", about, [["", value]])

const ofToken = ({ pool }: ConnectedToken): ReadonlyArray<string> => {
  const calls = pool.counts.all().map((counted) => {
    const labels = `call="${counted.call}",outcome="${counted.outcome}"`
    return { ...counted, labels }
  })
  const counts = calls.map(({ labels, count }) => [labels, count] as const)
  const seconds = calls.map(({ labels, seconds }) => [labels, seconds] as const)
  return [
    ...family("keystate_hsm_ready", "gauge", "Whether the token answers.", [
      ["", pool.trouble() === undefined ? 1 : 0]
    ]),
    ...family("keystate_hsm_sessions", "gauge", "Open sessions of the token.", [["", pool.sessions()]]),
    ...family("keystate_hsm_calls_total", "counter", "Calls to the token, by outcome.", counts),
    ...family("keystate_hsm_call_seconds_total", "counter", "Time of calls to the token.", seconds)
  ]
}

const histogram = (
  name: string,
  about: string,
  series: ReadonlyArray<readonly [labels: string, distribution: Distribution]>
): ReadonlyArray<string> => {
  const lines = [`# HELP ${name} ${about}`, `# TYPE ${name} histogram`]
  for (const [labels, { bounds, counts, sum, total }] of series) {
    const inFront = labels === "" ? "" : `${labels},`
    const own = labels === "" ? "" : `{${labels}}`
    let below = 0
    for (const [slot, bound] of bounds.entries()) {
      below += counts[slot] ?? 0
      lines.push(`${name}_bucket{${inFront}le="${bound}"} ${below}`)
    }
    lines.push(
      `${name}_bucket{${inFront}le="+Inf"} ${total}`,
      `${name}_sum${own} ${sum}`,
      `${name}_count${own} ${total}`
    )
  }
  return lines
}
