/** Tries every order of the steps of several machines, depth first. Orders that differ only in independent steps count once. */
// Sleep sets: P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996.
import type { Ready } from "../world.ts"
import { meet } from "./cells.ts"

/** The effect of a step that other steps may depend on. Cells are named `table/id`; `table/*` is the whole table. */
export interface Footprint {
  /** The machine of the step. */
  readonly machine: string
  /** Whether it may read or change the memory of its machine. */
  usesMemory: boolean
  readonly reads: Set<string>
  readonly writes: Set<string>
  /** Clients know which of their calls began after the answer to another one. */
  calls: boolean
  answers: boolean
}

/** The names of steps that a later order need not begin with. */
type Steps = Map<string, Footprint>

/** One of the steps that are ready. */
interface StepNode {
  readonly kind: "step"
  readonly ready: ReadonlyArray<Ready>
  readonly asleep: Steps
  readonly done: Steps
  taken: number
  did: Footprint
}

/** One of the choices of a step. */
interface WayNode {
  readonly kind: "way"
  readonly ways: number
  taken: number
}

/** Every continuation of this order was already tried in another order. */
class Redundant extends Error {}

/** The same choices led to another run: the runs are not comparable. */
class Diverged extends Error {}

/** One run: it repeats the choices of the previous run up to the last one with another choice. */
export interface Path {
  /** The index of the next step. */
  readonly step: (ready: ReadonlyArray<Ready>) => number
  /** One of this number of choices. */
  readonly way: (ways: number) => number
  /** The name of a task that an order may distinguish: by the task that made it. */
  readonly nameOf: (maker: string, nth: number) => string
  /** The effect so far of the running step; undefined before the first. */
  readonly running: () => Footprint | undefined
}

export interface Walk {
  readonly paths: number
  /** Whether all paths were tried. */
  readonly isComplete: boolean
}

/** A machine's name begins with the node's: `A0` is a process of A, and `A gate` its client. */
const classOf = (machine: string): string => machine.slice(0, 1)

const areIndependent = (left: Footprint, right: Footprint): boolean =>
  !(left.machine === right.machine && left.usesMemory && right.usesMemory) &&
  !meet(left.writes, right.reads) &&
  !meet(left.writes, right.writes) &&
  !meet(left.reads, right.writes) &&
  !(left.calls && right.answers) &&
  !(left.answers && right.calls)

const awakeIn = ({ asleep, done, ready }: Pick<StepNode, "asleep" | "done" | "ready">): number =>
  ready.findIndex((step) => !asleep.has(step.name) && !done.has(step.name))

const nothingDone = ({ machine }: Ready): Footprint => ({
  machine: classOf(machine),
  usesMemory: true,
  reads: new Set(),
  writes: new Set(),
  calls: false,
  answers: false
})

const stepFrom = (before: StepNode | undefined, ready: ReadonlyArray<Ready>): StepNode => {
  const slept = before === undefined ? [] : [...before.asleep, ...before.done]
  const asleep = new Map(slept.filter(([, footprint]) => before !== undefined && areIndependent(footprint, before.did)))
  const taken = awakeIn({ ready, asleep, done: new Map() })
  const step = ready[taken]
  if (step === undefined) throw new Redundant()
  return { kind: "step", ready: [...ready], asleep, done: new Map(), taken, did: nothingDone(step) }
}

/** Moves to the next path. Returns false after the last one. */
const advance = (path: Array<StepNode | WayNode>): boolean => {
  for (let last = path.at(-1); last !== undefined; path.pop(), last = path.at(-1)) {
    if (last.kind === "way") {
      if (++last.taken < last.ways) return true
      continue
    }
    const step = last.ready[last.taken]
    if (step !== undefined) last.done.set(step.name, last.did)
    last.taken = awakeIn(last)
    const next = last.ready[last.taken]
    if (next === undefined) continue
    last.did = nothingDone(next)
    return true
  }
  return false
}

const namesOf = (steps: ReadonlyArray<Ready>): string => steps.map(({ name }) => name).join()

const follow = (path: Array<StepNode | WayNode>, names: Map<string, string>): Path => {
  let at = 0
  let current: StepNode | undefined
  const nodeOf = <A extends StepNode | WayNode>(make: () => A): StepNode | WayNode => {
    const known = path[at++]
    if (known !== undefined) return known
    const made = make()
    path.push(made)
    return made
  }
  return {
    step: (ready) => {
      const node = nodeOf(() => stepFrom(current, ready))
      if (node.kind !== "step" || namesOf(node.ready) !== namesOf(ready)) throw new Diverged()
      current = node
      return node.taken
    },
    way: (ways) => {
      const node = nodeOf(() => ({ kind: "way", ways, taken: 0 }))
      if (node.kind !== "way" || node.ways !== ways) throw new Diverged()
      return node.taken
    },
    nameOf: (maker, nth) => {
      const line = `${maker}.${nth}`
      const name = names.get(line) ?? `#${names.size}`
      names.set(line, name)
      return name
    },
    running: () => current?.did
  }
}

/** Runs `run` once for each path until it returns false, at most `pathsMax` times. */
export const walk = (run: (path: Path) => boolean, pathsMax = Number.POSITIVE_INFINITY): Walk => {
  const nodes: Array<StepNode | WayNode> = []
  const names = new Map<string, string>()
  for (let paths = 0; ;) {
    let goesOn = true
    try {
      paths++
      goesOn = run(follow(nodes, names))
    } catch (failure) {
      if (!(failure instanceof Redundant)) throw failure
      paths--
    }
    const hasOther = advance(nodes)
    if (!hasOther || !goesOn || paths >= pathsMax) return { paths, isComplete: !hasOther }
  }
}
