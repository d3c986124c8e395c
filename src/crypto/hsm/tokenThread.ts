/** A worker thread that talks to a token, and how it is ended. */
import { Worker } from "node:worker_threads"
import { leaveMessage } from "./protocol.ts"
import type { ThreadData, TokenOptions } from "./protocol.ts"
import type { Turn } from "./turn.ts"

/** What a thread and those who end it tell each other: whether it is to leave, and whether it is in the module. */
export type Presence = Int32Array<SharedArrayBuffer>
const isLeavingAt = 0
const isInsideAt = 1

export const isLeaving = (presence: Presence): boolean => Atomics.load(presence, isLeavingAt) === 1

/** For the thread itself; false, and nothing is called, once it is to leave. */
export const visit = (presence: Presence, call: () => void): boolean => {
  // Said before it is asked: whoever sees nobody inside, after telling the thread to leave, will see nobody again.
  Atomics.store(presence, isInsideAt, 1)
  try {
    if (isLeaving(presence)) return false
    call()
    return true
  } finally {
    Atomics.store(presence, isInsideAt, 0)
    if (isLeaving(presence)) Atomics.notify(presence, isInsideAt)
  }
}

/** Beside this file, as it lies in the sources or as it was built. */
const workerFile = new URL(`./tokenWorker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

/**
 * Node ends a thread by making every call of native code into JavaScript fail, and pkcs11js works on with what such a
 * call did not give it: a thread that is ended while it is in the module takes the whole process with it once the module
 * returns. So it leaves by itself, between two calls.
 */
export class TokenThread extends Worker {
  readonly #presence: Presence

  constructor({ module, label, pinFile, mechanisms = {} }: TokenOptions, turn: Turn) {
    const presence = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
    const workerData: ThreadData = { options: { module, label, pinFile, mechanisms }, turn, presence }
    // Options of the process, such as those of a program given on the command line, are not the thread's.
    super(workerFile, { workerData, name: "keystate token", execArgv: [] })
    this.#presence = presence
    this.unref()
  }

  /** Resolves when the thread has left, which one that hangs in the module never does. */
  override terminate(): Promise<number> {
    // Node's own mark of a thread that has ended.
    if (this.threadId === -1) return Promise.resolve(0)
    const left = Promise.withResolvers<number>()
    this.once("exit", left.resolve)
    Atomics.store(this.#presence, isLeavingAt, 1)
    this.postMessage(leaveMessage, [])
    return left.promise
  }

  /** Whether it was told to leave; it answers nothing more that it is asked now. */
  isLeaving(): boolean {
    return isLeaving(this.#presence)
  }

  /** Blocks until the thread is out of the module for good, or `untilMillis` of `performance.now()`: then false. */
  isOutBy(untilMillis: number): boolean {
    Atomics.store(this.#presence, isLeavingAt, 1)
    while (Atomics.load(this.#presence, isInsideAt) === 1) {
      const left = untilMillis - performance.now()
      if (left <= 0 || Atomics.wait(this.#presence, isInsideAt, 1, left) === "timed-out") return false
    }
    return true
  }
}
