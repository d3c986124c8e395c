/** Finds the transitions that XState can take: those that no earlier or inner transition always precedes. */
import type { AnyStateNode } from "xstate"
import { atomsOf, holds } from "./guards.ts"
import type { Assignment, Atom } from "./guards.ts"
import { childrenOf, everyNode, lineageOf } from "./nodes.ts"

export type Transition = NonNullable<AnyStateNode["always"]>[number]

/** With more different guards than this, trying all assignments is too slow, and a transition counts as reachable. */
const atomsMax = 8

/** An event that no machine names: it matches only wildcards. */
const unnamed = "\u0000unnamed"

/** XState looks up a default target by id, or by keys below the parent; an empty key ends the lookup. */
const defaultTarget = (node: AnyStateNode, parent: AnyStateNode, name: string): AnyStateNode | undefined => {
  if (name.startsWith("#")) return node.machine.getStateNodeById(name)
  const keys = name.split(".")
  const end = keys.indexOf("")
  return keys
    .slice(0, end === -1 ? keys.length : end)
    .reduce<AnyStateNode | undefined>((found, key) => found?.states[key], parent)
}

const namedDefaults = (node: AnyStateNode, parent: AnyStateNode): ReadonlyArray<AnyStateNode> => {
  const wanted: unknown = Reflect.get(node.config, "target")
  const names: ReadonlyArray<unknown> = Array.isArray(wanted) ? wanted : [wanted]
  return names.flatMap((name) => (typeof name === "string" ? (defaultTarget(node, parent, name) ?? []) : []))
}

/** Whether a history state has an explicit default target. */
export const hasDefault = (node: AnyStateNode): boolean =>
  node.parent !== undefined && namedDefaults(node, node.parent).length > 0

/** The target of a history state without a remembered state: its default, or the initial state of its parent. */
export const historyTargetsOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> => {
  const { parent } = node
  if (parent === undefined) return []
  const found = namedDefaults(node, parent)
  if (found.length > 0) return found
  return parent.type === "compound" ? parent.initial.target : [parent]
}

const regionsOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
  childrenOf(node).filter(({ type }) => type !== "history")

const isWithin = (node: AnyStateNode, box: AnyStateNode): boolean => lineageOf(node).includes(box)

const isWildcard = (descriptor: string): boolean => descriptor === "*" || descriptor.endsWith(".*")

/** XState's rule: `*` matches everything, and `a.b.*` matches events that begin with the tokens a and b. */
const matches = (event: string, descriptor: string): boolean => {
  if (descriptor === "*") return true
  if (!descriptor.endsWith(".*")) return event === descriptor
  const stem = descriptor.slice(0, -2)
  return event === stem || event.startsWith(`${stem}.`)
}

/** The transitions of a state for an event, in XState's order: exact names first, then the longest wildcard. */
const candidatesOf = (node: AnyStateNode, event: string | null): ReadonlyArray<Transition> => {
  if (event === null) return node.always ?? []
  const exact = node.transitions.get(event) ?? []
  const wild = [...node.transitions.keys()]
    .filter((descriptor) => descriptor !== event && isWildcard(descriptor) && matches(event, descriptor))
    .sort((a, b) => b.length - a.length)
  return [...exact, ...wild.flatMap((descriptor) => node.transitions.get(descriptor) ?? [])]
}

const leaves = (node: AnyStateNode, { guard, target }: Transition): boolean =>
  guard === undefined && target?.some((end) => !isWithin(end, node)) === true

/** The end of a state is an event too. If a transition always answers it, the final state is left at once. */
const endsAtOnce = (node: AnyStateNode): boolean => {
  const { parent } = node
  if (node.type !== "final" || parent?.type !== "compound") return false
  const offered = lineageOf(parent).flatMap((box) => candidatesOf(box, `xstate.done.state.${parent.id}`))
  const first = offered.find(({ guard }) => guard === undefined)
  return first !== undefined && (first.source === parent ? leaves(parent, first) : (first.target ?? []).length > 0)
}

/** A state with an unguarded eventless transition is left before any event arrives. */
const canRest = (node: AnyStateNode): boolean =>
  !(node.always ?? []).some((transition) => leaves(node, transition)) && !endsAtOnce(node)

/** A machine ends when a top-level state is final: it takes no further events. */
const isOver = ({ type, parent }: AnyStateNode): boolean =>
  type === "final" && parent?.type === "compound" && parent.parent === undefined

