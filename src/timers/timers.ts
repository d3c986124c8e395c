/** The durable list of deadlines, and the loop that performs them: sometimes late, but never early and never twice. */
import { Cause, Clock, Context, Effect, Latch, Layer, Semaphore } from "effect"
import type { Scope } from "effect"
import type { ServiceError } from "../domain/errorGroups.ts"
import { clockSleepMillisMax } from "../domain/limits.ts"
import { reversibility } from "../../machines/deadlines.ts"
import type { OwedDeadline } from "../../machines/deadlines.ts"
import type { DeadlineKind } from "../../machines/vocabulary.ts"
import { Proofs } from "../proof/proofs.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orRefused, orUnusable } from "../store/unavailable.ts"
import type { DueRow } from "../records/rows.ts"
import { LifecycleClock } from "./clock.ts"
import type { VirtualPosition, Word } from "./clock.ts"

/** The number of deadlines in one read of the store. */
const batch = 256
/** The number of keys that receive a fact at the same time, so that the store writes their changes together. */
const keysAtOnce = 64
/** The delay before a failed deadline is tried again. */
const retryMillis = 30_000
/** The delay before a store that could not be read is tried again. */
const unreadableMillis = 1000
/** If several engines perform deadlines, one claims a deadline for this long. */
const claimMillis = 10_000
/** How often an engine checks whether claims of other engines ended while deadlines are overdue. */
const takeoverMillis = 1000
/** The interval at which a move of a virtual clock checks whether another engine performed its claimed deadlines. */
const othersMillis = 20
/** More checks than a claim lasts. A deadline that is left then cannot be performed now. */
const looksMax = (2 * claimMillis) / othersMillis

/** Sends a key the fact of one of its deadlines. The key ignores stale ones. */
export type Deliver = (row: DueRow, at: number) => Effect.Effect<void, unknown>

export class Timers extends Context.Service<
  Timers,
  {
    /**
     * Sets the receiver of facts. Nothing is performed before this call; deadlines that are already due are performed
     * before it returns.
     */
    readonly start: (deliver: Deliver) => Effect.Effect<void, StoreUnusable>
    /** Whether a deadline is due and may be performed now: not before the start, and not while it is held. */
    readonly isFiring: (deadline: OwedDeadline) => boolean
    /** A deadline was armed; the loop may have to wake up earlier. */
    readonly armed: (dueAt: number) => void
    /** Virtual clock only: moves to `target`, and performs every deadline on the way at its own time. */
    readonly advanceTo: (target: number) => Effect.Effect<number, ServiceError>
    /** Virtual clock only: moves to the next deadline and performs it. */
    readonly advanceToNext: Effect.Effect<number | undefined, ServiceError>
    readonly freeze: Effect.Effect<void, ServiceError>
    readonly resume: Effect.Effect<void, ServiceError>
    /**
     * A person decides on a clock in doubt. Deadlines that waited for the decision and are due are performed before
     * this returns.
     */
    readonly decide: (word: Word) => Effect.Effect<void, ServiceError>
    /** Deadlines that are due and wait for such a decision. */
    readonly held: Effect.Effect<Readonly<Record<DeadlineKind, number>>, ServiceError>
    /** Deadlines that are due and not performed yet, for health and metrics. */
    readonly overdue: Effect.Effect<number, ServiceError>
  }
>()("keystate/timers/Timers") {
  static readonly layer = Layer.effect(
    Timers,
    Effect.gen(function* () {
      const hostClock = yield* Clock.Clock
      const loop: Loop = {
        clock: yield* LifecycleClock,
        elapsedMillis: () => Number(hostClock.monotonicTimeNanosUnsafe()) / 1e6,
        store: yield* Store,
        proofs: yield* Proofs,
        awake: yield* Latch.make(false),
        turn: yield* Semaphore.make(1),
        deliver: undefined,
        sleepingUntil: Number.POSITIVE_INFINITY,
        failed: new Map()
      }
      const scope = yield* Effect.scope
      loop.clock.onChange(() => loop.awake.openUnsafe())
      yield* Effect.addFinalizer(() => loop.clock.mark)
      return {
        start: (deliver) => start(loop, deliver, scope),
        isFiring: (deadline) => isFiring(loop, deadline),
        armed: (dueAt) => {
          if (dueAt < loop.sleepingUntil) loop.awake.openUnsafe()
        },
        advanceTo: (target) => orRefused(loop.turn.withPermit(walk(loop, target))),
        advanceToNext: orRefused(loop.turn.withPermit(walkToNext(loop))),
        freeze: Effect.suspend(() => move(loop, { mode: "frozen", at: loop.clock.now() })),
        resume: resume(loop),
        decide: (word) => decide(loop, word),
        held: orRefused(countHeld(loop)),
        overdue: orRefused(
          Effect.map(
            Effect.suspend(() => dueNow(loop, loop.clock.now())),
            ({ length }) => length
          )
        )
      }
    })
  )
}

