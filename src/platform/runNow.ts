/** Work that is done while it is asked for. */
import { Effect, Exit } from "effect"

/**
 * Does the work now and answers with what came of it: what has no need to wait costs no fiber a step. A throw becomes a
 * defect, as it would in an effect that is run later. Whoever calls this means the work to begin here.
 */
export const atOnce = <A, E, R>(work: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  atOnceWith(undefined, work)

/** The same for work that needs one thing given: nothing is made to carry it there. */
export const atOnceWith = <G, A, E, R>(
  given: G,
  work: (given: G) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  try {
    return work(given)
  } catch (defect) {
    return Effect.die(defect)
  }
}

/** Whether all of it is done already: then it may be looked at instead of run. */
export const isDone = <A, E>(effect: Effect.Effect<A, E>): effect is Exit.Exit<A, E> => Exit.isExit(effect)
