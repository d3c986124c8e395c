/** The durable due-list and the only loop that waits: late, never early, never twice. */
import { Cause, Context, Effect, Latch, Layer, Semaphore } from "effect"
import type { ServiceError } from "../domain/errorGroups.ts"
import { clockSleepMillisMax } from "../domain/limits.ts"
import { reversibility } from "../../machines/deadlines.ts"
import type { OwedDeadline } from "../../machines/deadlines.ts"
import type { DeadlineKind } from "../../machines/vocabulary.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orRefused, orUnusable } from "../store/unavailable.ts"
import type { DueRow } from "../records/rows.ts"
import { LifecycleClock } from "./clock.ts"
import type { VirtualPosition, Word } from "./clock.ts"

/** How many deadlines are read from the store at once. */
const batch = 256
/** A deadline that could not be carried out is tried again after this long. */
const retryMillis = 30_000
/** A store that could not be read is tried again after this long. */
const unreadableMillis = 1000

/** Tells a key that a deadline of its has come. Stale deadlines are the key's to ignore. */
export type Deliver = (row: DueRow, at: number) => Effect.Effect<void, unknown>

export class Timers extends Context.Service<
  Timers,
  {
    /** Names who is told. Until then nothing fires; what is due by then was carried out before this returns. */
    readonly start: (deliver: Deliver) => Effect.Effect<void, StoreUnusable>
    /** Whether a deadline is due and may be carried out now: nothing is before the start, or while it is held. */
    readonly isFiring: (deadline: OwedDeadline) => boolean
    /** A deadline was armed; the loop may have to wake earlier than it meant to. */
    readonly armed: (dueAt: number) => void
    /** Virtual clock only: moves on to `target`, carrying out every deadline on the way at its own instant. */
    readonly advanceTo: (target: number) => Effect.Effect<number, ServiceError>
    /** Virtual clock only: moves on to the next deadline and carries it out. */
    readonly advanceToNext: Effect.Effect<number | undefined, ServiceError>
    readonly freeze: Effect.Effect<void, ServiceError>
    readonly resume: Effect.Effect<void, ServiceError>
    /** A person decides on a clock in doubt: what waited for that, and is due, is carried out before this returns. */
    readonly decide: (word: Word) => Effect.Effect<void, ServiceError>
    /** Deadlines that are due and wait for such a decision. */
    readonly held: Effect.Effect<Readonly<Record<DeadlineKind, number>>, ServiceError>
    /** Deadlines that are due and have not been carried out, for health and metrics. */
    readonly overdue: Effect.Effect<number, ServiceError>
  }
