/** The threads that talk to the token, as one: calls find a free one, and a token that went is waited for. */
import { Clock, Data, Effect } from "effect"
import type { Scope } from "effect"
import { makeFigures } from "./figures.ts"
import type { Figures } from "./figures.ts"
import type { Answers, Asks, CallName, TokenFailure, TokenOptions } from "./protocol.ts"
import { makeSeat } from "./seat.ts"
import type { Outcome, Seat } from "./seat.ts"

/** Two threads double RSA; with more the module's own lock is what is waited for. */
const seatCount = 2
/** Calls that may wait for a thread. */
const waitingMax = 1024
const tickMillis = 250
/** What a call may take. Nobody waits longer for a token that hangs; only making a pair may take its time. */
const callTicks = 4000 / tickMillis
const makingTicks = 30_000 / tickMillis
/** While the token is away it is looked for this often. */
const retryMillis = 500
const pingMillis = 2000
/** How long the end of the service waits for sessions to be closed, and then for threads to end. */
const closeMillis = 1000
/** Threads that hang inside the module; with more of them it is not asked any more. */
const abandonedMax = 8

export class CallFailed extends Data.TaggedError("CallFailed")<{
  readonly failure: TokenFailure
  readonly detail: string
}> {}

export type Call = <Name extends CallName>(call: Name, asks: Asks<Name>) => Effect.Effect<Answers<Name>, CallFailed>

export interface Pool {
  readonly call: Call
  /** Undefined while the token answers; else what is wrong. */
  readonly trouble: () => string | undefined
  /** Connected threads, each with a session. */
  readonly sessions: () => number
  readonly figures: Figures
}

type State =
  | { readonly kind: "ready" }
  | { readonly kind: "away"; readonly detail: string }
  /** Nothing brings it back but a new start. */
  | { readonly kind: "refused"; readonly detail: string }

const makes: ReadonlySet<CallName> = new Set<CallName>(["makeSecret", "makePair", "unwrap", "probe"])

const unreachable = (detail: string) => Effect.fail(new CallFailed({ failure: "Unreachable", detail }))

