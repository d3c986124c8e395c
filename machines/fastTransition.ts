/** The one place where a machine steps without XState's `transition`, for speed. */
// `transition` builds an actor for each call, which costs five times the step itself. This builds the actor once. A test
// compares the two for every reachable configuration and every event, so that a release of XState that changes either is
// noticed.
import { createActor } from "xstate"
import type { ActionExecutor, ActorLogic, ActorScope, EventObject, Snapshot } from "xstate"

/**
 * Answers the next snapshot, and hands each action to `execute` instead of running it. The machine may neither emit
 * events nor start other actors: their scope is shared by all steps.
 */
export type FastTransition<S, E> = (snapshot: S, event: E, execute: ActionExecutor) => S

export const fastTransition = <S extends Snapshot<unknown>, E extends EventObject, Input>(
  logic: ActorLogic<S, E, Input>,
  input: Input
): FastTransition<S, E> => {
  const scope = scopeOf(logic, input)
  return (snapshot, event, execute) => logic.transition(snapshot, event, { ...scope, actionExecutor: execute })
}

/** The scope that XState hands to the logic of an actor. The actor is never started. */
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
  if (scope === undefined) throw new Error("XState made an actor without asking for its first snapshot")
  return scope
}
