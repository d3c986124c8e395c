/** Counters and gauges in Prometheus' text format. Labels are few and never name a key. */
import { Context, Effect, Layer, Option } from "effect"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit } from "../audit/audit.ts"
import { TokenConnection } from "../crypto/hsm/connection.ts"
import type { ConnectedToken } from "../crypto/hsm/connection.ts"
import { Store } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"

/** Upper bounds of the latency histogram, seconds. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

interface Series {
  readonly counts: Array<number>
  sumSeconds: number
  total: number
}

interface Sources {
  readonly store: Store["Service"]
  readonly directory: KeyDirectory["Service"]
  readonly timers: Timers["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly audit: Audit["Service"]
  readonly token: ConnectedToken | undefined
}

/** What was counted of the answered requests. */
interface Requests {
  /** By labels. */
  readonly counts: Map<string, number>
  /** By operation. */
  readonly latency: Map<string, Series>
}

const observe = ({ latency }: Requests, operation: string, seconds: number): void => {
  let series = latency.get(operation)
  if (series === undefined) {
    series = { counts: buckets.map(() => 0), sumSeconds: 0, total: 0 }
    latency.set(operation, series)
  }
  const slot = buckets.findIndex((bound) => seconds <= bound)
  if (slot >= 0) series.counts[slot] = (series.counts[slot] ?? 0) + 1
  series.sumSeconds += seconds
  series.total++
}

const countAnswer = (requests: Requests, operation: string, code: string, seconds: number): void => {
  const labels = `operation="${operation}",code="${code}"`
  requests.counts.set(labels, (requests.counts.get(labels) ?? 0) + 1)
  observe(requests, operation, seconds)
}

const labelled = (label: string, counts: object): ReadonlyArray<readonly [string, number]> =>
  Object.entries(counts).map(([name, count]) => [`${label}="${name}"`, count] as const)

const ofRequests = ({ counts, latency }: Requests): ReadonlyArray<string> => [
  ...family("keystate_requests_total", "counter", "Requests answered, by operation and code.", counts),
  ...histogram(latency)
]

const ofProcess = ({ store, audit, directory }: Sources): ReadonlyArray<string> => [
  ...gauge("keystate_store_writable", "Whether the last write found room on the disk.", store.shortage() ? 0 : 1),
  ...gauge("keystate_audit_waiting", "Audit records that are not on the disk yet.", audit.waiting()),
  ...gauge("keystate_keys_awake", "Keys with a live actor.", directory.size())
]

/** What is read from the store for each answer. */
interface Stored {
  readonly census: Readonly<Record<string, number>>
  readonly overdue: number
  readonly held: { readonly DeletionDue: number; readonly MaterialExpired: number }
}

const readStored = ({ store, timers }: Sources) =>
  Effect.option(Effect.all({ census: store.census, overdue: timers.overdue, held: timers.held }))

const ofStored = ({ census, overdue, held }: Stored): ReadonlyArray<string> => [
  ...family("keystate_keys", "gauge", "Keys in each state.", labelled("state", census)),
  ...gauge("keystate_deadlines_overdue", "Deadlines due and not yet carried out.", overdue),
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
        "Calls an operator should look at.",
        labelled("alarm", sources.audit.alarms())
      ),
      ...gauge(
        "keystate_store_readable",
        "Whether the store could be read for this answer.",
        Option.isSome(stored) ? 1 : 0
      ),
      ...Option.match(stored, { onNone: () => [], onSome: ofStored }),
      ...ofProcess(sources),
      ...ofClock(sources),
      ...(sources.token === undefined ? [] : ofToken(sources.token)),
      ...gauge("keystate_resident_memory_bytes", "Resident memory.", process.memoryUsage.rss()),
      ""
    ].join("\n")
  )

export class Metrics extends Context.Service<
  Metrics,
  {
    /** Counts an answered request. `operation` must come from the catalogue, so that labels stay few. */
    readonly answered: (operation: string, code: string, seconds: number) => void
    readonly text: Effect.Effect<string>
  }
>()("keystate/monitoring/Metrics") {
  static readonly layer = Layer.effect(
    Metrics,
    Effect.gen(function* () {
      const sources: Sources = {
        store: yield* Store,
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
    ...family("keystate_hsm_sessions", "gauge", "Sessions that are open in the token.", [["", pool.sessions()]]),
    ...family("keystate_hsm_calls_total", "counter", "Calls to the token, by what came of them.", counts),
    ...family("keystate_hsm_call_seconds_total", "counter", "Time spent in calls to the token.", seconds)
  ]
}

const histogram = (latency: ReadonlyMap<string, Series>): ReadonlyArray<string> => {
  const name = "keystate_request_seconds"
  const lines = [`# HELP ${name} Time from the request's first byte to its answer.`, `# TYPE ${name} histogram`]
  for (const [operation, { counts, sumSeconds, total }] of latency) {
    let below = 0
    for (const [slot, bound] of buckets.entries()) {
      below += counts[slot] ?? 0
      lines.push(`${name}_bucket{operation="${operation}",le="${bound}"} ${below}`)
    }
    lines.push(`${name}_bucket{operation="${operation}",le="+Inf"} ${total}`)
    lines.push(
      `${name}_sum{operation="${operation}"} ${sumSeconds}`,
      `${name}_count{operation="${operation}"} ${total}`
    )
  }
  return lines
}
