/** The lifecycle clock, as the root of the server's own account sees and moves it. */
import { Effect } from "effect"
import { refuse } from "../../domain/errors.ts"
import type { CallError } from "../../domain/errorGroups.ts"
import { dayMillis } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { sentenceOf } from "../../timers/clock.ts"
import type { Doubt } from "../../timers/clock.ts"
import type { ServerServices } from "../operation.ts"

const spanForm = /^([1-9][0-9]{0,8})(ms|s|m|h|d|w)$/

const spanMillis: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: dayMillis,
  w: 7 * dayMillis
}

/** The longest move of the clock in one call. A longer one is taken as a typing mistake. */
const spanMillisMax = 100 * 366 * dayMillis

export const lastInstant = Date.UTC(9999, 11, 31)

/** Milliseconds of `8d`, `90m`, `1500ms`; undefined for other text. */
export const parseSpan = (span: string): number | undefined => {
  const [, count, unit] = spanForm.exec(span) ?? []
  if (count === undefined || unit === undefined) return undefined
  const millis = Number(count) * (spanMillis[unit] ?? 0)
  return millis <= spanMillisMax ? millis : undefined
}

/** The reason of the doubt, the deadlines that wait for a decision, and what to do. */
const doubtShown = Effect.fnUntraced(function* (doubt: Doubt, timers: ServerServices["timers"]) {
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

export const show = Effect.fnUntraced(function* ({ clock, store, timers }: ServerServices) {
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

export const moving = Effect.fnUntraced(function* <A>(services: ServerServices, move: Effect.Effect<A, CallError>) {
  if (services.clock.move === undefined) {
    return yield* refuse("UnsupportedOperation", {
      hint: "The lifecycle clock is real and cannot be moved; start a server with --clock virtual."
    })
  }
  yield* move
  return yield* show(services)
})
