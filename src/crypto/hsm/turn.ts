/** One thread at a time connects: a module may say that it is initialized while another thread is still at that. */
import { TokenError } from "./failures.ts"

/** The id of the thread whose turn it is; 0 if it is nobody's. */
export type Turn = Int32Array<SharedArrayBuffer>

export const makeTurn = (): Turn => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** What a thread waits for those that connect before it. */
const waitMillisMax = 2000

/** Does nothing where it is another thread's turn. */
export const endTurn = (turn: Turn, thread: number): void => {
  if (Atomics.compareExchange(turn, 0, thread, 0) === thread) Atomics.notify(turn, 0)
}

/** Blocks the thread that calls it until it is its turn. */
export const inTurn = <A>(turn: Turn, thread: number, use: () => A): A => {
  const until = performance.now() + waitMillisMax
  for (;;) {
    const holder = Atomics.compareExchange(turn, 0, 0, thread)
    if (holder === 0) break
    const left = until - performance.now()
    if (left <= 0 || Atomics.wait(turn, 0, holder, left) === "timed-out") {
      throw new TokenError("Unreachable", "another thread is connecting")
    }
  }
  try {
    return use()
  } finally {
    endTurn(turn, thread)
  }
}
