/** All threads of a pool, those that hang in the module among them, and what becomes of them when the process ends. */
import type { TokenOptions } from "./protocol.ts"
import { TokenThread } from "./tokenThread.ts"
import { endTurn, makeTurn } from "./turn.ts"

export interface Threads {
  readonly start: () => TokenThread
  /** Before a thread is ended that may never end. */
  readonly abandon: (thread: TokenThread) => void
  /** How many were abandoned and have not ended. */
  readonly abandoned: () => number
  /** No more will be started. */
  readonly close: () => void
}

/** Whoever ends the process ends its threads: they are waited for so long. */
export const makeThreads = (options: TokenOptions, exitMillis: number): Threads => {
  const turn = makeTurn()
  const running = new Set<TokenThread>()
  const abandoned = new Set<TokenThread>()

  /** Node would wait for ever for a thread that hangs. */
  const atExit = (): void => {
    const until = performance.now() + exitMillis
    if ([...running].filter((thread) => !thread.isOutBy(until)).length === 0) return
    process.stderr.write("keystate: killed: the token's module does not return\n")
    process.kill(process.pid, "SIGKILL")
  }
  process.on("exit", atExit)

  return {
    start: () => {
      const thread = new TokenThread(options, turn)
      const { threadId } = thread
      running.add(thread)
      thread.once("exit", () => {
        running.delete(thread)
        abandoned.delete(thread)
        endTurn(turn, threadId)
      })
      return thread
    },
    abandon: (thread) => {
      abandoned.add(thread)
      endTurn(turn, thread.threadId)
    },
    abandoned: () => abandoned.size,
    close: () => {
      if (running.size === 0) process.off("exit", atExit)
    }
  }
}
