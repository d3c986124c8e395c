/** A lock across threads: one thread at a time connects to the token. A module may report readiness too early. */
import { TokenError } from "../failures.ts"

/** The id of the thread that holds the lock; 0 if it is free. */
export type ConnectLock = Int32Array<SharedArrayBuffer>

export const makeConnectLock = (): ConnectLock => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** How long a thread waits for the lock. */
const waitMillisMax = 2000

/** Does nothing if another thread holds the lock. */
export const releaseConnectLock = (lock: ConnectLock, thread: number): void => {
  if (Atomics.compareExchange(lock, 0, thread, 0) === thread) Atomics.notify(lock, 0)
}

/** Blocks the calling thread until it holds the lock. */
export const withConnectLock = <A>(lock: ConnectLock, thread: number, use: () => A): A => {
  const until = performance.now() + waitMillisMax
  for (;;) {
    const holder = Atomics.compareExchange(lock, 0, 0, thread)
    if (holder === 0) break
    const left = until - performance.now()
    if (left <= 0 || Atomics.wait(lock, 0, holder, left) === "timed-out") {
      throw new TokenError("Unreachable", "another thread is connecting")
    }
  }
  try {
    return use()
  } finally {
    releaseConnectLock(lock, thread)
  }
}
