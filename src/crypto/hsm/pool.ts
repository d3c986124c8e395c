/** The threads that talk to the token, as one: calls find a free one, and a token that went is waited for. */
import { Clock, Data, Effect } from "effect"
import type { Scope } from "effect"
import { makeFigures } from "./figures.ts"
import type { Figures } from "./figures.ts"
import type { Answers, Asks, CallMessage, CallName, TokenFailure, TokenOptions } from "./protocol.ts"
import { makeSeat } from "./seat.ts"
import type { Outcome, Seat } from "./seat.ts"
import { makeThreads } from "./threads.ts"

/** Two threads double RSA; with more the module's own lock is what is waited for. */
const seatCount = 2
/** Calls that may wait for a thread. */
const waitingMax = 1024
const tickMillis = 250

export interface Patience {
  /** What a call may take. Nobody waits longer for a token that hangs. */
  readonly callMillis: number
  /** What making an object may take: a pair takes its time. */
  readonly makingMillis: number
}

export const patienceDefault: Patience = { callMillis: 4000, makingMillis: 30_000 }
/** While the token is away it is looked for this often. */
const retryMillis = 500
const pingMillis = 2000
/** How long the end of the service waits for sessions to be closed, and then for threads to end. */
const closeMillis = 2000
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
  /** Sessions that are open in the token: of each thread, one for its calls and one that keeps the login. */
  readonly sessions: () => number
  readonly figures: Figures
}

type State =
  | { readonly kind: "ready" }
  | { readonly kind: "away"; readonly detail: string }
  /** Nothing brings it back but a new start. */
  | { readonly kind: "refused"; readonly detail: string }

const makes: ReadonlySet<CallName> = new Set<CallName>(["makeSecret", "makePair", "unwrap", "probe"])

/** Calls that go to a thread in one message, which costs more than most of them. */
const togetherMax = 32
/**
 * A thread that a token answers quickly is kept supplied: it finds the next message in its queue while the answers to the
 * one before are looked at, and has no other thread to wait for. A slow token is better asked by all threads.
 */
const messagesAheadMax = 2
const quickMicros = 100
/**
 * What works long in the token is shared out between the threads. What does not goes to one of them: two would mostly
 * wait for the module's lock.
 */
const sharedMax = 3
const shared: ReadonlySet<CallName> = new Set<CallName>(["sign", "decrypt"])

/** A thread, and the messages it has not answered. */
interface Place {
  readonly seat: Seat
  messages: number
  /** Whether the newest of them is of quick calls. */
  isQuick: boolean
  /** When it last answered, nanoseconds. */
  answeredAt: bigint
}

interface Job extends CallMessage {
  readonly done: (outcome: Outcome) => void
  /** It was asked before, of a thread that was lost. */
  readonly isAgain: boolean
}

const messageOf = ({ call, asks }: Job): CallMessage => ({ call, asks })

const makesSome = (jobs: ReadonlyArray<Job>): boolean => jobs.some(({ call }) => makes.has(call))

/** What may yet be made by a thread that hangs must not be made twice. */
const mayAgain = ({ call, isAgain }: Job, outcome: Outcome): boolean =>
  !isAgain && !outcome.ok && (outcome.failure === "Lost" || (outcome.failure === "Hung" && !makes.has(call)))

/** What takes its time goes alone, and so does what may have been the end of a thread. */
const isAlone = ({ call, isAgain }: Job): boolean => isAgain || makes.has(call)

const isQuick = (job: Job): boolean => !isAlone(job) && !shared.has(job.call)

/** Takes those that go next in one message. */
const takeTogether = (waiting: Array<Job>): ReadonlyArray<Job> => {
  const isShared = waiting[0] !== undefined && shared.has(waiting[0].call)
  const most = isShared ? sharedMax : togetherMax
  const end = waiting.findIndex((job) => isAlone(job) || shared.has(job.call) !== isShared)
  return waiting.splice(0, Math.max(1, Math.min(end === -1 ? waiting.length : end, most)))
}

const resultOf = <Name extends CallName>(outcome: Outcome): Effect.Effect<Answers<Name>, CallFailed> => {
  // Each call's answer is typed by its name; the message between the threads cannot show it.
  if (outcome.ok) return Effect.succeed(outcome.answers as Answers<Name>)
  const isOfThread = outcome.failure === "Lost" || outcome.failure === "Hung"
  return Effect.fail(new CallFailed({ failure: isOfThread ? "Unreachable" : outcome.failure, detail: outcome.detail }))
}

const unreachable = (detail: string) => Effect.fail(new CallFailed({ failure: "Unreachable", detail }))

