/** Runs effects during the call, to save the fiber a step if nothing has to wait. */
import { Effect, Exit } from "effect"

/** Calls `work` now and returns its effect. A throw becomes a defect, as in an effect that is run later. */
export const runNow = <A, E, R>(work: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  runNowWith(undefined, work)

/** The same for work that takes one argument, so that the caller needs no closure. */
export const runNowWith = <G, A, E, R>(
  given: G,
  work: (given: G) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  try {
    return work(given)
  } catch (defect) {
    return Effect.die(defect)
  }
}

/** Whether the effect already is a result, so that it can be read without running it. */
export const isDone = <A, E>(effect: Effect.Effect<A, E>): effect is Exit.Exit<A, E> => Exit.isExit(effect)
