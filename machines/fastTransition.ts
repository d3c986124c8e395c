/** A faster replacement of XState's `transition`, which every step of the machines uses. */
// `transition` builds an actor for each call, which costs five times as much as the step itself. This function builds
// the actor once. A test compares the two for every reachable configuration and every event, so that a changed XState
// release fails it.
import { createActor } from "xstate"
import type { ActionExecutor, ActorLogic, ActorScope, EventObject, Snapshot } from "xstate"

/**
 * Returns the next snapshot, and passes each action to `execute` instead of running it. The machine must not emit
 * events or start other actors, because all steps share one scope.
 */
export type FastTransition<S, E> = (snapshot: S, event: E, execute: ActionExecutor) => S

export const fastTransition = <S extends Snapshot<unknown>, E extends EventObject, Input>(
  logic: ActorLogic<S, E, Input>,
  input: Input
): FastTransition<S, E> => {
  const scope = scopeOf(logic, input)
  return (snapshot, event, execute) => logic.transition(snapshot, event, { ...scope, actionExecutor: execute })
}

/** The scope that XState passes to the logic of an actor. The actor is never started. */
const scopeOf = <S extends Snapshot<unknown>, E extends EventObject, Input>(
  logic: ActorLogic<S, E, Input>,
  input: Input
): ActorScope<S, E> => {
  let scope: ActorScope<S, E> | undefined
  const capturing: ActorLogic<S, E, undefined> = {
    getInitialSnapshot: (given) => {
      scope = given
      return logic.getInitialSnapshot(given, input)
    },
    transition: (snapshot, event, given) => logic.transition(snapshot, event, given),
    getPersistedSnapshot: (snapshot) => logic.getPersistedSnapshot(snapshot)
  }
  createActor(capturing)
  if (scope === undefined) throw new Error("XState created an actor without reading its first snapshot")
  return scope
}