interface Question {
  /** Null requests transitions without an event. */
  readonly event: string | null
  readonly held: Assignment
  /** The state whose completion is the event, if any. */
  readonly done?: AnyStateNode | undefined
  /** A region that has not ended: a machine whose regions have all ended has ended itself. */
  readonly open?: AnyStateNode | undefined
  /** States that can be active. */
  readonly entered: ReadonlySet<AnyStateNode>
}

const takes = (node: AnyStateNode, { event, held }: Question): boolean =>
  candidatesOf(node, event).some(({ guard }) => holds(guard, node, held))

const passes = (node: AnyStateNode, question: Question): boolean =>
  question.entered.has(node) &&
  !isOver(node) &&
  (question.event === null || canRest(node)) &&
  !takes(node, question) &&
  reaches(node, question)

/** The end of a state is an event of that state only, so only the path to it counts. */
const wayTo = (done: AnyStateNode | undefined, node: AnyStateNode): ReadonlyArray<AnyStateNode> => {
  const children = regionsOf(node)
  const holder = done === undefined ? undefined : children.find((child) => isWithin(done, child))
  return node.type === "compound" && holder !== undefined ? [holder] : children
}

/** Whether a state can be active while no inner state takes the event. */
const reaches = (node: AnyStateNode, question: Question): boolean => {
  const children = wayTo(question.done, node)
  if (node === question.done && node.type === "compound") {
    const isEnd = (child: AnyStateNode) => child.type === "final" && question.entered.has(child)
    return node !== question.open && children.some((child) => isEnd(child) && !takes(child, question))
  }
  if (node.type === "compound") {
    return children.some((child) => !(node === question.open && child.type === "final") && passes(child, question))
  }
  if (node.type !== "parallel") return true
  const isRunning = node.parent !== undefined || isOpen(children, question)
  if (question.event === null) return children.some((child) => passes(child, question)) && isRunning
  return children.every((child) => passes(child, question)) && isRunning
}

const isOpen = (regions: ReadonlyArray<AnyStateNode>, question: Question): boolean =>
  regions.some((region) => canBeOpen(region, question.entered) && passes(region, { ...question, open: region }))

/** Whether a state can end. */
const canEnd = (node: AnyStateNode, entered: ReadonlySet<AnyStateNode>): boolean => {
  if (node.type === "compound") return childrenOf(node).some((child) => child.type === "final" && entered.has(child))
  if (node.type === "parallel") return regionsOf(node).every((region) => canEnd(region, entered))
  return node.type === "final"
}

/** Whether a state can be active without having ended. */
const canBeOpen = (node: AnyStateNode, entered: ReadonlySet<AnyStateNode>): boolean => {
  if (node.type === "compound") return childrenOf(node).some((child) => child.type !== "final" && entered.has(child))
  return node.type === "parallel" ? regionsOf(node).some((region) => canBeOpen(region, entered)) : node.type !== "final"
}

/** The region that must not have ended in a running parallel machine, if all others have ended. */
const lastOpen = (node: AnyStateNode, entered: ReadonlySet<AnyStateNode>): AnyStateNode | undefined => {
  const { parent } = node
  if (parent?.type !== "parallel" || parent.parent !== undefined) return undefined
  return regionsOf(parent).some((region) => region !== node && canBeOpen(region, entered)) ? undefined : node
}

/** An external event, not the end of a state. */
const isSent = (name: string): boolean => !isWildcard(name) && !name.startsWith("xstate.done.state.")

const namesIn = (root: AnyStateNode): ReadonlyArray<string> => [
  ...new Set(everyNode(root).flatMap((node) => [...node.transitions.keys()].filter(isSent)))
]

/** An event that may trigger a transition, and the state whose completion it is, if any. */
interface Occasion {
  readonly event: string
  readonly done?: AnyStateNode
}

const doneOccasion = (done: AnyStateNode): Occasion => ({ event: `xstate.done.state.${done.id}`, done })

/** Its own name. For a wildcard, everything that it matches, including the end of an inner state. */
const occasionsFor = (
  node: AnyStateNode,
  descriptor: string,
  entered: ReadonlySet<AnyStateNode>
): ReadonlyArray<Occasion> => {
  const own = doneOccasion(node)
  const ends = everyNode(node).filter((one) => one.type !== "final" && one.parent !== undefined && canEnd(one, entered))
  if (descriptor === own.event) return ends.includes(node) ? [own] : []
  if (!isWildcard(descriptor)) return [{ event: descriptor }]
  const stem = descriptor === "*" ? "" : descriptor.slice(0, -1)
  const names = [`${stem}${unnamed}`, ...namesIn(node.machine.root)].map((event) => ({ event }))
  return [...names, ...ends.map(doneOccasion)].filter(({ event }) => matches(event, descriptor))
}

