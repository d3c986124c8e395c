/** A chart as input for the interpreter of the tests. */
import type { Chart, ChartState, Guard, Path, Trigger } from "../../src/visualizer/model/chart.ts"
import type { ReadChart, ReadState, World } from "./interpreter.ts"

/** Generated machines give each state its key as its id. */
const idOf = (path: Path): string => path.at(-1) ?? "s0"

const kindOf = ({ kind, history }: ChartState): ReadState["kind"] =>
  kind === "history" ? (history ?? "shallow") : kind

const stateOf = (state: ChartState): ReadState => ({
  id: idOf(state.path),
  kind: kindOf(state),
  initial: (state.initial?.targets ?? []).map(idOf),
  states: state.states.map(stateOf)
})

const isHeld = (guard: Guard | null, world: World): boolean => {
  if (guard === null) return true
  switch (guard._tag) {
    case "Named":
      return world.held.has(guard.name)
    case "In":
      return guard.states.every((path) => world.isIn(idOf(path)))
    case "Not":
      return !isHeld(guard.guard, world)
    case "And":
      return guard.guards.every((part) => isHeld(part, world))
    default:
      return guard.guards.some((part) => isHeld(part, world))
  }
}

/** The event by XState's name, so that both get the same events. */
const eventOf = (trigger: Trigger, source: string): string | null => {
  switch (trigger._tag) {
    case "Event":
    case "Wildcard":
      return trigger.event
    case "Always":
      return null
    case "After":
      return `xstate.after.${trigger.delay}.${source}`
    case "Done":
      return `done.state.${source}`
    case "ActorDone":
      return `xstate.done.actor.0.${source}`
    case "ActorFailed":
      return `xstate.error.actor.0.${source}`
    default:
      return `xstate.snapshot.0.${source}`
  }
}

export const readChart = ({ root, transitions }: Chart): ReadChart => ({
  root: stateOf(root),
  transitions: transitions.map(({ source, targets, trigger, guard, reenter }) => ({
    source: idOf(source),
    targets: targets.map(idOf),
    event: eventOf(trigger, idOf(source)),
    isHeld: (world) => isHeld(guard, world),
    reenter
  }))
})
