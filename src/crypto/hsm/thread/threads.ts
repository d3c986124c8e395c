/** All threads of a pool, including those that hang in the module, and their end with the process. */
import type { TokenOptions } from "../protocol.ts"
import { makeConnectLock, releaseConnectLock } from "./connectLock.ts"
import { TokenThread } from "./tokenThread.ts"

export interface Threads {
  readonly start: () => TokenThread
  /** Call this before terminating a thread that may never exit. */
  readonly abandon: (thread: TokenThread) => void
  /** The number of abandoned threads that still run. */
  readonly abandoned: () => number
  /** Starts no more threads. */
  readonly close: () => void
}

/** `exitMillis` is how long the end of the process waits for threads to leave the module. */
export const makeThreads = (options: TokenOptions, exitMillis: number): Threads => {
  const connectLock = makeConnectLock()
  const running = new Set<TokenThread>()
  const abandoned = new Set<TokenThread>()

  /** Node would wait forever for a thread that hangs. */
  const atExit = (): void => {
    const until = performance.now() + exitMillis
    if ([...running].filter((thread) => !thread.isOutBy(until)).length === 0) return
    process.stderr.write("keystate: killed: the token's module does not return\n")
    process.kill(process.pid, "SIGKILL")
  }
  process.on("exit", atExit)

  return {
    start: () => {
      const thread = new TokenThread(options, connectLock)
      const { threadId } = thread
      running.add(thread)
      thread.once("exit", () => {
        running.delete(thread)
        abandoned.delete(thread)
        releaseConnectLock(connectLock, threadId)
      })
      return thread
    },
    abandon: (thread) => {
      abandoned.add(thread)
      releaseConnectLock(connectLock, thread.threadId)
    },
    abandoned: () => abandoned.size,
    close: () => {
      if (running.size === 0) process.off("exit", atExit)
    }
  }
}
