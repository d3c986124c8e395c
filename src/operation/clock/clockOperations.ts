/** Keystate's own operations: the lifecycle clock, shown to and moved by the root of the server's own account. */
import { Effect } from "effect"
import { refuse } from "../../domain/errors.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { dayMillis } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { sentenceOf } from "../../timers/clock.ts"
import type { Doubt } from "../../timers/clock.ts"
import { serverOperation } from "../operation.ts"
import type { ServerWorld } from "../operation.ts"
import { invalid, required, text } from "../parameters.ts"

const spanForm = /^([1-9][0-9]{0,8})(ms|s|m|h|d|w)$/
const spanMillis: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: dayMillis,
  w: 7 * dayMillis
}
/** A clock moved further than this in one call is a slip of the pen. */
const spanMillisMax = 100 * 366 * dayMillis

const lastInstant = Date.UTC(9999, 11, 31)

/** Milliseconds of `8d`, `90m`, `1500ms`; undefined if it is none. */
export const parseSpan = (span: string): number | undefined => {
  const [, count, unit] = spanForm.exec(span) ?? []
  if (count === undefined || unit === undefined) return undefined
  const millis = Number(count) * (spanMillis[unit] ?? 0)
  return millis <= spanMillisMax ? millis : undefined
}

/** What is in doubt, what waits for a decision, and what to do. */
const doubtShown = Effect.fnUntraced(function* (doubt: Doubt, timers: ServerWorld["timers"]) {
  const held = yield* timers.held
  return {
    Direction: doubt.direction,
    From: formatInstant(doubt.from),
    To: formatInstant(doubt.to),
    DeletionsWaiting: held.DeletionDue,
    ExpiriesWaiting: held.MaterialExpired,
    Advice: sentenceOf(doubt)
  }
})

const show = Effect.fnUntraced(function* ({ clock, store, timers }: ServerWorld) {
  const state = clock.state()
  const next = yield* store.nextDue
  const doubt = clock.doubt()
  return {
    Clock: state.kind,
    Mode: state.kind === "virtual" ? state.mode : "running",
    Now: formatInstant(state.now),
    ...(state.kind === "real"
      ? {
          MachineClock: formatInstant(state.machine),
          Follows: state.mode === "Followed" ? "MachineClock" : "ElapsedTime"
        }
      : {}),
    ...(next === undefined
      ? {}
      : { NextDeadline: formatInstant(next.dueAt), NextEvent: next.kind, NextKeyId: next.keyId }),
    ...(doubt === undefined ? {} : { Doubt: yield* doubtShown(doubt, timers) })
  }
})

const moving = Effect.fnUntraced(function* <A>(world: ServerWorld, move: Effect.Effect<A, AnyKmsError>) {
  if (world.clock.move === undefined) {
    return yield* refuse("UnsupportedOperation", {
      hint: "The lifecycle clock is real and cannot be moved; start a server with --clock virtual."
    })
  }
  yield* move
  return yield* show(world)
})

export const ShowClock = serverOperation({
  about: "Shows the lifecycle clock and the next deadline.",
  Request: {},
  handle: (_request, { world }) => show(world)
})

export const FreezeClock = serverOperation({
  about: "Stops a virtual clock where it stands.",
  Request: {},
  handle: (_request, { world }) => moving(world, world.timers.freeze)
})

export const ResumeClock = serverOperation({
  about: "Lets a virtual clock run on with real time from where it stands.",
  Request: {},
  handle: (_request, { world }) => moving(world, world.timers.resume)
})

export const ConfirmClock = serverOperation({
  about:
    "Says that the machine's clock is right after it jumped, forward or back: lifecycle time follows it, and what is due " +
    "is carried out.",
  Request: {},
  handle: (_request, { world }) => Effect.andThen(world.timers.decide("confirm"), show(world))
})

export const RejectClock = serverOperation({
  about:
    "Says that the later of the two times is wrong after the machine's clock jumped: lifecycle time goes on from the " +
    "earlier one, and nothing that the later one made due is carried out.",
  Request: {},
  handle: (_request, { world }) => Effect.andThen(world.timers.decide("reject"), show(world))
})

export const AdvanceClock = serverOperation({
  about: "Moves a virtual clock forward, carrying out every deadline on the way at its own instant.",
  Request: {
    By: required({ ...text({ charsMax: 16 }), form: "number and unit: `8d`, `36h`, `90m`, `30s`" }, "How far.")
  },
  handle: (request, { world }) => {
    const millis = parseSpan(request.By)
    return moving(
      world,
      millis === undefined
        ? Effect.fail(invalid("By", "a number and a unit, such as 8d, and no more than a hundred years"))
        : Effect.suspend(() => {
            const target = world.clock.now() + millis
            return target > lastInstant
              ? Effect.fail(invalid("By", "short of the year 10000, which no timestamp of the API can say"))
              : world.timers.advanceTo(target)
          })
    )
  }
})

export const AdvanceClockToNextDeadline = serverOperation({
  about: "Moves a virtual clock to the next deadline and carries it out.",
  Request: {},
  handle: (_request, { world }) => moving(world, world.timers.advanceToNext)
})