const guardsFor = (node: AnyStateNode, event: string | null): ReadonlyArray<Atom> => {
  const found = everyNode(node).flatMap((one) => candidatesOf(one, event).flatMap(({ guard }) => atomsOf(guard, one)))
  return [...new Set(found)]
}

const assignments = (atoms: ReadonlyArray<Atom>): ReadonlyArray<Assignment> =>
  Array.from({ length: 2 ** atoms.length }, (_, bits) => new Set(atoms.filter((_atom, at) => (bits >> at) % 2 === 1)))

const isTakenBy = (
  node: AnyStateNode,
  transition: Transition,
  { event, done }: { readonly event: string | null; readonly done?: AnyStateNode },
  entered: ReadonlySet<AnyStateNode>
): boolean => {
  const atoms = guardsFor(node, event)
  if (atoms.length > atomsMax) return true
  const open = lastOpen(node, entered)
  const candidates = candidatesOf(node, event)
  return assignments(atoms).some(
    (held) =>
      candidates.find(({ guard }) => holds(guard, node, held)) === transition &&
      reaches(node, { event, held, done, open, entered })
  )
}

const isLive = (
  node: AnyStateNode,
  transition: Transition,
  descriptor: string | null,
  entered: ReadonlySet<AnyStateNode>
): boolean => {
  if (isOver(node)) return false
  if (descriptor === null) return isTakenBy(node, transition, { event: null }, entered)
  if (!lineageOf(node).every(canRest)) return false
  return occasionsFor(node, descriptor, entered).some((occasion) => isTakenBy(node, transition, occasion, entered))
}

/** The states that a run can activate, and the composite states that can start at their initial state. */
class Entered {
  readonly states = new Set<AnyStateNode>()
  private readonly begun = new Set<AnyStateNode>()
  private readonly first: ReadonlySet<AnyStateNode>

  constructor(root: AnyStateNode) {
    this.first = new Set()
    this.enter(root)
    this.first = new Set(this.states)
  }

  enter(node: AnyStateNode): void {
    if (this.begun.has(node)) return
    this.begun.add(node)
    this.around(node)
    if (node.type === "compound") for (const target of node.initial.target) this.enter(target)
    if (node.type === "parallel") this.enterRegions(node)
  }

  /** The targets of a transition from its source. */
  enterFrom(source: AnyStateNode, target: AnyStateNode): void {
    this.enter(target)
    const { parent } = target
    if (target.type !== "history" || parent === undefined) return
    // A state that was active from the start and was exited has a memory, so its default is not used.
    if (this.first.has(parent) && !isWithin(source, parent)) return
    for (const end of historyTargetsOf(target)) this.enter(end)
  }

  private enterRegions(node: AnyStateNode): void {
    for (const region of regionsOf(node)) this.enter(region)
  }

  /**
   * When a state is entered, its ancestors and their other regions are entered too, but not by their initial states.
   */
  private around(node: AnyStateNode): void {
    this.states.add(node)
    const { parent } = node
    if (parent === undefined || this.states.has(parent)) return
    this.around(parent)
    if (parent.type === "parallel") this.enterRegions(parent)
  }
}

const offeredBy = (node: AnyStateNode): ReadonlyArray<readonly [string | null, ReadonlyArray<Transition>]> => [
  ...node.transitions,
  [null, node.always ?? []]
]

export interface Liveness {
  /** States that some run of the machine activates, judged by its structure and the names of its guards. */
  readonly entered: ReadonlySet<AnyStateNode>
  readonly transitions: ReadonlySet<Transition>
}

/** Repeats until nothing is added: the states that can be entered, and the transitions that can then be taken. */
export const livenessOf = (root: AnyStateNode): Liveness => {
  const entered = new Entered(root)
  const transitions = new Set<Transition>()
  const size = (): number => entered.states.size + transitions.size
  for (let before = -1; before < size();) {
    before = size()
    for (const node of everyNode(root).filter((one) => entered.states.has(one))) {
      for (const transition of newlyLive(node, transitions, entered.states)) {
        transitions.add(transition)
        for (const target of transition.target ?? []) entered.enterFrom(node, target)
      }
    }
  }
  return { entered: entered.states, transitions }
}

const newlyLive = (
  node: AnyStateNode,
  known: ReadonlySet<Transition>,
  entered: ReadonlySet<AnyStateNode>
): ReadonlyArray<Transition> =>
  offeredBy(node).flatMap(([descriptor, candidates]) =>
    candidates.filter((transition) => !known.has(transition) && isLive(node, transition, descriptor, entered))
  )
