/** Calls that wait for a thread, and which of them are sent together in one message. */
import type { CallMessage, CallName } from "../protocol.ts"
import type { Outcome } from "./supervisedThread.ts"

export interface Job extends CallMessage {
  readonly done: (outcome: Outcome) => void
  /** Whether the call was sent before, to a thread that was lost. */
  readonly isRetry: boolean
}

/** Calls that create objects. They take longest, and a hung thread may still complete them. */
const creating: ReadonlySet<CallName> = new Set<CallName>(["makeSecret", "makePair", "unwrap", "probe"])

/** One message costs more than most calls, so calls are batched up to this many. */
const batchMax = 32
/**
 * Private-key operations run long inside the token, so both threads share them. Other calls go to one thread: two threads
 * would mostly wait for the module's lock.
 */
const sharedBatchMax = 3
const shared: ReadonlySet<CallName> = new Set<CallName>(["sign", "decrypt"])

export const messageOf = ({ call, asks }: Job): CallMessage => ({ call, asks })

export const createsObjects = (jobs: ReadonlyArray<Job>): boolean => jobs.some(({ call }) => creating.has(call))

/** A call on a lost thread is retried once, unless a hung thread may still create its object. */
export const mayRetry = ({ call, isRetry }: Job, outcome: Outcome): boolean =>
  !isRetry && !outcome.ok && (outcome.failure === "Lost" || (outcome.failure === "Hung" && !creating.has(call)))

/** Slow calls go alone. So do retries, which may have caused the loss of a thread. */
const isAlone = ({ call, isRetry }: Job): boolean => isRetry || creating.has(call)

export const isQuick = (job: Job): boolean => !isAlone(job) && !shared.has(job.call)

/** Removes and returns the calls that go next in one message. */
export const takeBatch = (waiting: Array<Job>): ReadonlyArray<Job> => {
  const isShared = waiting[0] !== undefined && shared.has(waiting[0].call)
  const most = isShared ? sharedBatchMax : batchMax
  const end = waiting.findIndex((job) => isAlone(job) || shared.has(job.call) !== isShared)
  return waiting.splice(0, Math.max(1, Math.min(end === -1 ? waiting.length : end, most)))
}
