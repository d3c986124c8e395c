/** Assigns waiting calls to threads, and tracks whether the token answers. */
import type { Clock } from "effect"
import { makeCallCounts } from "./callCounts.ts"
import type { CallCounts } from "./callCounts.ts"
import { createsObjects, isQuick, mayRetry, messageOf, takeBatch } from "./jobs.ts"
import type { Job } from "./jobs.ts"
import { makeSupervisedThread } from "./supervisedThread.ts"
import type { Outcome, SupervisedThread } from "./supervisedThread.ts"
import type { Threads } from "../thread/threads.ts"

/** Two threads double the throughput of RSA. More would only wait for the module's lock. */
const threadCount = 2
/** The most calls that may wait for a thread. */
const waitingMax = 1024
/** If more threads than this hang inside the module, the token is not called again. */
const abandonedMax = 8

/**
 * A thread with a fast token gets its next message before it has answered the previous one, so that it never waits for
 * this thread. With a slow token, both threads share the messages.
 */
const messagesAheadMax = 2
const quickMicros = 100

export type TokenStatus =
  | { readonly kind: "ready" }
  | { readonly kind: "away"; readonly detail: string }
  /** Only a restart of the service helps. */
  | { readonly kind: "refused"; readonly detail: string }

/** A thread and its unanswered messages. */
interface Slot {
  readonly thread: SupervisedThread
  messages: number
  /** Whether the newest message holds quick calls only. */
  isQuick: boolean
  /** Time of the latest answer, nanoseconds. */
  answeredAt: bigint
}

export interface TickLimits {
  readonly call: number
  readonly creation: number
}

export interface Dispatcher {
  readonly slots: ReadonlyArray<Slot>
  readonly waiting: Array<Job>
  readonly counts: CallCounts
  readonly clock: Clock.Clock
  readonly threads: Threads
  readonly ticks: TickLimits
  status: TokenStatus
  /** Recent time of one quick call, including its share of the message's transfer. */
  microsPerQuickCall: number
  isDispatchScheduled: boolean
}

export const makeDispatcher = (threads: Threads, clock: Clock.Clock, ticks: TickLimits): Dispatcher => ({
  slots: Array.from({ length: threadCount }, () => ({
    thread: makeSupervisedThread(threads),
    messages: 0,
    isQuick: false,
    answeredAt: 0n
  })),
  waiting: [],
  counts: makeCallCounts(),
  clock,
  threads,
  ticks,
  status: { kind: "away", detail: "not connected yet" },
  microsPerQuickCall: Infinity,
  isDispatchScheduled: false
})

export const areAllIdle = ({ slots }: Dispatcher): boolean => slots.every(({ messages }) => messages === 0)

/** Fails all waiting calls. */
export const failWaiting = ({ waiting }: Dispatcher, detail: string): void => {
  const failed: Outcome = { ok: false, failure: "Unreachable", detail }
  for (const { done } of waiting.splice(0)) done(failed)
}

/** Updates the token's status by the outcome of a call. */
export const noteOutcome = (dispatcher: Dispatcher, outcome: Outcome): void => {
  if (outcome.ok || outcome.failure === "Rejected" || outcome.failure === "Missing") return
  if (dispatcher.status.kind === "refused") return
  const { failure, detail } = outcome
  const isFinal = failure === "PinRefused" || dispatcher.threads.abandoned() > abandonedMax
  dispatcher.status = { kind: isFinal ? "refused" : "away", detail }
}

/** A message that a thread works on. */
interface Sent {
  readonly slot: Slot
  readonly jobs: ReadonlyArray<Job>
  readonly areQuick: boolean
  readonly sentAt: bigint
  readonly retries: Array<Job>
  answered: number
}

const receive = (dispatcher: Dispatcher, sent: Sent, outcomes: ReadonlyArray<Outcome>): void => {
  const { slot, jobs } = sent
  const now = dispatcher.clock.currentTimeNanosUnsafe()
  const since = slot.answeredAt > sent.sentAt ? slot.answeredAt : sent.sentAt
  const micros = Number(now - since) / 1000 / outcomes.length
  slot.answeredAt = now
  if (sent.areQuick) dispatcher.microsPerQuickCall = micros
  for (const outcome of outcomes) {
    const job = jobs[sent.answered++]
    if (job === undefined) continue
    if (mayRetry(job, outcome)) {
      sent.retries.push({ ...job, isRetry: true })
      continue
    }
    dispatcher.counts.count(job.call, outcome.ok ? "ok" : outcome.failure, micros / 1000)
    noteOutcome(dispatcher, outcome)
    job.done(outcome)
  }
  if (sent.answered < jobs.length) return
  slot.messages--
  dispatcher.waiting.unshift(...sent.retries)
  scheduleDispatch(dispatcher)
}

const send = (dispatcher: Dispatcher, slot: Slot, jobs: ReadonlyArray<Job>): void => {
  const areQuick = jobs.every(isQuick)
  const sentAt = dispatcher.clock.currentTimeNanosUnsafe()
  const sent: Sent = { slot, jobs, areQuick, sentAt, retries: [], answered: 0 }
  slot.messages++
  slot.isQuick = areQuick
  const { creation, call } = dispatcher.ticks
  const ticksMax = createsObjects(jobs) ? creation : call
  slot.thread.ask(jobs.map(messageOf), ticksMax, (outcomes) => receive(dispatcher, sent, outcomes))
}

const slotFor = ({ slots, microsPerQuickCall }: Dispatcher, job: Job): Slot | undefined => {
  const busy =
    isQuick(job) && microsPerQuickCall < quickMicros
      ? slots.find(({ messages, isQuick }) => isQuick && messages > 0 && messages < messagesAheadMax)
      : undefined
  return busy ?? slots.find(({ messages }) => messages === 0)
}

const dispatch = (dispatcher: Dispatcher): void => {
  dispatcher.isDispatchScheduled = false
  const { status, waiting } = dispatcher
  if (status.kind !== "ready") return failWaiting(dispatcher, status.detail)
  for (;;) {
    const slot = waiting[0] && slotFor(dispatcher, waiting[0])
    if (slot === undefined) return undefined
    send(dispatcher, slot, takeBatch(waiting))
  }
}

/** Calls made in the same tick of the event loop go together. */
const scheduleDispatch = (dispatcher: Dispatcher): void => {
  if (dispatcher.isDispatchScheduled) return
  dispatcher.isDispatchScheduled = true
  queueMicrotask(() => dispatch(dispatcher))
}

/** Why a call cannot be queued now; undefined if it can. */
export const queueFault = ({ status, waiting }: Dispatcher): string | undefined => {
  if (status.kind !== "ready") return status.detail
  return waiting.length >= waitingMax ? "too many calls wait for the token" : undefined
}

export const enqueue = (dispatcher: Dispatcher, job: Job): void => {
  dispatcher.waiting.push(job)
  scheduleDispatch(dispatcher)
}
