/** A worker thread that calls a token, and the way to stop it. */
import { Worker } from "node:worker_threads"
import type { ConnectLock } from "./connectLock.ts"
import { isLeaving, makePresence, tellToLeave, waitUntilOutside } from "./presence.ts"
import type { Presence } from "./presence.ts"
import { leaveMessage } from "../protocol.ts"
import type { ThreadData, TokenOptions } from "../protocol.ts"

const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const workerFile = new URL(`./worker${extension}`, import.meta.url)

/**
 * Worker.terminate makes each call from native code into JavaScript fail, and pkcs11js does not check for that. A
 * thread that is terminated inside the module therefore crashes the process when the module returns. So the thread
 * exits by itself, between two calls.
 */
export class TokenThread extends Worker {
  readonly #presence: Presence

  constructor({ module, label, pinFile, mechanisms = {} }: TokenOptions, connectLock: ConnectLock) {
    const presence = makePresence()
    const workerData: ThreadData = { options: { module, label, pinFile, mechanisms }, connectLock, presence }
    // The thread does not inherit options of the process, such as `--eval`.
    super(workerFile, { workerData, name: "keystate token", execArgv: [] })
    this.#presence = presence
    this.unref()
  }

  /** Resolves when the thread has exited. A thread that hangs in the module never does. */
  override terminate(): Promise<number> {
    // Node sets -1 when the thread has ended.
    if (this.threadId === -1) return Promise.resolve(0)
    const exited = Promise.withResolvers<number>()
    this.once("exit", exited.resolve)
    tellToLeave(this.#presence)
    this.postMessage(leaveMessage, [])
    return exited.promise
  }

  /** Whether the thread must exit; it answers no further calls. */
  isLeaving(): boolean {
    return isLeaving(this.#presence)
  }

  /** Blocks until the thread has left the module for good. Returns false at `untilMillis` of `performance.now()`. */
  isOutBy(untilMillis: number): boolean {
    return waitUntilOutside(this.#presence, untilMillis)
  }
}
