/** Is the process alive, and can it do its work? For orchestrators and people. */
import { Effect } from "effect"
import { formatInstant } from "../domain/time.ts"
import { TokenConnection } from "../crypto/hsm/connection.ts"
import { Store } from "../store/store.ts"
import type { StoreUnavailable } from "../store/store.ts"
import { LifecycleClock, rejectedSentence, sentenceOf } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import type { StampRange } from "../wire/stampRanges.ts"

interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: ReadonlyArray<Check>
}

/** A store that takes longer than this to read one row is not ready. */
const storeMillisMax = 2000
/** So many deadlines overdue at once mean that the clock service does not keep up. */
const overdueMax = 200

type Services = Store | Timers | LifecycleClock | TokenConnection

/** `refusedStamps` are the request timestamps that the server refuses now. */
export const readiness = (refusedStamps: ReadonlyArray<StampRange>): Effect.Effect<Readiness, never, Services> =>
  Effect.gen(function* () {
    const store = yield* Store
    const timers = yield* Timers
    const clock = yield* LifecycleClock
    const { token } = yield* TokenConnection
    const { detail, readable } = yield* store.meta("clock.kind").pipe(
      Effect.timeoutOption(storeMillisMax),
      Effect.map((answer) =>
        answer._tag === "Some" ? { readable: true, detail: "answers" } : { readable: false, detail: "does not answer" }
      ),
      Effect.catch(({ message }) => Effect.succeed({ readable: false, detail: message }))
    )
    const overdue = readable ? yield* Effect.orElseSucceed(timers.overdue, () => 0) : 0
    const checks: ReadonlyArray<Check> = [
      { name: "store", ok: readable, detail },
      // Uses go on, so that the server stays ready; a person has to make room.
      { name: "disk", ok: true, detail: diskDetail(store.shortage()) },
      { name: "timers", ok: overdue < overdueMax, detail: `${overdue} deadlines overdue` },
      // Requests are answered as always, so that the server stays ready; a person has to look.
      { name: "clock", ok: true, detail: clockDetail(clock) },
      { name: "replay", ok: true, detail: replayDetail(refusedStamps) },
      ...(token === undefined ? [] : [hsmCheck(token.pool.trouble())])
    ]
    return { ready: checks.every((check) => check.ok), checks }
  })

/** Keys of software go on without it; whoever balances load may want to know all the same. */
const hsmCheck = (trouble: string | undefined): Check => ({
  name: "hsm",
  ok: trouble === undefined,
  detail: trouble ?? "answers"
})

const diskDetail = (shortage: StoreUnavailable | undefined): string =>
  shortage === undefined ? "takes changes" : `takes no changes. ${shortage.message}`

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
    `requests stamped ${spans} are refused: the server does not know any more which of them it accepted, because it was ` +
    "killed or its clock was set"
  )
}
