/** State shared with a token thread: whether it must exit, and whether it is inside the PKCS#11 module. */

export type Presence = Int32Array<SharedArrayBuffer>

const isLeavingAt = 0
const isInsideAt = 1

export const makePresence = (): Presence => new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))

export const isLeaving = (presence: Presence): boolean => Atomics.load(presence, isLeavingAt) === 1

export const tellToLeave = (presence: Presence): void => {
  Atomics.store(presence, isLeavingAt, 1)
}

/** Called by the thread itself. Returns false without calling `call` once the thread must exit. */
export const visit = (presence: Presence, call: () => void): boolean => {
  // Set before the check: an observer that sees `outside` after requesting the exit never sees `inside` again.
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

/** Blocks until the thread has left the module for good. Returns false at `untilMillis` of `performance.now()`. */
export const waitUntilOutside = (presence: Presence, untilMillis: number): boolean => {
  tellToLeave(presence)
  while (Atomics.load(presence, isInsideAt) === 1) {
    const left = untilMillis - performance.now()
    if (left <= 0 || Atomics.wait(presence, isInsideAt, 1, left) === "timed-out") return false
  }
  return true
}