export const makePool = (options: TokenOptions): Effect.Effect<Pool, CallFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const figures = makeFigures()
    let state: State = { kind: "away", detail: "not connected yet" }
    let abandoned = 0
    const count = (change: 1 | -1): void => {
      abandoned += change
    }
    const seats = Array.from({ length: seatCount }, () => makeSeat(options, count))
    const free: Array<Seat> = []
    const waiting: Array<(seat: Effect.Effect<Seat, CallFailed>) => void> = []

    const release = (seat: Seat): void => {
      const next = waiting.shift()
      if (next === undefined) free.push(seat)
      else next(Effect.succeed(seat))
    }

    const acquire: Effect.Effect<Seat, CallFailed> = Effect.callback((resume) => {
      if (state.kind !== "ready") return resume(unreachable(state.detail))
      const seat = free.pop()
      if (seat !== undefined) return resume(Effect.succeed(seat))
      if (waiting.length >= waitingMax) return resume(unreachable("too many calls wait for the token"))
      waiting.push(resume)
    })

    const ask = <Name extends CallName>(seat: Seat, call: Name, asks: Asks<Name>, ticks: number) =>
      Effect.callback<Outcome>((resume) => {
        seat.ask(call, asks, ticks, (outcome) => resume(Effect.succeed(outcome)))
      })

    /** A thread that is new has no connection yet; making one is part of the call. */
    const connected = <Name extends CallName>(seat: Seat, call: Name, asks: Asks<Name>) =>
      Effect.gen(function* () {
        const ticks = makes.has(call) ? makingTicks : callTicks
        const first = yield* ask(seat, call, asks, ticks)
        // What may yet be made by a thread that hangs must not be made twice.
        const mayAgain = !first.ok && (first.failure === "Lost" || (first.failure === "Hung" && !makes.has(call)))
        return mayAgain ? yield* ask(seat, call, asks, ticks) : first
      })

    const flush = (detail: string): void => {
      for (const resume of waiting.splice(0)) resume(unreachable(detail))
    }

    const settle = (outcome: Outcome): void => {
      if (outcome.ok || outcome.failure === "Rejected" || outcome.failure === "Missing") return
      if (state.kind === "refused") return
      state =
        outcome.failure === "PinRefused" || abandoned > abandonedMax
          ? { kind: "refused", detail: outcome.detail }
          : { kind: "away", detail: outcome.detail }
      flush(outcome.detail)
    }

    const resultOf = <Name extends CallName>(outcome: Outcome): Effect.Effect<Answers<Name>, CallFailed> => {
      // Each call's answer is typed by its name; the message between the threads cannot show it.
      if (outcome.ok) return Effect.succeed(outcome.answers as Answers<Name>)
      const isOfThread = outcome.failure === "Lost" || outcome.failure === "Hung"
      return Effect.fail(
        new CallFailed({ failure: isOfThread ? "Unreachable" : outcome.failure, detail: outcome.detail })
      )
    }

    const call: Call = <Name extends CallName>(name: Name, asks: Asks<Name>) =>
      Effect.gen(function* () {
        const seat = yield* acquire
        const startedAt = yield* Clock.currentTimeMillis
        const outcome = yield* connected(seat, name, asks)
        figures.count(name, outcome.ok ? "ok" : outcome.failure, (yield* Clock.currentTimeMillis) - startedAt)
        settle(outcome)
        release(seat)
        return yield* resultOf<Name>(outcome)
      }).pipe(Effect.uninterruptible)

    const connect = (afresh: boolean, which: ReadonlyArray<Seat> = seats) =>
      Effect.gen(function* () {
        for (const [i, seat] of which.entries()) {
          // A thread that hangs in the module would be hurt by ending the module's state.
          const asks = { afresh: afresh && i === 0 && abandoned === 0 }
          const outcome = yield* ask(seat, "connect", asks, callTicks)
          if (!outcome.ok) return outcome
        }
        return undefined
      })

    const becomeReady = (): void => {
      state = { kind: "ready" }
    }

    /** No thread is in a call while the module's state is ended: whoever still waits has been told. */
    const seek = Effect.gen(function* () {
      while (free.length < seats.length) yield* Effect.sleep(tickMillis / 10)
      const failed = yield* connect(true)
      if (failed === undefined) becomeReady()
      else {
        settle(failed)
        yield* Effect.sleep(retryMillis)
      }
    })

    const watch = Effect.gen(function* () {
      for (;;) {
        if (state.kind === "away") yield* seek
        else yield* Effect.sleep(pingMillis)
        if (state.kind === "ready") yield* Effect.ignore(call("ping", {}))
      }
    })

    const ticking = Effect.forever(
      Effect.andThen(
        Effect.sleep(tickMillis),
        Effect.sync(() => {
          for (const seat of seats) seat.tick()
        })
      )
    )

    yield* Effect.addFinalizer(() => {
      state = { kind: "refused", detail: "the service stops" }
      flush(state.detail)
      const closing = Effect.gen(function* () {
        for (const seat of free) yield* ask(seat, "disconnect", {}, callTicks).pipe(Effect.timeoutOption(closeMillis))
        yield* Effect.promise(() => Promise.all(seats.map((seat) => seat.close())))
      })
      return Effect.asVoid(Effect.timeoutOption(closing, seats.length * closeMillis))
    })
    yield* Effect.forkScoped(ticking)
    // The first shows that the token can be reached; the others start, and connect, when they are needed.
    const failed = yield* connect(false, seats.slice(0, 1))
    if (failed !== undefined) return yield* resultOf<"connect">(failed).pipe(Effect.andThen(unreachable(failed.detail)))
    free.push(...seats.toReversed())
    becomeReady()
    yield* Effect.forkScoped(watch)
    return {
      call,
      trouble: () => (state.kind === "ready" ? undefined : state.detail),
      sessions: () => (state.kind === "ready" ? seats.length : 0),
      figures
    }
  })
