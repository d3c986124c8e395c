/** A machine as a drawing needs it: the states it can rest in, and the arrows between them. */
import type { AnyStateMachine, AnyStateNode } from "xstate"
import { guardText } from "./guardText.ts"

/** Keys of a state and its ancestors, outermost first. */
export type Path = ReadonlyArray<string>

export interface ChartState {
  readonly path: Path
  readonly name: string
  readonly description: string | null
  readonly final: boolean
  /** Empty for a state the machine can rest in. */
  readonly states: ReadonlyArray<ChartState>
  /** Where a state with states of its own begins. A parallel state begins in each of its regions, and has none. */
  readonly entries: ReadonlyArray<Entry>
}

export interface Entry {
  readonly target: Path
  readonly guard: string | null
}

/** One event from one resting state to another; both ends are leaves, whatever the machine's nesting. */
export interface Arrow {
  readonly source: Path
  readonly target: Path
  /** Null for a transition taken without an event, as soon as its guard holds. */
  readonly event: string | null
  readonly guard: string | null
}

export interface Chart {
  readonly id: string
  readonly states: ReadonlyArray<ChartState>
  readonly entries: ReadonlyArray<Entry>
  readonly arrows: ReadonlyArray<Arrow>
}

type Transition = NonNullable<AnyStateNode["always"]>[number]

interface Landing {
  readonly node: AnyStateNode
  readonly guards: ReadonlyArray<string>
}

const childrenOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
  Object.values<AnyStateNode>(node.states).sort((a, b) => a.order - b.order)

/** A state with an eventless way out for every case: the machine passes through it and never rests there. */
const isTransient = (node: AnyStateNode): boolean =>
  node.type === "atomic" && (node.always ?? []).some((transition) => transition.guard === undefined)

const isDrawn = (node: AnyStateNode): boolean => node.type !== "history" && !isTransient(node)

/** What must hold for the candidate at this place: its own guard, and that none before it was taken. */
const guardAt = (candidates: ReadonlyArray<Transition>, index: number): string | null => {
  const own = guardText(candidates[index]?.guard)
  if (index === 0) return own
  return own === null ? "else" : `else ${own}`
}

/** Where entering a node comes to rest. The way through transient states is folded into the guards. */
const landings = (node: AnyStateNode, guards: ReadonlyArray<string>, through: Path): ReadonlyArray<Landing> => {
  if (through.includes(node.id)) throw new Error(`${node.id} is entered again and again without an event`)
  const onward = [...through, node.id]
  if (node.type === "history" && node.parent !== undefined) return landings(node.parent, guards, onward)
  if (node.type === "compound") return node.initial.target.flatMap((child) => landings(child, guards, onward))
  if (node.type === "parallel") return childrenOf(node).flatMap((region) => landings(region, guards, onward))
  if (!isTransient(node)) return [{ node, guards }]
  const candidates = untilUnguarded(node.always ?? [])
  return candidates.flatMap((candidate, index) => {
    const guard = guardAt(candidates, index)
    const held = guard === null ? guards : [...guards, guard]
    return (candidate.target ?? []).flatMap((target) => landings(target, held, onward))
  })
}

const both = (guards: ReadonlyArray<string>): string | null => (guards.length === 0 ? null : guards.join(" and "))

/** Candidates are tried in turn, and none after one without a guard. */
const untilUnguarded = (candidates: ReadonlyArray<Transition>): ReadonlyArray<Transition> => {
  const last = candidates.findIndex((candidate) => candidate.guard === undefined)
  return last === -1 ? candidates : candidates.slice(0, last + 1)
}

const lineage = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
  node.parent === undefined ? [node] : [node, ...lineage(node.parent)]

/** An event nobody takes at the leaf is offered to its ancestors, so an ancestor's arrow starts at each of its leaves. */
const arrowsFrom = (leaf: AnyStateNode): ReadonlyArray<Arrow> => {
  const ancestors = lineage(leaf)
  const events = new Set(ancestors.flatMap((node) => [...node.transitions.keys()]))
  const byEvent = [...events].flatMap((event) =>
    arrowsOf(
      leaf,
      event,
      ancestors.flatMap((node) => node.transitions.get(event) ?? [])
    )
  )
  const eventless = ancestors.flatMap((node) => node.always ?? [])
  return [...byEvent, ...arrowsOf(leaf, null, eventless)]
}

/** Whether two states can be active at once: they part ways at a parallel state. */
const areOrthogonal = (a: AnyStateNode, b: AnyStateNode): boolean => {
  const above = lineage(a)
  return a !== b && lineage(b).find((node) => above.includes(node))?.type === "parallel"
}

/** A transition that resets several regions is drawn in each of them, and between regions only if it must be. */
const within = (leaf: AnyStateNode, found: ReadonlyArray<Landing>): ReadonlyArray<Landing> => {
  const own = found.filter(({ node }) => !areOrthogonal(leaf, node))
  return own.length === 0 ? found : own
}

const arrowsOf = (
  leaf: AnyStateNode,
  event: string | null,
  offered: ReadonlyArray<Transition>
): ReadonlyArray<Arrow> => {
  const candidates = untilUnguarded(offered)
  return candidates.flatMap((candidate, index) => {
    // Neither target nor actions: the event is forbidden here.
    if (candidate.target === undefined && candidate.actions.length === 0) return []
    const guard = guardAt(candidates, index)
    const start = guard === null ? [] : [guard]
    const found = (candidate.target ?? [leaf]).flatMap((target) => landings(target, start, []))
    return within(leaf, found).map(({ node, guards }) => ({
      source: leaf.path,
      target: node.path,
      event,
      guard: both(guards)
    }))
  })
}

const entriesOf = (node: AnyStateNode): ReadonlyArray<Entry> =>
  node.type === "compound"
    ? landings(node, [], []).map((landing) => ({ target: landing.node.path, guard: both(landing.guards) }))
    : []

const stateOf = (node: AnyStateNode): ChartState => ({
  path: node.path,
  name: node.key,
  description: node.description ?? null,
  final: node.type === "final",
  states: childrenOf(node).filter(isDrawn).map(stateOf),
  entries: entriesOf(node)
})

const leavesOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> => {
  const children = childrenOf(node)
  return children.length === 0 ? [node] : children.filter(isDrawn).flatMap(leavesOf)
}

/** The chart of any XState 5 machine, in the order of its definition. */
export const chartOf = (machine: AnyStateMachine): Chart => {
  const { root } = machine
  const { states, entries } = stateOf(root)
  return { id: root.id, states, entries, arrows: leavesOf(root).flatMap(arrowsFrom) }
}
