/** One round: clients call several nodes at the same time, and the answers of each register become a history. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { isLinearizable } from "../../src/conformance/histories/linearizable.ts"
import type { Operation } from "../../src/conformance/histories/linearizable.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import type { Finding } from "../../src/verification/verify.ts"
import type { Door } from "./door.ts"
import { doorOf, openNode } from "./nodes.ts"
import type { Node } from "./nodes.ts"
import { furnish } from "./registers.ts"
import type { Register } from "./registers.ts"
import { numbersFrom } from "./weather.ts"
import type { Fault, Weather } from "./weather.ts"

export interface Round {
  readonly seed: number
  readonly nodes: number
  readonly fault: Fault
  /** Whether the nodes ask for proof. Without it they are the control: many of their histories are wrong. */
  readonly isProven: boolean
  readonly operationsPerRegister: number
  readonly clients: number
}

export interface History {
  readonly register: string
  readonly first: string
  readonly operations: ReadonlyArray<Operation<string>>
}

/** Clients that send random operations through doors, and the answers that they got. */
export interface Course {
  readonly doors: ReadonlyArray<Door>
  readonly random: () => number
  readonly records: Map<Register, Array<Operation<string>>>
  readonly operationsMax: number
  /** How long a client waits after an operation, by whether the answer was known. */
  readonly rest: (isTold: boolean) => Effect.Effect<void>
  /** A counter that increases at the start and end of each operation: the clock of the histories. */
  tick: number
}

const never = Number.POSITIVE_INFINITY

/** With more unanswered writes, nearly every history would be valid. */
const unknownMax = 12

const unknownIn = (operations: ReadonlyArray<Operation<string>>): number =>
  operations.filter(({ ended }) => ended === never).length

/** Whether the answer says something certain about the register. */
const operateOnce = Effect.fnUntraced(function* (course: Course, register: Register) {
  const { doors, random, records } = course
  const record = records.get(register) ?? []
  const attempt = register.draw(random, unknownIn(record) >= unknownMax)
  const door = doors[Math.floor(random() * doors.length)]
  if (door === undefined) throw new Error("there are nodes")
  const began = course.tick++
  const told = yield* attempt.run(door)
  const ended = course.tick++
  if (told === undefined) return false
  const says = `${attempt.says} on ${door.name}`
  if (told !== "unknown") record.push({ began, ended, says, ...told })
  else if (attempt.wanted !== undefined) {
    record.push({ began, ended: never, says: `${says}?`, leaves: { state: attempt.wanted } })
  }
  return told !== "unknown"
})

const client = (course: Course): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      const open = [...course.records].filter(([, { length }]) => length < course.operationsMax)
      const chosen = open[Math.floor(course.random() * open.length)]
      if (chosen === undefined) return
      yield* course.rest(yield* operateOnce(course, chosen[0]))
    }
  })

export interface Clients {
  readonly doors: ReadonlyArray<Door>
  readonly registers: ReadonlyArray<Register>
  readonly random: () => number
  readonly operationsPerRegister: number
  readonly clients: number
  readonly rest?: Course["rest"]
}

/** Runs clients until each register has its operations, while the endless effect `trouble` breaks things. */
export const playClients = (
  { clients, doors, operationsPerRegister, random, registers, rest = () => Effect.void }: Clients,
  trouble: Effect.Effect<void>
): Effect.Effect<ReadonlyArray<History>> =>
  Effect.gen(function* () {
    const records = new Map(registers.map((register) => [register, new Array<Operation<string>>()]))
    const course: Course = { doors, random, records, operationsMax: operationsPerRegister, rest, tick: 0 }
    const all = Effect.all(
      Array.from({ length: clients }, () => client(course)),
      { concurrency: "unbounded", discard: true }
    )
    yield* Effect.raceFirst(all, Effect.andThen(trouble, Effect.never))
    return [...records].map(([{ first, name }, operations]) => ({ register: name, first, operations }))
  })

const someYields = (random: () => number, most: number) =>
  Effect.forEach(Array.from({ length: Math.floor(random() * most) }), () => Effect.yieldNow, { discard: true })

const clearUp = ({ goOn, setAway, setLost }: Weather) =>
  Effect.andThen(
    Effect.sync(() => {
      setAway(false)
      setLost(0)
    }),
    goOn
  )

/** Breaks one node after another until its interruption. */
const trouble = (nodes: ReadonlyArray<Node>, random: () => number, fault: Fault): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (fault === "none") return
    for (;;) {
      const node = nodes[Math.floor(random() * nodes.length)]
      if (node === undefined) return
      const { pause, setAway, setLost } = node.weather
      if (fault === "pause") yield* pause
      if (fault === "away") setAway(true)
      if (fault === "lost") setLost(0.3)
      yield* someYields(random, 400)
      yield* clearUp(node.weather)
      yield* someYields(random, 400)
    }
  })

export interface Played {
  /** One for each register. */
  readonly histories: ReadonlyArray<History>
  /** The faults of the store afterwards. */
  readonly findings: ReadonlyArray<Finding>
}

/** Makes an empty store, and returns a function that opens a separate handle for an engine. */
export type MakeStore = Effect.Effect<Effect.Effect<StoreDriver, unknown, Scope.Scope>, unknown, Scope.Scope>

/** One memory, which all engines share. */
const inMemory: MakeStore = Effect.map(sharedMemoryDriver, (driver) => Effect.succeed(driver))

export const playRound = (round: Round, makeStore = inMemory): Effect.Effect<Played, unknown> =>
  Effect.gen(function* () {
    const random = numbersFrom(round.seed)
    const openHandle = yield* makeStore
    const opening = { random, isProven: round.isProven }
    const first = yield* openNode(yield* openHandle, "A", opening)
    const registers = yield* furnish(doorOf(first), "1")
    const nodes = [first]
    for (const name of ["B", "C"].slice(0, round.nodes - 1)) {
      nodes.push(yield* openNode(yield* openHandle, name, opening))
    }
    const { clients, fault, operationsPerRegister } = round
    const histories = yield* playClients(
      { doors: nodes.map(doorOf), registers, random, operationsPerRegister, clients },
      trouble(nodes, random, fault)
    )
    for (const { weather } of nodes) yield* clearUp(weather)
    return { histories, findings: yield* first.findings }
  }).pipe(Effect.scoped)

export const isSound = ({ operations, first }: History): boolean => isLinearizable(operations, first)

/** The operations of a history in the order of their starts. */
export const historyText = ({ register, first, operations }: History): string =>
  [
    `${register}, at first ${first}`,
    ...operations
      .toSorted((left, right) => left.began - right.began)
      .map(({ began, ended, says, leaves, when }) => {
        const answer = leaves === undefined ? "reads" : `leaves ${leaves.state}`
        const states = ["Enabled", "Disabled", "attached", "detached", "Active", "Inactive", first, "none"]
        const seen = when === undefined ? "" : ` if ${[...new Set(states)].filter((state) => when(state)).join(" or ")}`
        return `  ${began} to ${ended}: ${says} ${answer}${seen}`
      })
  ].join("\n")
