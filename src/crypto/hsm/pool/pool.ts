/** The connection to a token: a pool of threads, monitored, and reconnected when the token returns. */
import { Clock, Data, Effect } from "effect"
import type { Scope } from "effect"
import type { CallCounts } from "./callCounts.ts"
import { areAllIdle, enqueue, failWaiting, makeDispatcher, noteOutcome, queueFault } from "./dispatcher.ts"
import type { Dispatcher } from "./dispatcher.ts"
import type { TokenFailure } from "../failures.ts"
import type { Answers, Asks, CallName, TokenOptions } from "../protocol.ts"
import type { Outcome, SupervisedThread } from "./supervisedThread.ts"
import { makeThreads } from "../thread/threads.ts"

const tickMillis = 250

export interface CallTimeouts {
  /** The time limit of a call. A caller waits no longer than this for a hanging token. */
  readonly callMillis: number
  /** The time limit of a call that creates an object: generating a key pair is slow. */
  readonly makingMillis: number
  /** The interval between two pings of an idle token, and so the longest time before a failed token is looked for. */
  readonly pingMillis: number
}

export const callTimeoutsDefault: CallTimeouts = { callMillis: 4000, makingMillis: 30_000, pingMillis: 2000 }
/** The interval at which an absent token is searched for. */
const retryMillis = 500
/** How long shutdown waits for sessions to close, and then for threads to exit. */
const closeMillis = 2000

export class CallFailed extends Data.TaggedError("CallFailed")<{
  readonly failure: TokenFailure
  readonly detail: string
}> {}

export type Call = <Name extends CallName>(call: Name, asks: Asks<Name>) => Effect.Effect<Answers<Name>, CallFailed>

export interface Pool {
  readonly call: Call
  /** Describes the problem; undefined while the token answers. */
  readonly trouble: () => string | undefined
  /** Sessions open in the token. Each thread has one for its calls and one that keeps the login. */
  readonly sessions: () => number
  readonly counts: CallCounts
}

const resultOf = <Name extends CallName>(outcome: Outcome): Effect.Effect<Answers<Name>, CallFailed> => {
  // Each call's answer is typed by its name; the message between the threads cannot show it.
  if (outcome.ok) return Effect.succeed(outcome.answers as Answers<Name>)
  const isOfThread = outcome.failure === "Lost" || outcome.failure === "Hung"
  return Effect.fail(new CallFailed({ failure: isOfThread ? "Unreachable" : outcome.failure, detail: outcome.detail }))
}

const unreachable = (detail: string) => Effect.fail(new CallFailed({ failure: "Unreachable", detail }))

const callThrough =
  (dispatcher: Dispatcher): Call =>
  <Name extends CallName>(call: Name, asks: Asks<Name>) =>
    Effect.callback<Answers<Name>, CallFailed>((resume) => {
      const fault = queueFault(dispatcher)
      if (fault !== undefined) return resume(unreachable(fault))
      return enqueue(dispatcher, { call, asks, isRetry: false, done: (outcome) => resume(resultOf<Name>(outcome)) })
    }).pipe(Effect.uninterruptible)

/** Calls one thread directly, past the queue. */
const askThread = <Name extends CallName>(
  { ticks }: Dispatcher,
  thread: SupervisedThread,
  name: Name,
  asks: Asks<Name>
) =>
  Effect.callback<Outcome>((resume) => {
    thread.ask([{ call: name, asks }], ticks.call, ([outcome]) => {
      if (outcome !== undefined) resume(Effect.succeed(outcome))
    })
  })

/** Connects threads one after the other. Answers with the first failure, if any. */
const connect = (dispatcher: Dispatcher, afresh: boolean, threads: ReadonlyArray<SupervisedThread>) =>
  Effect.gen(function* () {
    for (const [i, thread] of threads.entries()) {
      // Finalizing the module would crash a thread that hangs in it.
      const isSafe = dispatcher.threads.abandoned() === 0
      const outcome = yield* askThread(dispatcher, thread, "connect", { afresh: afresh && i === 0 && isSafe })
      if (!outcome.ok) return outcome
    }
    return undefined
  })

