/** Machines of every shape: nested, parallel, with history, guards, wildcards, completion, time and actors. */
import fc from "fast-check"
import { and, createMachine, fromCallback, initialTransition, not, or, transition } from "xstate"
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from "xstate"

/** The last guard is on eventless transitions only, because the guards may have changed before an event. */
export const guardNames = ["p", "q", "r", "still"] as const

/** A state as it is generated; targets are numbers, which count through all states. */
interface Seed {
  readonly kind: "atomic" | "compound" | "parallel" | "final" | "shallow" | "deep"
  readonly states: ReadonlyArray<Seed>
  readonly moves: ReadonlyArray<Move>
  readonly hasActor: boolean
  readonly hasDelay: boolean
  readonly target: number
  readonly notes: number
}

interface Move {
  readonly on: string
  readonly guard: number
  readonly target: number
  readonly second: number
  readonly reenter: boolean
}

const events = ["go", "stop", "a.b", "a.c", "a.*", "*", "always", "done", "actor", "failed", "after"] as const

const moveOf: fc.Arbitrary<Move> = fc.record({
  on: fc.constantFrom(...events),
  guard: fc.nat(9),
  target: fc.nat(40),
  second: fc.nat(8),
  reenter: fc.boolean()
})

const bareSeed = (kind: fc.Arbitrary<Seed["kind"]>, states: fc.Arbitrary<ReadonlyArray<Seed>>): fc.Arbitrary<Seed> =>
  fc.record({
    kind,
    states,
    moves: fc.array(moveOf, { maxLength: 4 }),
    hasActor: fc.boolean(),
    hasDelay: fc.boolean(),
    target: fc.nat(40),
    notes: fc.nat(5)
  })

const none = fc.constant<ReadonlyArray<Seed>>([])
const leaf = bareSeed(fc.constantFrom("atomic", "atomic", "atomic", "final"), none)
const history = bareSeed(fc.constantFrom("shallow", "deep"), none)

const boxOf = (inner: fc.Arbitrary<Seed>): fc.Arbitrary<Seed> =>
  bareSeed(
    fc.constantFrom("compound", "compound", "parallel"),
    fc
      .tuple(fc.array(inner, { minLength: 1, maxLength: 3 }), fc.array(history, { maxLength: 1 }))
      .map(([a, b]) => [...a, ...b])
  )

const second = fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: boxOf(leaf) })
const third = fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 2, arbitrary: boxOf(second) })

const seeds: fc.Arbitrary<Seed> = boxOf(third)

/** Guards read the names that hold in the run. */
const guards = [undefined, undefined, "p", "q", "r", and(["p", "q"]), or(["q", "r"]), not("p"), { type: "r" }, "q"]

interface Held {
  readonly current: { names: ReadonlySet<string> }
}

/** XState loses a parallel state whose history is entered from inside, so no machine has one. */
const isLost = (box: Seed, { kind }: Seed): boolean =>
  box.kind === "parallel" && (kind === "shallow" || kind === "deep")

/** Every transition has an action with its name, so that XState reports the taken transitions. */
class Builder {
  private readonly ids: Array<string> = []
  private count = 0

  /** For each state inside a parallel state the states of its other regions. */
  private readonly apart = new Map<string, ReadonlyArray<string>>()

  /** Returns the ids of the state and of all states in it. */
  private number(seed: Seed): ReadonlyArray<string> {
    const id = `s${this.ids.length}`
    this.ids.push(id)
    const inner = seed.states.filter((child) => !isLost(seed, child)).map((child) => this.number(child))
    if (seed.kind === "parallel") {
      for (const region of inner) {
        const others = inner.filter((other) => other !== region).flat()
        for (const one of region) this.apart.set(one, [...(this.apart.get(one) ?? []), ...others])
      }
    }
    return [id, ...inner.flat()]
  }

  private at = 0

  build(seed: Seed, { current }: Held): AnyStateMachine {
    this.number(seed)
    const { id: _id, ...root } = this.state(seed, true)
    const named = guardNames.map((name) => [name, () => current.names.has(name)] as const)
    return createMachine({ ...root, id: "s0", options: { maxIterations: 25 } } as Parameters<typeof createMachine>[0], {
      guards: Object.fromEntries(named),
      actors: { work: fromCallback(() => {}) }
    })
  }

  private idAt(wanted: number): string {
    return this.ids[1 + (wanted % (this.ids.length - 1))] ?? "s1"
  }

  /** A state; or that state and one of another region, if both are in one parallel state. */
  private target({ target, second }: Move): string | ReadonlyArray<string> {
    const id = this.idAt(target)
    const others = second === 1 ? (this.apart.get(id) ?? []) : []
    const other = others[target % others.length]
    return other === undefined ? `#${id}` : [`#${id}`, `#${other}`]
  }

  private move(move: Move): object {
    const guard = move.on === "always" ? "still" : guards[move.guard]
    return {
      ...(guard === undefined ? {} : { guard }),
      ...(move.second === 0 ? {} : { target: this.target(move) }),
      actions: `t${this.count++}`,
      ...(move.reenter ? { reenter: true } : {})
    }
  }

  private moves(seed: Seed, on: string): ReadonlyArray<object> {
    return seed.moves.filter((move) => move.on === on).map((move) => this.move(move))
  }

  private some(name: string, moves: ReadonlyArray<object>): object {
    return moves.length === 0 ? {} : { [name]: moves }
  }