>()("keystate/timers/Timers") {
  static readonly layer = Layer.effect(
    Timers,
    Effect.gen(function* () {
      const clock = yield* LifecycleClock
      const store = yield* Store
      const awake = yield* Latch.make(false)
      const turn = yield* Semaphore.make(1)
      const scope = yield* Effect.scope
      let deliver: Deliver | undefined
      let sleepingUntil = Number.POSITIVE_INFINITY
      const failed = new Map<string, number>()

      const attempt = Effect.fn("Timers.attempt")(function* (row: DueRow, at: number) {
        const name = `${row.keyId} ${row.kind}`
        if (deliver === undefined || (failed.get(name) ?? Number.NEGATIVE_INFINITY) > at) return false
        const outcome = yield* Effect.exit(deliver(row, at))
        if (outcome._tag === "Success") {
          failed.delete(name)
          return true
        }
        failed.set(name, at + retryMillis)
        yield* Effect.logError(`deadline ${row.kind} of key ${row.keyId} failed: ${Cause.pretty(outcome.cause)}`)
        return false
      })

      /** What cannot be undone waits while the clock is in doubt, or ahead of elapsed time. */
      const isHeld = ({ kind, dueAt }: OwedDeadline): boolean =>
        reversibility[kind] === "irreversible" && dueAt > clock.irreversibleUntil()

      /** The first that are due and not held. Where some are held all are read, so that these never hide the others. */
      const dueAt = Effect.fnUntraced(function* (at: number) {
        const first = yield* store.due({ until: at, limit: batch })
        const free = first.filter((row) => !isHeld(row))
        if (free.length === first.length || first.length < batch) return free
        const all = yield* store.due({ until: at, limit: Number.MAX_SAFE_INTEGER })
        return all.filter((row) => !isHeld(row)).slice(0, batch)
      })

      /** Carries out everything due at `at`. Returns whether anything was. */
      const fireDue = Effect.fn("Timers.fireDue")(function* (at: number) {
        let any = false
        for (;;) {
          const rows = yield* dueAt(at)
          let fired = 0
          for (const row of rows) if (yield* attempt(row, at)) fired++
          any = any || fired > 0
          if (fired === 0 || rows.length < batch) return any
        }
      })

      const sleep = Effect.fn("Timers.sleep")(function* () {
        const next = yield* store.nextDue
        const distance = (next?.dueAt ?? Number.POSITIVE_INFINITY) - clock.now()
        const standsStill = clock.state().kind === "virtual" && isFrozen(clock)
        const millis = standsStill ? clockSleepMillisMax : Math.min(Math.max(distance, 1), clockSleepMillisMax)
        const pause = distance <= 0 ? Math.min(retryMillis, clockSleepMillisMax) : millis
        sleepingUntil = clock.now() + pause
        yield* Effect.raceFirst(Effect.sleep(pause), awake.await)
        yield* awake.close
        sleepingUntil = Number.NEGATIVE_INFINITY
      })

      const step = Effect.gen(function* () {
        // First, so that a jump is noticed before anything is done that it made due.
        yield* clock.mark
        yield* fireDue(clock.now()).pipe(turn.withPermit)
        yield* sleep()
      })
      /** While the store cannot be read, deadlines stay in it and are carried out late. */
      const loop = step.pipe(
        Effect.catch(({ message }) =>
          Effect.andThen(Effect.logError(`deadlines cannot be read: ${message}`), Effect.sleep(unreadableMillis))
        ),
        Effect.forever
      )

      clock.onChange(() => awake.openUnsafe())
      yield* Effect.addFinalizer(() => clock.mark)

      const move = (position: VirtualPosition): Effect.Effect<void, ServiceError> =>
        clock.move === undefined ? Effect.die(new Error("only a virtual clock can be moved")) : clock.move(position)

      /** Steps from deadline to deadline, so that each fact carries its own instant and later ones see its effect. */
      const walk = Effect.fn("Timers.walk")(function* (target: number) {
        const held = clock.state()
        for (;;) {
          const next = yield* store.nextDue
          if (next === undefined || next.dueAt > target) break
          if (next.dueAt > clock.now()) yield* move({ mode: "frozen", at: next.dueAt })
          if (!(yield* fireDue(clock.now()))) break
        }
        const end = Math.max(target, clock.now())
        yield* move(
          held.kind === "virtual" && held.mode === "running"
            ? { mode: "running", offsetMillis: held.offsetMillis + (end - held.now) }
            : { mode: "frozen", at: end }
        )
        yield* clock.mark
        awake.openUnsafe()
        return end
      })

      return {
        start: (to) =>
          Effect.suspend(() => {
            deliver = to
            // Whoever is served next must not find a key that outlived its deadline while the service was down.
            return Effect.andThen(
              orUnusable(turn.withPermit(fireDue(clock.now()))),
              Effect.asVoid(Effect.forkIn(loop, scope))
            )
          }),
        isFiring: (deadline) => deliver !== undefined && deadline.dueAt <= clock.now() && !isHeld(deadline),
        armed: (dueAt) => {
          if (dueAt < sleepingUntil) awake.openUnsafe()
        },
        advanceTo: (target) => orRefused(turn.withPermit(walk(target))),
        advanceToNext: Effect.gen(function* () {
          const next = yield* store.nextDue
          if (next === undefined) return undefined
          return yield* walk(Math.max(next.dueAt, clock.now()))
        }).pipe(turn.withPermit, orRefused),
        freeze: Effect.suspend(() => move({ mode: "frozen", at: clock.now() })),
        resume: Effect.gen(function* () {
          const state = clock.state()
          if (state.kind === "virtual" && state.mode === "running") return
          const wall = yield* Effect.clockWith((real) => Effect.sync(() => real.currentTimeMillisUnsafe()))
          yield* move({ mode: "running", offsetMillis: state.now - wall })
          awake.openUnsafe()
        }),
        decide: (word) =>
          Effect.andThen(
            clock.decide(word),
            Effect.suspend(() => turn.withPermit(fireDue(clock.now())))
          ).pipe(Effect.asVoid, orRefused),
        held: Effect.gen(function* () {
          const counts: Record<DeadlineKind, number> = { DeletionDue: 0, MaterialExpired: 0, RotationDue: 0 }
          const rows = yield* store.due({ until: clock.now(), limit: Number.MAX_SAFE_INTEGER })
          for (const row of rows) if (isHeld(row)) counts[row.kind]++
          return counts
        }).pipe(orRefused),
        overdue: Effect.suspend(() => dueAt(clock.now())).pipe(
          Effect.map((rows) => rows.length),
          orRefused
        )
      }
    })
  )
}

const isFrozen = (clock: LifecycleClock["Service"]): boolean => {
  const state = clock.state()
  return state.kind === "virtual" && state.mode === "frozen"
}
