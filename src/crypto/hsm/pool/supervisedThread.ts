/** One worker thread with a time limit for each call. A lost or hung thread is replaced by a new one. */
import { startedMessage } from "../protocol.ts"
import type { CallMessage, CallsMessage, RepliesMessage, Reply } from "../protocol.ts"
import { packRecords, unpackRecords } from "../thread/packedRecords.ts"
import type { Threads } from "../thread/threads.ts"
import type { TokenThread } from "../thread/tokenThread.ts"

/** How a call ended. `Lost`: its thread has ended. `Hung`: it exceeded its time and may still complete. */
export type Outcome = Reply | { readonly ok: false; readonly failure: "Lost" | "Hung"; readonly detail: string }

/** Called with batches of outcomes, in call order. Each call has exactly one outcome. */
export type OnOutcomes = (outcomes: ReadonlyArray<Outcome>) => void

export interface SupervisedThread {
  /** Runs the calls one after the other. Each may take `ticksMax`. If the thread is lost, the rest fail as `Lost`. */
  readonly ask: (calls: ReadonlyArray<CallMessage>, ticksMax: number, onOutcomes: OnOutcomes) => void
  /** Counts one tick. A call that exceeds its limit fails as `Hung`, and its thread is abandoned. */
  readonly tick: () => void
  /** Sessions that the thread reported with its latest answer; 0 if that answer did not use a session. */
  readonly sessions: () => number
  readonly isRunning: () => boolean
  readonly close: () => Promise<void>
}

/** The limit for starting a thread on a busy machine. It does not count against the call that needed the thread. */
const startTicksMax = 120

interface PendingMessage {
  readonly onOutcomes: OnOutcomes
  readonly ticksMax: number
  ticksLeft: number
  unanswered: number
}

interface State {
  readonly threads: Threads
  thread: TokenThread | undefined
  /** In order. The thread works on the first; the others are in its queue. */
  pending: Array<PendingMessage>
  startTicksLeft: number
  sessions: number
}

/** A reply that blames the input, or reports a missing object, came over a working session. */
const usedSession = (reply: Reply): boolean => reply.ok || reply.failure === "Rejected" || reply.failure === "Missing"

const receive = (state: State, message: RepliesMessage): void => {
  const [current] = state.pending
  const replies = unpackRecords(message.replies)
  const last = replies.at(-1)
  if (current === undefined || last === undefined) return
  state.sessions = usedSession(last) ? message.sessions : 0
  current.ticksLeft = current.ticksMax
  current.unanswered -= replies.length
  if (current.unanswered === 0) state.pending.shift()
  current.onOutcomes(replies)
}

const failPending = (state: State, outcome: Outcome): void => {
  const lost = state.pending
  state.pending = []
  state.sessions = 0
  for (const { unanswered, onOutcomes } of lost) onOutcomes(Array.from({ length: unanswered }, () => outcome))
}

const loseThread = (state: State, thread: TokenThread, detail: string): void => {
  if (state.thread !== thread) return
  state.thread = undefined
  failPending(state, { ok: false, failure: "Lost", detail })
}

const firstLineOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split("\n")[0] ?? "") : "the thread failed"

const startThread = (state: State): TokenThread => {
  const thread = state.threads.start()
  state.startTicksLeft = startTicksMax
  thread.on("message", (message: RepliesMessage | typeof startedMessage) => {
    if (state.thread !== thread) return
    if (message === startedMessage) state.startTicksLeft = 0
    else receive(state, message)
  })
  thread.on("error", (error) => loseThread(state, thread, firstLineOf(error)))
  thread.on("exit", () => loseThread(state, thread, "the thread ended"))
  state.thread = thread
  return thread
}

/** A thread inside the module cannot be stopped before the module returns. The pool no longer waits for it. */
const abandonThread = (state: State): void => {
  const { thread } = state
  state.thread = undefined
  if (thread === undefined) return
  state.threads.abandon(thread)
  void thread.terminate()
}

const ask = (
  state: State,
  calls: ReadonlyArray<CallMessage>,
  limits: Pick<PendingMessage, "onOutcomes" | "ticksMax">
) => {
  const { onOutcomes, ticksMax } = limits
  // An idle thread that must exit gets no further message.
  if (state.pending.length === 0 && state.thread?.isLeaving() === true) state.thread = undefined
  state.pending.push({ onOutcomes, ticksMax, ticksLeft: ticksMax, unanswered: calls.length })
  const message: CallsMessage = packRecords(calls)
  const thread = state.thread ?? startThread(state)
  thread.postMessage(message, [message.memory])
}

const tick = (state: State): void => {
  const [current] = state.pending
  if (current === undefined || state.startTicksLeft-- > 1 || current.ticksLeft-- > 0) return
  abandonThread(state)
  failPending(state, { ok: false, failure: "Hung", detail: "no answer in time" })
}

const close = async (state: State): Promise<void> => {
  const { thread } = state
  state.thread = undefined
  failPending(state, { ok: false, failure: "Lost", detail: "the service stops" })
  await thread?.terminate()
}

export const makeSupervisedThread = (threads: Threads): SupervisedThread => {
  const state: State = { threads, thread: undefined, pending: [], startTicksLeft: 0, sessions: 0 }
  return {
    ask: (calls, ticksMax, onOutcomes) => ask(state, calls, { onOutcomes, ticksMax }),
    tick: () => tick(state),
    sessions: () => state.sessions,
    isRunning: () => state.thread !== undefined,
    close: () => close(state)
  }
}
