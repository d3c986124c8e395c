/** Tries every order of the steps of several machines, depth first. Orders that differ only in independent steps count once. */
// Sleep sets: P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996.
import type { Ready } from "../world.ts"

/** The effect of a step that steps of other machines may depend on. */
export interface Footprint {
  /** The machine of the step. */
  readonly machine: string
  reads: boolean
  writes: boolean
  /** A client called, or got its answer. */
  isSeen: boolean
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
  /** The effect of the running step. */
  readonly did: (what: "reads" | "writes" | "isSeen") => void
}

export interface Walk {
  readonly paths: number
  /** Whether all paths were tried. */
  readonly isComplete: boolean
}

/** A machine's name begins with the node's: `A0` is a process of A, and `A gate` its client. */
const classOf = (machine: string): string => machine.slice(0, 1)
const nameOf = ({ machine, order }: Ready): string => `${machine} ${order}`

const areIndependent = (left: Footprint, right: Footprint): boolean =>
  left.machine !== right.machine &&
  !(left.writes && (right.reads || right.writes)) &&
  !(right.writes && left.reads) &&
  !(left.isSeen && right.isSeen)

const awakeIn = ({ asleep, done, ready }: Pick<StepNode, "asleep" | "done" | "ready">): number =>
  ready.findIndex((step) => !asleep.has(nameOf(step)) && !done.has(nameOf(step)))

const nothingDone = ({ machine }: Ready): Footprint => ({
  machine: classOf(machine),
  reads: false,
  writes: false,
  isSeen: false
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
    if (step !== undefined) last.done.set(nameOf(step), last.did)
    last.taken = awakeIn(last)
    const next = last.ready[last.taken]
    if (next === undefined) continue
    last.did = nothingDone(next)
    return true
  }
  return false
}

const follow = (path: Array<StepNode | WayNode>): Path => {
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
      if (node.kind !== "step" || node.ready.map(nameOf).join() !== ready.map(nameOf).join()) throw new Diverged()
      current = node
      return node.taken
    },
    way: (ways) => {
      const node = nodeOf(() => ({ kind: "way", ways, taken: 0 }))
      if (node.kind !== "way" || node.ways !== ways) throw new Diverged()
      return node.taken
    },
    did: (what) => {
      if (current !== undefined) current.did[what] = true
    }
  }
}

/** Runs `run` once for each path until it returns false, at most `pathsMax` times. */
export const walk = (run: (path: Path) => boolean, pathsMax = Number.POSITIVE_INFINITY): Walk => {
  const nodes: Array<StepNode | WayNode> = []
  for (let paths = 0; ;) {
    let goesOn = true
    try {
      paths++
      goesOn = run(follow(nodes))
    } catch (failure) {
      if (!(failure instanceof Redundant)) throw failure
      paths--
    }
    const hasOther = advance(nodes)
    if (!hasOther || !goesOn || paths >= pathsMax) return { paths, isComplete: !hasOther }
  }
}