export const makePool = (
  options: TokenOptions,
  patience: Patience = patienceDefault
): Effect.Effect<Pool, CallFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const callTicks = patience.callMillis / tickMillis
    const makingTicks = patience.makingMillis / tickMillis
    const figures = makeFigures()
    let state: State = { kind: "away", detail: "not connected yet" }
    const threads = makeThreads(options, patience.callMillis)
    const seats = Array.from({ length: seatCount }, () => makeSeat(threads))
    const places = seats.map((seat): Place => ({ seat, messages: 0, isQuick: false, answeredAt: 0n }))
    const idle = (): ReadonlyArray<Place> => places.filter(({ messages }) => messages === 0)
    /** What a quick call took of late, its share of its message's way included. */
    let microsEach = Infinity
    const waiting: Array<Job> = []
    const clock = yield* Clock.Clock
    let isDispatchDue = false

    const flush = (detail: string): void => {
      const failed: Outcome = { ok: false, failure: "Unreachable", detail }
      for (const { done } of waiting.splice(0)) done(failed)
    }

    const settle = (outcome: Outcome): void => {
      if (outcome.ok || outcome.failure === "Rejected" || outcome.failure === "Missing") return
      if (state.kind === "refused") return
      state =
        outcome.failure === "PinRefused" || threads.abandoned() > abandonedMax
          ? { kind: "refused", detail: outcome.detail }
          : { kind: "away", detail: outcome.detail }
    }

    const run = (place: Place, jobs: ReadonlyArray<Job>): void => {
      let at = 0
      const askedAt = clock.currentTimeNanosUnsafe()
      const again: Array<Job> = []
      place.messages++
      const areQuick = jobs.every(isQuick)
      place.isQuick = areQuick
      place.seat.ask(jobs.map(messageOf), makesSome(jobs) ? makingTicks : callTicks, (outcomes) => {
        const now = clock.currentTimeNanosUnsafe()
        const since = place.answeredAt > askedAt ? place.answeredAt : askedAt
        const micros = Number(now - since) / 1000 / outcomes.length
        place.answeredAt = now
        if (areQuick) microsEach = micros
        for (const outcome of outcomes) {
          const job = jobs[at++]
          if (job === undefined) continue
          if (mayAgain(job, outcome)) {
            again.push({ ...job, isAgain: true })
            continue
          }
          figures.count(job.call, outcome.ok ? "ok" : outcome.failure, micros / 1000)
          settle(outcome)
          job.done(outcome)
        }
        if (at < jobs.length) return
        place.messages--
        waiting.unshift(...again)
        dispatchSoon()
      })
    }

    const placeFor = (job: Job): Place | undefined => {
      const supplied =
        isQuick(job) && microsEach < quickMicros
          ? places.find(({ messages, isQuick }) => isQuick && messages > 0 && messages < messagesAheadMax)
          : undefined
      return supplied ?? idle()[0]
    }

    const dispatch = (): void => {
      isDispatchDue = false
      if (state.kind !== "ready") return flush(state.detail)
      for (;;) {
        const place = waiting[0] && placeFor(waiting[0])
        if (place === undefined) return undefined
        run(place, takeTogether(waiting))
      }
    }

    /** Whoever asks in the same moment goes together. */
    const dispatchSoon = (): void => {
      if (isDispatchDue) return
      isDispatchDue = true
      queueMicrotask(dispatch)
    }

    const call: Call = <Name extends CallName>(name: Name, asks: Asks<Name>) =>
      Effect.callback<Answers<Name>, CallFailed>((resume) => {
        if (state.kind !== "ready") return resume(unreachable(state.detail))
        if (waiting.length >= waitingMax) return resume(unreachable("too many calls wait for the token"))
        waiting.push({ call: name, asks, isAgain: false, done: (outcome) => resume(resultOf<Name>(outcome)) })
        return dispatchSoon()
      }).pipe(Effect.uninterruptible)

    const ask = <Name extends CallName>(seat: Seat, name: Name, asks: Asks<Name>) =>
      Effect.callback<Outcome>((resume) => {
        seat.ask([{ call: name, asks }], callTicks, ([outcome]) => {
          if (outcome !== undefined) resume(Effect.succeed(outcome))
        })
      })

    const connect = (afresh: boolean, which: ReadonlyArray<Seat>) =>
      Effect.gen(function* () {
        for (const [i, seat] of which.entries()) {
          // A thread that hangs in the module would be hurt by ending the module's state.
          const outcome = yield* ask(seat, "connect", { afresh: afresh && i === 0 && threads.abandoned() === 0 })
          if (!outcome.ok) return outcome
        }
        return undefined
      })

    const becomeReady = (): void => {
      state = { kind: "ready" }
    }

    /** No thread is in a call while the module's state is ended: whoever still waits has been told. */
    const seek = Effect.gen(function* () {
      while (idle().length < places.length) yield* Effect.sleep(tickMillis / 10)
      // Threads that run hold handles of sessions that ended, whose numbers will be given out again; others hold none.
      const running = seats.filter((seat) => seat.isRunning())
      const failed = yield* connect(true, running.length > 0 ? running : seats.slice(0, 1))
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
      // A thread that is in a call finds this in its queue behind it.
      const parting = seats.filter((seat) => seat.isRunning())
      const closing = Effect.andThen(
        Effect.forEach(parting, (seat) => Effect.timeoutOption(ask(seat, "disconnect", {}), closeMillis), {
          concurrency: "unbounded",
          discard: true
        }),
        Effect.promise(() => Promise.all(seats.map((seat) => seat.close())))
      )
      return Effect.map(Effect.timeoutOption(closing, 2 * closeMillis), threads.close)
    })
    yield* Effect.forkScoped(ticking)
    // The first shows that the token can be reached; the others start, and connect, when they are needed.
    const failed = yield* connect(false, seats.slice(0, 1))
    if (failed !== undefined) return yield* resultOf<"connect">(failed).pipe(Effect.andThen(unreachable(failed.detail)))
    becomeReady()
    yield* Effect.forkScoped(watch)
    return {
      call,
      trouble: () => (state.kind === "ready" ? undefined : state.detail),
      sessions: () => (state.kind === "ready" ? seats.reduce((sum, seat) => sum + seat.sessions(), 0) : 0),
      figures
    }
  })
