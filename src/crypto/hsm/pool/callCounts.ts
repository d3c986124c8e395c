/** Counts of the calls to a token by name and outcome, with the time they took, for metrics. */
import type { CallName } from "../protocol.ts"

export interface CallCount {
  readonly call: CallName
  /** `ok` or the failure. */
  readonly outcome: string
  readonly count: number
  readonly seconds: number
}

export interface CallCounts {
  readonly count: (call: CallName, outcome: string, millis: number) => void
  readonly all: () => ReadonlyArray<CallCount>
}

export const makeCallCounts = (): CallCounts => {
  const kept = new Map<string, { call: CallName; outcome: string; count: number; seconds: number }>()
  return {
    count: (call, outcome, millis) => {
      const name = `${call} ${outcome}`
      const known = kept.get(name) ?? { call, outcome, count: 0, seconds: 0 }
      known.count++
      known.seconds += millis / 1000
      kept.set(name, known)
    },
    all: () => [...kept.values()].map((counted) => ({ ...counted }))
  }
}
