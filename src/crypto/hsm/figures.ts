/** What the calls to a token came to, for whoever watches: how many, how they ended, and how long they took. */
import type { CallName } from "./protocol.ts"

export interface CallFigures {
  readonly call: CallName
  /** `ok`, or how it failed. */
  readonly outcome: string
  readonly count: number
  readonly seconds: number
}

export interface Figures {
  readonly count: (call: CallName, outcome: string, millis: number) => void
  readonly all: () => ReadonlyArray<CallFigures>
}

export const makeFigures = (): Figures => {
  const kept = new Map<string, { call: CallName; outcome: string; count: number; seconds: number }>()
  return {
    count: (call, outcome, millis) => {
      const name = `${call} ${outcome}`
      const known = kept.get(name) ?? { call, outcome, count: 0, seconds: 0 }
      known.count++
      known.seconds += millis / 1000
      kept.set(name, known)
    },
    all: () => [...kept.values()].map((figures) => ({ ...figures }))
  }
}