/** The loop that waits for deadlines, with its state. */
interface Loop {
  readonly clock: LifecycleClock["Service"]
  readonly store: Store["Service"]
  readonly proofs: Proofs["Service"]
  /** Opened to end a sleep early. */
  readonly awake: Latch.Latch
  readonly turn: Semaphore.Semaphore
  /** Undefined until the start. */
  deliver: Deliver | undefined
  sleepingUntil: number
  /** A counter of elapsed time: a virtual clock may stand still while a deadline waits for its next attempt. */
  readonly elapsedMillis: () => number
  /** Failed deadlines by key and kind, each with its earliest retry: by the lifecycle clock, or by elapsed time. */
  readonly failed: Map<string, { readonly at: number; readonly elapsed: number }>
}

/** Sends a key the fact of one deadline. Returns whether it was performed. */
const attempt = Effect.fn("Timers.attempt")(function* (loop: Loop, row: DueRow, at: number) {
  const { deliver, elapsedMillis, failed } = loop
  const name = `${row.keyId} ${row.kind}`
  const retry = failed.get(name)
  const waits = retry !== undefined && at < retry.at && elapsedMillis() < retry.elapsed
  if (deliver === undefined || waits) return false
  const outcome = yield* Effect.exit(deliver(row, at))
  if (outcome._tag === "Success") {
    failed.delete(name)
    return true
  }
  failed.set(name, { at: at + retryMillis, elapsed: elapsedMillis() + retryMillis })
  yield* Effect.logError(`deadline ${row.kind} of key ${row.keyId} failed: ${Cause.pretty(outcome.cause)}`)
  return false
})

/**
 * Sends facts to several keys at once, and to one key in the order of its deadlines. Returns how many were performed.
 */
const attemptAll = (loop: Loop, rows: ReadonlyArray<DueRow>, at: number): Effect.Effect<number> =>
  Effect.map(
    Effect.forEach(
      Map.groupBy(rows, ({ keyId }) => keyId).values(),
      (ofKey) => Effect.forEach(ofKey, (row) => attempt(loop, row, at)),
      { concurrency: keysAtOnce }
    ),
    (carriedOut) => carriedOut.flat().filter(Boolean).length
  )

/** An irreversible effect waits while the clock is in doubt, or ahead of elapsed time. */
const isHeld = ({ clock }: Loop, { kind, dueAt }: OwedDeadline): boolean =>
  reversibility[kind] === "irreversible" && dueAt > clock.irreversibleUntil()

const isFiring = (loop: Loop, deadline: OwedDeadline): boolean =>
  loop.deliver !== undefined && deadline.dueAt <= loop.clock.now() && !isHeld(loop, deadline)

/**
 * The first deadlines that are due and not held. If some are held, all are read, so that held ones never hide others.
 */
const dueNow = Effect.fnUntraced(function* (loop: Loop, at: number) {
  const first = yield* loop.store.due({ until: at, limit: batch })
  const free = first.filter((row) => !isHeld(loop, row))
  if (free.length === first.length || first.length < batch) return free
  const all = yield* loop.store.due({ until: at, limit: Number.MAX_SAFE_INTEGER })
  return all.filter((row) => !isHeld(loop, row)).slice(0, batch)
})

/** The first deadlines that are due, not held, and not claimed by another engine. This call claims them. */
const dueHere = Effect.fnUntraced(function* (loop: Loop, at: number) {
  const { store } = loop
  if (store.claimDue === undefined) {
    const rows = yield* dueNow(loop, at)
    return { rows, isLast: rows.length < batch }
  }
  const claimed = yield* store.claimDue({ until: at, limit: batch, forMillis: claimMillis })
  return { rows: claimed.filter((row) => !isHeld(loop, row)), isLast: claimed.length < batch }
})

/** Performs all deadlines due at `at`. Returns whether there were any. */
const fireDue = Effect.fn("Timers.fireDue")(function* (loop: Loop, at: number) {
  let any = false
  for (;;) {
    const { rows, isLast } = yield* dueHere(loop, at)
    const fired = yield* attemptAll(loop, rows, at)
    any = any || fired > 0
    if (isLast || (fired === 0 && loop.store.claimDue === undefined)) return any
  }
})

/** Overdue deadlines failed here, or are claimed by an engine that may have stopped. */
const overduePauseMillis = ({ store }: Loop): number => (store.claimDue === undefined ? retryMillis : takeoverMillis)

const sleep = Effect.fn("Timers.sleep")(function* (loop: Loop) {
  const { awake, clock, store } = loop
  const next = yield* store.nextDue
  const distance = (next?.dueAt ?? Number.POSITIVE_INFINITY) - clock.now()
  const millis = isFrozen(clock) ? clockSleepMillisMax : Math.min(Math.max(distance, 1), clockSleepMillisMax)
  const pause = distance <= 0 ? Math.min(overduePauseMillis(loop), clockSleepMillisMax) : millis
  loop.sleepingUntil = clock.now() + pause
  yield* Effect.raceFirst(Effect.sleep(pause), awake.await)
  yield* awake.close
  loop.sleepingUntil = Number.NEGATIVE_INFINITY
})