const threadsOf = ({ slots }: Dispatcher): ReadonlyArray<SupervisedThread> => slots.map(({ thread }) => thread)

const setReady = (dispatcher: Dispatcher): void => {
  dispatcher.status = { kind: "ready" }
}

/** Reconnects while no call is in progress, because reconnecting ends the module's state. */
const reconnect = (dispatcher: Dispatcher) =>
  Effect.gen(function* () {
    while (!areAllIdle(dispatcher)) yield* Effect.sleep(tickMillis / 10)
    const threads = threadsOf(dispatcher)
    // Running threads hold handles of ended sessions, whose numbers will be reused. Stopped threads hold none.
    const running = threads.filter((thread) => thread.isRunning())
    const failed = yield* connect(dispatcher, true, running.length > 0 ? running : threads.slice(0, 1))
    if (failed === undefined) return setReady(dispatcher)
    noteOutcome(dispatcher, failed)
    return yield* Effect.sleep(retryMillis)
  })

const watch = (dispatcher: Dispatcher, call: Call, pingMillis: number) =>
  Effect.gen(function* () {
    for (;;) {
      if (dispatcher.status.kind === "away") yield* reconnect(dispatcher)
      else yield* Effect.sleep(pingMillis)
      if (dispatcher.status.kind === "ready") yield* Effect.ignore(call("ping", {}))
    }
  })

const tickForever = (dispatcher: Dispatcher) =>
  Effect.sleep(tickMillis).pipe(
    Effect.andThen(
      Effect.sync(() => {
        for (const { thread } of dispatcher.slots) thread.tick()
      })
    ),
    Effect.forever
  )

const close = (dispatcher: Dispatcher): Effect.Effect<void> => {
  const detail = "the service stops"
  dispatcher.status = { kind: "refused", detail }
  failWaiting(dispatcher, detail)
  const threads = threadsOf(dispatcher)
  const disconnect = (thread: SupervisedThread) =>
    // A thread that is in a call reads this message after the call.
    Effect.timeoutOption(askThread(dispatcher, thread, "disconnect", {}), closeMillis)
  const closing = Effect.andThen(
    Effect.forEach(
      threads.filter((thread) => thread.isRunning()),
      disconnect,
      { concurrency: "unbounded", discard: true }
    ),
    Effect.promise(() => Promise.all(threads.map((thread) => thread.close())))
  )
  return Effect.map(Effect.timeoutOption(closing, 2 * closeMillis), dispatcher.threads.close)
}

export const makePool = (
  options: TokenOptions,
  timeouts: CallTimeouts = callTimeoutsDefault
): Effect.Effect<Pool, CallFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const ticks = { call: timeouts.callMillis / tickMillis, creation: timeouts.makingMillis / tickMillis }
    const threads = makeThreads(options, timeouts.callMillis)
    const dispatcher = makeDispatcher(threads, yield* Clock.Clock, ticks)
    const call = callThrough(dispatcher)
    yield* Effect.addFinalizer(() => close(dispatcher))
    yield* Effect.forkScoped(tickForever(dispatcher))
    // One thread proves that the token can be reached. The others start and connect when they are needed.
    const failed = yield* connect(dispatcher, false, threadsOf(dispatcher).slice(0, 1))
    if (failed !== undefined) return yield* resultOf<"connect">(failed).pipe(Effect.andThen(unreachable(failed.detail)))
    setReady(dispatcher)
    yield* Effect.forkScoped(watch(dispatcher, call, timeouts.pingMillis))
    return {
      call,
      trouble: () => (dispatcher.status.kind === "ready" ? undefined : dispatcher.status.detail),
      sessions: () =>
        dispatcher.status.kind === "ready"
          ? threadsOf(dispatcher).reduce((sum, { sessions }) => sum + sessions(), 0)
          : 0,
      counts: dispatcher.counts
    }
  })
