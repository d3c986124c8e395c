/** One worker thread and what is asked of it: bounded in time, and a new thread when it is lost. */
import { gathered, scattered } from "./gathered.ts"
import { startedMessage } from "./protocol.ts"
import type { CallMessage, CallsMessage, RepliesMessage, Reply } from "./protocol.ts"
import type { Threads } from "./threads.ts"
import type { TokenThread } from "./tokenThread.ts"

/** How a call ended. `Lost`: its thread is gone. `Hung`: it did not answer in time, and may yet do what it was asked. */
export type Outcome = Reply | { readonly ok: false; readonly failure: "Lost" | "Hung"; readonly detail: string }

/** Told of each call's outcome once, in the order of the calls, of some at a time. */
export type Told = (outcomes: ReadonlyArray<Outcome>) => void

export interface Seat {
  /** One after the other. Each may take `ticksMax`; whatever was not answered when the thread is lost is told so. */
  readonly ask: (calls: ReadonlyArray<CallMessage>, ticksMax: number, told: Told) => void
  /** Counts one tick; a call that has seen more than its share is given up, with its thread. */
  readonly tick: () => void
  /** Those the thread had open when it last answered, if that answer was given over one of them. */
  readonly sessions: () => number
  readonly isRunning: () => boolean
  readonly close: () => Promise<void>
}

/** What starting a thread may take of a machine that is busy; it is no part of the call that needed the thread. */
const startTicksMax = 120

interface Running {
  readonly told: Told
  readonly ticksMax: number
  ticksLeft: number
  /** Calls without an answer. */
  callsLeft: number
}

/** An answer that blames what was given, or a lost object, was given over a session. */
const isOverSession = (reply: Reply): boolean => reply.ok || reply.failure === "Rejected" || reply.failure === "Missing"

export const makeSeat = (threads: Threads): Seat => {
  let thread: TokenThread | undefined
  /** What was asked, in order: the thread is at the first, and has the others in its queue. */
  let asked: Array<Running> = []
  let startTicksLeft = 0
  let open = 0

  const answered = (said: RepliesMessage): void => {
    const [current] = asked
    const replies = scattered(said.replies)
    const last = replies.at(-1)
    if (current === undefined || last === undefined) return
    open = isOverSession(last) ? said.sessions : 0
    current.ticksLeft = current.ticksMax
    current.callsLeft -= replies.length
    if (current.callsLeft === 0) asked.shift()
    current.told(replies)
  }

  const fail = (outcome: Outcome): void => {
    const lost = asked
    asked = []
    open = 0
    for (const { callsLeft, told } of lost) told(Array.from({ length: callsLeft }, () => outcome))
  }

  const forget = (current: TokenThread, detail: string): void => {
    if (thread !== current) return
    thread = undefined
    fail({ ok: false, failure: "Lost", detail })
  }

  const start = (): TokenThread => {
    const started = threads.start()
    startTicksLeft = startTicksMax
    started.on("message", (said: RepliesMessage | typeof startedMessage) => {
      if (thread !== started) return
      if (said === startedMessage) startTicksLeft = 0
      else answered(said)
    })
    started.on("error", (error) =>
      forget(started, error instanceof Error ? (error.message.split("\n")[0] ?? "") : "the thread failed")
    )
    started.on("exit", () => forget(started, "the thread ended"))
    thread = started
    return started
  }

  /** A thread inside the module cannot be stopped before the module returns; it is only not waited for. */
  const giveUp = (): void => {
    const current = thread
    thread = undefined
    if (current === undefined) return
    threads.abandon(current)
    void current.terminate()
  }

  return {
    ask: (calls, ticksMax, told) => {
      // One that has nothing to do and is about to go, because somebody ended it, goes without this.
      if (asked.length === 0 && thread?.isLeaving() === true) thread = undefined
      asked.push({ told, ticksMax, ticksLeft: ticksMax, callsLeft: calls.length })
      const message: CallsMessage = gathered(calls)
      ;(thread ?? start()).postMessage(message, [message.memory])
    },
    tick: () => {
      const [current] = asked
      if (current === undefined || startTicksLeft-- > 1 || current.ticksLeft-- > 0) return
      giveUp()
      fail({ ok: false, failure: "Hung", detail: "no answer in time" })
    },
    sessions: () => open,
    isRunning: () => thread !== undefined,
    close: async () => {
      const current = thread
      thread = undefined
      fail({ ok: false, failure: "Lost", detail: "the service stops" })
      await current?.terminate()
    }
  }
}
