/** Health checks for orchestrators and operators: whether the process runs, and whether it can do its work. */
import { Clock, Effect } from "effect"
import { formatInstant } from "../domain/time.ts"
import { TokenConnection } from "../crypto/hsm/connection.ts"
import { Proofs } from "../proof/proofs.ts"
import { Store } from "../store/store.ts"
import type { StoreUnavailable } from "../store/store.ts"
import { LifecycleClock, rejectedSentence, sentenceOf } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import type { StampRange } from "../wire/stampRanges.ts"
import { Workers } from "./workers.ts"
import type { Headcount } from "./workers.ts"

interface Check {
  readonly name: string
  readonly ok: boolean
  /** The result of the check. */
  readonly detail: string
  /** What an operator should do. */
  readonly hint?: string
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: ReadonlyArray<Check>
}

/** A store that takes longer than this to read one row is not ready. */
const storeMillisMax = 2000
/** If more deadlines than this are overdue, the clock service is too slow. */
const overdueMax = 200

type Services = Store | Timers | LifecycleClock | Proofs | TokenConnection

/** `refusedStamps` are the request timestamps that the server refuses now. */
export const readiness = (refusedStamps: ReadonlyArray<StampRange>): Effect.Effect<Readiness, never, Services> =>
  Effect.gen(function* () {
    const store = yield* Store
    const timers = yield* Timers
    const clock = yield* LifecycleClock
    const proofs = yield* Proofs
    const wall = yield* Clock.Clock
    const { token } = yield* TokenConnection
    const workers = yield* Workers
    const stored = yield* storeChecks(store)
    const readable = stored.every((check) => check.ok)
    const overdue = readable ? yield* Effect.orElseSucceed(timers.overdue, () => 0) : 0
    const [storeCheck, ...conditions] = stored
    const checks: ReadonlyArray<Check> = [
      storeCheck,
      // Uses continue, so the server stays ready. An operator must free disk space.
      { name: "disk", ok: true, detail: diskDetail(store.shortage()) },
      ...conditions,
      timersCheck(overdue),
      // Requests are answered as usual, so the server stays ready. An operator must check the clock.
      { name: "clock", ok: true, detail: clockDetail(clock) },
      ...offsetChecks(proofs, wall),
      { name: "replay", ok: true, detail: replayDetail(refusedStamps) },
      ...(token === undefined ? [] : [hsmCheck(token.pool.trouble())]),
      ...(workers === undefined ? [] : [workersCheck(workers.headcount())])
    ]
    return { ready: checks.every((check) => check.ok), checks }
  })

type StoreChecks = readonly [Check, ...ReadonlyArray<Check>]

const storeAway = (detail: string): StoreChecks => [
  {
    name: "store",
    ok: false,
    detail,
    hint: "Restore the store or the connection to it. The server then continues by itself."
  }
]

/** Whether the store answers, and whether it is in the expected state. */
const storeChecks = (store: Store["Service"]): Effect.Effect<StoreChecks> =>
  Effect.andThen(store.meta("clock.kind"), store.conditions).pipe(
    Effect.timeoutOption(storeMillisMax),
    Effect.map((answer): StoreChecks =>
      answer._tag === "Some"
        ? [{ name: "store", ok: true, detail: "answers" }, ...answer.value]
        : storeAway("does not answer")
    ),
    Effect.catch(({ message }) => Effect.succeed(storeAway(message)))
  )

const timersCheck = (overdue: number): Check => {
  const check = { name: "timers", ok: overdue < overdueMax, detail: `${overdue} deadlines overdue` }
  return check.ok ? check : { ...check, hint: "Give the server more processor time, or start more servers." }
}

/** A larger difference is reported, in milliseconds. */
const offsetMax = 1000

/** Servers that share a store use its clock, so a wrong clock of one server does not affect calls. */
const offsetChecks = ({ storeTime }: Proofs["Service"], wall: Clock.Clock): ReadonlyArray<Check> => {
  if (storeTime === undefined) return []
  const offset = wall.currentTimeMillisUnsafe() - storeTime()
  const detail = `the machine's clock is ${offset} ms ahead of the store's clock, which the server uses`
  const check = { name: "clock offset", ok: true, detail }
  return [
    Math.abs(offset) <= offsetMax ? check : { ...check, hint: "Set the clock of this machine, by NTP for example." }
  ]
}

/** A worker that ended is restarted while the others answer, so the server stays ready. */
const workersCheck = ({ hasStarted, listening, wanted }: Headcount): Check => ({
  name: "workers",
  ok: hasStarted,
  detail: `${listening} of ${wanted} listen`
})

/** Software keys still work without it; reported for load balancers. */
const hsmCheck = (trouble: string | undefined): Check =>
  trouble === undefined
    ? { name: "hsm", ok: true, detail: "answers" }
    : {
        name: "hsm",
        ok: false,
        detail: trouble,
        hint: "Reconnect the token. Until then the server serves software keys only."
      }

const diskDetail = (shortage: StoreUnavailable | undefined): string =>
  shortage === undefined ? "takes changes" : `accepts no changes. ${shortage.message}`

const clockDetail = (clock: LifecycleClock["Service"]): string => {
  const doubt = clock.doubt()
  if (doubt !== undefined) return `in doubt. ${sentenceOf(doubt)}`
  const state = clock.state()
  return state.kind === "real" && state.mode === "Rejected" ? rejectedSentence(state.machine) : "trusted"
}

/** Timestamps are written in whole seconds. */
const replayDetail = (ranges: ReadonlyArray<StampRange>): string => {
  if (ranges.length === 0) return "every timestamp within 15 minutes is accepted"
  const spans = ranges.map(({ from, to }) => `${formatInstant(from)} to ${formatInstant(to)}`).join(", ")
  return (
    `requests stamped ${spans} are refused: the server no longer knows which of them it accepted, because it was ` +
    "killed or its clock was set"
  )
}
