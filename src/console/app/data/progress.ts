/** The calls that wait for an answer. */

const waiting = new Set<symbol>()
const listeners = new Set<() => void>()

const tell = (): void => {
  for (const listener of listeners) listener()
}

export const watchWaiting = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Counts a call until it is answered. */
export const tracked = async <A>(call: Promise<A>): Promise<A> => {
  const mark = Symbol("call")
  waiting.add(mark)
  tell()
  try {
    return await call
  } finally {
    waiting.delete(mark)
    tell()
  }
}

export const isWaiting = (): boolean => waiting.size > 0
