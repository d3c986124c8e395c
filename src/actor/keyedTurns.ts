/** One turn at a time for each name: a semaphore that exists only while a caller holds it or waits for it. */
import { Effect, Semaphore } from "effect"

export interface KeyedTurns {
  readonly inTurn: (name: string) => <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const makeKeyedTurns = (): KeyedTurns => {
  const turns = new Map<string, { readonly turn: Semaphore.Semaphore; holders: number }>()
  return {
    inTurn: (name) => (work) =>
      Effect.suspend(() => {
        const place = turns.get(name) ?? { turn: Semaphore.makeUnsafe(1), holders: 0 }
        turns.set(name, place)
        place.holders++
        return Effect.ensuring(
          place.turn.withPermit(work),
          Effect.sync(() => {
            place.holders--
            if (place.holders === 0) turns.delete(name)
          })
        )
      })
  }
}