const step = Effect.fnUntraced(function* (loop: Loop) {
  const { ask } = loop.proofs
  // Its answer has the store's time and the position of a virtual clock.
  if (ask !== undefined) yield* ask({ rows: [] })
  // The look comes first, so that a jump is noticed before a deadline that it made due is performed.
  yield* loop.clock.mark
  yield* Effect.suspend(() => fireDue(loop, loop.clock.now())).pipe(loop.turn.withPermit)
  yield* sleep(loop)
})

/** While the store cannot be read, deadlines wait in it and are performed late. */
const runForEver = (loop: Loop): Effect.Effect<never> =>
  Effect.suspend(() => step(loop)).pipe(
    Effect.catch(({ message }) =>
      Effect.andThen(Effect.logError(`deadlines cannot be read: ${message}`), Effect.sleep(unreadableMillis))
    ),
    Effect.forever
  )

/** Deadlines that came due while the service was down are performed before the service answers. */
const start = (loop: Loop, deliver: Deliver, scope: Scope.Scope): Effect.Effect<void, StoreUnusable> =>
  Effect.suspend(() => {
    loop.deliver = deliver
    return Effect.andThen(
      orUnusable(loop.turn.withPermit(fireDue(loop, loop.clock.now()))),
      Effect.asVoid(Effect.forkIn(runForEver(loop), scope))
    )
  })

const move = ({ clock }: Loop, position: VirtualPosition): Effect.Effect<void, ServiceError> =>
  clock.move === undefined ? Effect.die(new Error("only a virtual clock can be moved")) : clock.move(position)

type Next = Effect.Success<Store["Service"]["nextDue"]>

const isSame = (one: Next, other: Next): boolean =>
  one?.keyId === other?.keyId && one?.kind === other?.kind && one?.dueAt === other?.dueAt

/** Moves from deadline to deadline, so that each fact has its own time and later ones see its effect. */
const walk = Effect.fn("Timers.walk")(function* (loop: Loop, target: number) {
  const { awake, clock, store } = loop
  const held = clock.state()
  let looksLeft = looksMax
  for (;;) {
    const next = yield* store.nextDue
    if (next === undefined || next.dueAt > target) break
    if (next.dueAt > clock.now()) yield* move(loop, { mode: "frozen", at: next.dueAt })
    if (yield* fireDue(loop, clock.now())) looksLeft = looksMax
    else if (store.claimDue === undefined) {
      // A call may have withdrawn the deadline. One that failed is still there, and is tried again later.
      if (isSame(next, yield* store.nextDue)) break
    } else if (looksLeft-- === 0) break
    // Deadlines that another engine claimed are performed there, or here after the claim ends.
    else yield* Effect.sleep(othersMillis)
  }
  const end = Math.max(target, clock.now())
  yield* move(
    loop,
    held.kind === "virtual" && held.mode === "running"
      ? { mode: "running", offsetMillis: held.offsetMillis + (end - held.now) }
      : { mode: "frozen", at: end }
  )
  yield* clock.mark
  awake.openUnsafe()
  return end
})

const walkToNext = (loop: Loop) =>
  Effect.gen(function* () {
    const next = yield* loop.store.nextDue
    return next === undefined ? undefined : yield* walk(loop, Math.max(next.dueAt, loop.clock.now()))
  })

const resume = (loop: Loop): Effect.Effect<void, ServiceError> =>
  Effect.gen(function* () {
    const state = loop.clock.state()
    if (state.kind === "virtual" && state.mode === "running") return
    const { storeTime } = loop.proofs
    const wall = storeTime === undefined ? yield* Clock.currentTimeMillis : storeTime()
    yield* move(loop, { mode: "running", offsetMillis: state.now - wall })
    loop.awake.openUnsafe()
  })

const decide = (loop: Loop, word: Word): Effect.Effect<void, ServiceError> =>
  Effect.andThen(
    loop.clock.decide(word),
    Effect.suspend(() => loop.turn.withPermit(fireDue(loop, loop.clock.now())))
  ).pipe(Effect.asVoid, orRefused)

const countHeld = (loop: Loop) =>
  Effect.gen(function* () {
    const counts: Record<DeadlineKind, number> = { DeletionDue: 0, MaterialExpired: 0, RotationDue: 0 }
    const rows = yield* loop.store.due({ until: loop.clock.now(), limit: Number.MAX_SAFE_INTEGER })
    for (const row of rows) if (isHeld(loop, row)) counts[row.kind]++
    return counts
  })

const isFrozen = (clock: LifecycleClock["Service"]): boolean => {
  const state = clock.state()
  return state.kind === "virtual" && state.mode === "frozen"
}
