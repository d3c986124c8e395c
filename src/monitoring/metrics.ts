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

export class Metrics extends Context.Service<
  Metrics,
  {
    /** Counts an answered request. `operation` must come from the catalogue, so that labels stay few. */
    readonly answered: (operation: string, code: string, seconds: number) => void
    readonly text: Effect.Effect<string>
  }
>()("keystate/server/Metrics") {
  static readonly layer = Layer.effect(
    Metrics,
    Effect.gen(function* () {
      const store = yield* Store
      const directory = yield* KeyDirectory
      const timers = yield* Timers
      const clock = yield* LifecycleClock
      const audit = yield* Audit
      const { token } = yield* TokenConnection
      const requests = new Map<string, number>()
      const latency = new Map<string, Series>()

      const observe = (operation: string, seconds: number): void => {
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

      return {
        answered: (operation, code, seconds) => {
          const labels = `operation="${operation}",code="${code}"`
          requests.set(labels, (requests.get(labels) ?? 0) + 1)
          observe(operation, seconds)
        },
        text: Effect.gen(function* () {
          const stored = yield* Effect.option(
            Effect.all({ census: store.census, overdue: timers.overdue, held: timers.held })
          )
          const state = clock.state()
          const doubt = clock.doubt()
          return [
            ...family("keystate_requests_total", "counter", "Requests answered, by operation and code.", requests),
            ...histogram(latency),
            ...family(
              "keystate_alarms_total",
              "counter",
              "Calls an operator should look at.",
              Object.entries(audit.alarms()).map(([alarm, count]) => [`alarm="${alarm}"`, count] as const)
            ),
            ...family("keystate_store_readable", "gauge", "Whether the store could be read for this answer.", [
              ["", Option.isSome(stored) ? 1 : 0]
            ]),
            ...Option.match(stored, { onNone: () => [], onSome: ofStore }),
            ...family("keystate_store_writable", "gauge", "Whether the last write found room on the disk.", [
              ["", store.shortage() === undefined ? 1 : 0]
            ]),
            ...family("keystate_audit_waiting", "gauge", "Audit records that are not on the disk yet.", [
              ["", audit.waiting()]
            ]),
            ...family("keystate_keys_awake", "gauge", "Keys with a live actor.", [["", directory.size()]]),
            ...family("keystate_clock_in_doubt", "gauge", "Whether the machine's clock jumped, by direction.", [
              ['direction="forward"', doubt?.direction === "Forward" ? 1 : 0],
              ['direction="backward"', doubt?.direction === "Backward" ? 1 : 0]
            ]),
            ...family("keystate_clock_offset_seconds", "gauge", "The machine's clock minus lifecycle time.", [
              ["", state.kind === "real" ? (state.machine - state.now) / 1000 : 0]
            ]),
            ...(token === undefined ? [] : ofToken(token)),
            ...family("keystate_resident_memory_bytes", "gauge", "Resident memory.", [["", process.memoryUsage.rss()]]),
            ""
          ].join("\n")
        })
      }
    })
  )
}

/** What is read from the store for each answer. */
interface Stored {
  readonly census: Readonly<Record<string, number>>
  readonly overdue: number
  readonly held: { readonly DeletionDue: number; readonly MaterialExpired: number }
}

const ofStore = ({ census, overdue, held }: Stored): ReadonlyArray<string> => [
  ...family(
    "keystate_keys",
    "gauge",
    "Keys in each state.",
    Object.entries(census).map(([state, count]) => [`state="${state}"`, count] as const)
  ),
  ...family("keystate_deadlines_overdue", "gauge", "Deadlines due and not yet carried out.", [["", overdue]]),
  ...family("keystate_deletions_held", "gauge", "Deletions that are due and wait for a decision on the clock.", [
    ["", held.DeletionDue]
  ]),
  ...family(
    "keystate_expiries_held",
    "gauge",
    "Expiries of material that are due and wait for a decision on the clock.",
    [["", held.MaterialExpired]]
  )
]

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
