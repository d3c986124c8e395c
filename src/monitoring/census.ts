/** The number of keys in each state. In a large store, counts are reused for several answers. */
import { Effect } from "effect"
import type { Clock } from "effect"
import type { LifecycleState } from "../../machines/vocabulary.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import { countAgeMax, countedKeysMax } from "./described.ts"

export interface Census {
  readonly states: Readonly<Record<LifecycleState, number>>
  readonly ageMillis: number
}

export const makeCensus = (store: Store["Service"], clock: Clock.Clock): Effect.Effect<Census, StoreFailure> => {
  const elapsed = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  let counted: { readonly states: Census["states"]; readonly at: number } | undefined

  const isRecent = ({ at, states }: NonNullable<typeof counted>): boolean => {
    const total = Object.values(states).reduce((sum, count) => sum + count, 0)
    return total > countedKeysMax && elapsed() - at < countAgeMax
  }
  return Effect.suspend(() => {
    if (counted !== undefined && isRecent(counted)) {
      return Effect.succeed({ states: counted.states, ageMillis: elapsed() - counted.at })
    }
    const at = elapsed()
    return Effect.map(store.census, (states): Census => {
      counted = { states, at }
      return { states, ageMillis: 0 }
    })
  })
}
