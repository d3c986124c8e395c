/** A machine as a statechart: its nested states, and each transition that XState can take, once. */
import type { AnyStateMachine, AnyStateNode } from "xstate"
import { guardOf } from "./guards.ts"
import type { Guard, Path } from "./guards.ts"
import { hasDefault, historyTargetsOf, livenessOf } from "./liveness.ts"
import type { Liveness, Transition } from "./liveness.ts"
import { childrenOf } from "./nodes.ts"
import { triggerOf } from "./trigger.ts"
import type { Trigger } from "./trigger.ts"
import { actionTexts, invokeText } from "./words.ts"

export type { Guard, Path } from "./guards.ts"
export type { Trigger } from "./trigger.ts"

/** The kind of a state. */
export type StateKind = "atomic" | "compound" | "parallel" | "final" | "history"

/** The initial state of a composite state, or the default target of a history state. */
export interface Beginning {
  readonly targets: ReadonlyArray<Path>
  readonly actions: ReadonlyArray<string>
}

/** A state of a machine. */
export interface ChartState {
  readonly path: Path
  readonly name: string
  readonly kind: StateKind
  /** Shallow or deep for a history state; null for any other state. */
  readonly history: "shallow" | "deep" | null
  readonly description: string | null
  readonly tags: ReadonlyArray<string>
  readonly entry: ReadonlyArray<string>
  readonly exit: ReadonlyArray<string>
  /** Actors that run while the state is active. */
  readonly invokes: ReadonlyArray<string>
  /**
   * Null for a parallel state, because all its regions start, and for a state without inner states. Null also for a
   * history state whose default is the initial state of its parent.
   */
  readonly initial: Beginning | null
  readonly states: ReadonlyArray<ChartState>
  /** False if no transition leads to it. */
  readonly isEntered: boolean
}

/** A transition of a machine. */
export interface ChartTransition {
  /** The source state. Its inner states have the transition too, unless they handle the event themselves. */
  readonly source: Path
  readonly description: string | null
  /** Empty for a transition that changes no state. */
  readonly targets: ReadonlyArray<Path>
  readonly trigger: Trigger
  readonly guard: Guard | null
  /** Whether it is taken only if no earlier transition is. */
  readonly otherwise: boolean
  readonly actions: ReadonlyArray<string>
  /** Whether its source is exited and entered again, although the target is inside it. */
  readonly reenter: boolean
}

/** A machine as data: its states and transitions. */
export interface Chart {
  readonly id: string
  /** The machine itself, as the state that contains all others. */
  readonly root: ChartState
  /** In the order in which the machine defines and tests them. */
  readonly transitions: ReadonlyArray<ChartTransition>
}

const pathsOf = (nodes: ReadonlyArray<AnyStateNode> | undefined): ReadonlyArray<Path> =>
  (nodes ?? []).map(({ path }) => path)

const kindOf = ({ type }: AnyStateNode): StateKind => type

const historyOf = ({ type, history }: AnyStateNode): ChartState["history"] => {
  if (type !== "history") return null
  return history === "deep" ? "deep" : "shallow"
}

const beginningOf = (node: AnyStateNode): Beginning | null => {
  if (node.type === "history")
    return hasDefault(node) ? { targets: pathsOf(historyTargetsOf(node)), actions: [] } : null
  if (node.type !== "compound") return null
  return { targets: pathsOf(node.initial.target), actions: actionTexts(node.initial.actions) }
}

const stateOf =
  (live: Liveness) =>
  (node: AnyStateNode): ChartState => ({
    path: node.path,
    name: node.path.length === 0 ? node.id : node.key,
    kind: kindOf(node),
    history: historyOf(node),
    description: node.description ?? null,
    tags: node.tags,
    entry: actionTexts(node.entry),
    exit: actionTexts(node.exit),
    invokes: node.invoke.map((invoke) => invokeText(node, invoke)),
    initial: beginningOf(node),
    states: childrenOf(node).map(stateOf(live)),
    isEntered: live.entered.has(node)
  })

const delayOf = (transition: Transition): string | number | undefined => {
  const delay: unknown = Reflect.get(transition, "delay")
  return typeof delay === "string" || typeof delay === "number" ? delay : undefined
}

/** XState keeps it, but its type does not have it. */
const descriptionOf = (transition: Transition): string | null => {
  const description: unknown = Reflect.get(transition, "description")
  return typeof description === "string" && description.trim() !== "" ? description : null
}

const transitionsFor = (
  live: Liveness,
  node: AnyStateNode,
  descriptor: string | null,
  candidates: ReadonlyArray<Transition>
): ReadonlyArray<ChartTransition> =>
  candidates
    .filter((transition) => live.transitions.has(transition))
    .map((transition, at) => ({
      source: node.path,
      description: descriptionOf(transition),
      targets: pathsOf(transition.target),
      trigger: descriptor === null ? { _tag: "Always" } : triggerOf(node, descriptor, delayOf(transition)),
      guard: guardOf(transition.guard, node),
      otherwise: at > 0,
      actions: actionTexts(transition.actions),
      reenter: transition.reenter
    }))

const transitionsOf = (live: Liveness, node: AnyStateNode): ReadonlyArray<ChartTransition> => [
  ...[...node.transitions].flatMap(([descriptor, candidates]) => transitionsFor(live, node, descriptor, candidates)),
  ...transitionsFor(live, node, null, node.always ?? []),
  ...childrenOf(node).flatMap((child) => transitionsOf(live, child))
]

/** The chart of any XState 5 machine, in the order of its definition. */
export const chartOf = ({ root }: AnyStateMachine): Chart => {
  const live = livenessOf(root)
  return { id: root.id, root: stateOf(live)(root), transitions: transitionsOf(live, root) }
}