  private state(seed: Seed, isRoot: boolean): Record<string, unknown> & { readonly id: string } {
    const id = this.ids[this.at++] ?? ""
    if (seed.kind === "shallow" || seed.kind === "deep") {
      return { id, type: "history", history: seed.kind }
    }
    const own = seed.kind === "final" ? { ...seed, moves: [] } : seed
    const named = ["go", "stop", "a.b", "a.c", "a.*", "*"].map((name) => [name, this.moves(own, name)] as const)
    const forbids = seed.notes === 3 && seed.kind !== "final"
    const always = own.moves.filter(({ on, guard }) => on === "always" && guards[guard] !== undefined)
    const states = seed.states.filter((child) => !isLost(seed, child)).map((child) => this.state(child, false))
    const live = states.filter((child) => child["type"] !== "history")
    for (const child of states) {
      if (child["type"] === "history" && seed.hasDelay) child["target"] = live[seed.notes % live.length]?.id
    }
    return {
      id,
      ...(seed.kind === "compound" ? { initial: live[seed.target % live.length]?.id } : {}),
      ...(seed.kind === "parallel" || seed.kind === "final" ? { type: seed.kind } : {}),
      ...(states.length === 0 ? {} : { states: Object.fromEntries(states.map((child) => [child.id, child])) }),
      on: {
        ...Object.fromEntries(named.filter(([, moves]) => moves.length > 0)),
        ...(forbids ? { stop: undefined } : {})
      },
      ...this.some(
        "always",
        always.map((move) => this.move(move))
      ),
      ...(seed.kind === "compound" || seed.kind === "parallel" ? this.some("onDone", this.moves(own, "done")) : {}),
      ...(own.hasActor && seed.kind !== "final" && !isRoot
        ? {
            invoke: {
              src: "work",
              ...this.some("onDone", this.moves(own, "actor")),
              ...this.some("onError", this.moves(own, "failed"))
            }
          }
        : {}),
      ...(own.hasDelay && seed.kind !== "final" ? this.some("after", []) : {}),
      ...(own.hasDelay && seed.kind !== "final" && this.hasAfter(own)
        ? { after: { 5000: this.moves(own, "after") } }
        : {}),
      ...(seed.notes === 0 ? { entry: `enter ${id}` } : {}),
      ...(seed.notes === 1 ? { exit: `exit ${id}` } : {}),
      ...(seed.notes === 2 ? { tags: [`tag ${id}`] } : {})
    }
  }

  private hasAfter({ moves }: Seed): boolean {
    return moves.some(({ on }) => on === "after")
  }
}

export interface Generated {
  readonly machine: AnyStateMachine
  /** The guards that hold from now on. */
  readonly hold: (names: Iterable<string>) => void
}

export const generatedMachines: fc.Arbitrary<Generated> = seeds.map((seed) => {
  const current: Held["current"] = { names: new Set() }
  const machine = new Builder().build(seed, { current })
  return {
    machine,
    hold: (names: Iterable<string>) => {
      current.names = new Set(names)
    },
    [fc.toStringMethod]: () => JSON.stringify(machine.config)
  }
})

const everyNode = (node: AnyStateNode): ReadonlyArray<AnyStateNode> => [
  node,
  ...Object.values<AnyStateNode>(node.states).flatMap(everyNode)
]

/** Every event that some state names, and some other events. */
export const eventsOf = ({ root }: AnyStateMachine): ReadonlyArray<string> => {
  const named = everyNode(root).flatMap((node) => [...node.transitions.keys()])
  const sent = named.filter((name) => !name.endsWith("*") && !name.startsWith("xstate.done.state."))
  return [...new Set([...sent, "go", "a.x", "other"])]
}

interface Taken {
  readonly snapshot: AnyMachineSnapshot
  /** Names of the transitions that XState took. */
  readonly moves: ReadonlyArray<string>
}

const movesIn = (actions: ReadonlyArray<{ readonly type: string }>): ReadonlyArray<string> =>
  actions.flatMap(({ type }) => (/^t\d+$/.test(type) ? [type] : []))

/** Undefined if the machine would never stop, or XState fails. */
const unlessEndless = (run: () => Taken): Taken | undefined => {
  try {
    const taken = run()
    const { status, value, machine } = taken.snapshot
    return status === "error" || !isPossible(machine.root, value) ? undefined : taken
  } catch (error) {
    if (error instanceof Error && error.message.includes("Infinite loop")) return undefined
    throw error
  }
}

export const begun = ({ machine, hold }: Generated, held: Iterable<string>): Taken | undefined =>
  unlessEndless(() => {
    hold(held)
    const [snapshot, actions] = initialTransition(machine)
    return { snapshot, moves: movesIn(actions) }
  })

export const sent = (
  { machine, hold }: Generated,
  before: AnyMachineSnapshot,
  type: string,
  held: Iterable<string>
): Taken | undefined =>
  unlessEndless(() => {
    // An actor takes no event after the end of its machine.
    if (before.status !== "active") return { snapshot: before, moves: [] }
    hold(held)
    const [snapshot, actions] = transition(machine, before, { type })
    return { snapshot, moves: movesIn(actions) }
  })

const leavesOf = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : Object.entries(value ?? {}).flatMap(([key, inner]) => {
        const found = leavesOf(inner)
        return found.length === 0 ? [key] : found
      })

/** False for a value that no statechart can have: XState has such values after some conflicts of regions over history. */
const isPossible = (node: AnyStateNode, value: unknown): boolean => {
  const keys = typeof value === "string" ? [value] : Object.keys(value ?? {})
  if (node.type === "compound" && keys.length !== 1) return false
  return keys.every((key) => {
    const child = node.states[key]
    const inner: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined
    return child !== undefined && (inner === undefined || isPossible(child, inner))
  })
}

/** Keys of the active states without active inner states. */
export const leavesIn = (snapshot: AnyMachineSnapshot): ReadonlyArray<string> => [...leavesOf(snapshot.value)].sort()
