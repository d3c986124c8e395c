/** Runs operations at the same time in every order in which the engine lets them continue, each in a separate world. */
import { Effect } from "effect"
import type { SharedAbility, StoreDriver } from "../../../src/store/driver.ts"
import type { TableName } from "../../../src/records/storedRows.ts"
import { sharedMemoryDriver } from "../../../src/store/memory/memoryStore.ts"
import { certainMoves, moves } from "../actions.ts"
import { makeCast } from "../cast.ts"
import type { Cast, Findings } from "../cast.ts"
import { act, sendSigned } from "../clients.ts"
import type { Fate, Way } from "../connection.ts"
import { judgeHistories, judgeJournals, judgeSecrets, judgeStore, readAll, settleMillis } from "../judges.ts"
import { makeNode } from "../node.ts"
import type { Node } from "../node.ts"
import type { Activity, Scenario } from "../scenario.ts"
import { makeWatcher } from "../watcher.ts"
import type { Watcher } from "../watcher.ts"
import { makeWorld, Stuck } from "../world.ts"
import type { Ready, Schedule, World } from "../world.ts"
import { walk } from "./enumeration.ts"
import { cellOf, cellsOf, everything, wholeOf } from "./cells.ts"
import type { Cells } from "./cells.ts"
import type { Footprint, Path } from "./enumeration.ts"

const table = { ...moves, ...certainMoves }

export type OperationName = keyof typeof table | "signedRequest"
export const operationNames: ReadonlyArray<OperationName> = [
  ...Object.keys(table).filter((name): name is keyof typeof table => name in table),
  "signedRequest"
]

/** The setting of the operations: one engine on its own memory, or engines that share a store and need proof. */
export const settings = {
  memory: { nodes: 1, isProven: false },
  shared: { nodes: 1, isProven: true },
  nodes: { nodes: 2, isProven: true },
  threeNodes: { nodes: 3, isProven: true }
} as const
export type SettingName = keyof typeof settings

export interface Meeting {
  readonly setting: SettingName
  readonly sort: "own" | "external"
  /** The operations on the key before the simultaneous ones. */
  readonly before: ReadonlyArray<OperationName>
  readonly operations: ReadonlyArray<OperationName>
  /** How many commits of a run may fail, or be performed without an answer. */
  readonly failures: number
}

export interface Interleaved {
  readonly paths: number
  readonly isComplete: boolean
  /** Of the first path that breaks a law, with its trace. */
  readonly violations: ReadonlyArray<string>
  readonly trace: ReadonlyArray<string>
}

const home = "home"

/** The order of the run: the first ready task until the simultaneous operations, then each in turn. */
interface Order {
  path: Path | undefined
  failuresLeft: number
  /** How many tasks were made before the simultaneous operations. */
  made: number
}

/** A client compares its answer with what is durable, and the time with the next deadline. */
const compared: ReadonlyArray<TableName> = ["keys", "events", "deadlines", "meta"]

const observe = (order: Order, what: "calls" | "answers"): void => {
  const did = order.path?.running()
  if (did === undefined) return
  did[what] = true
  for (const table of compared) did.reads.add(wholeOf(table))
}

/** A node that reports when a client calls it and when it answers. */
const observed = (node: Node, order: Order): Node => {
  const told = <A>(call: Effect.Effect<A>): Effect.Effect<A> =>
    Effect.sync(() => observe(order, "calls")).pipe(
      Effect.andThen(call),
      Effect.tap(() => Effect.sync(() => observe(order, "answers")))
    )
  return { ...node, ask: (call) => told(node.ask(call)), send: (request) => told(node.send(request)) }
}

/** Clients act at once. */
const nextOf =
  (order: Order) =>
  (ready: ReadonlyArray<Ready>): number => {
    const client = ready.findIndex(({ machine }) => machine === home)
    return client < 0 ? (order.path?.step(ready) ?? 0) : client
  }

const scheduleOf = (order: Order): Schedule => ({
  next: nextOf(order),
  isSlow: () => false,
  yields: () => false,
  nameOf: (maker, nth) => order.path?.nameOf(maker, nth) ?? `before ${order.made++}`
})

const fates: readonly [Fate, Fate, Fate] = ["answered", "away", "lost"]

/** Commits share the remaining failures, as they share the store. */
const fateIn = (order: Order): Fate => {
  if (order.path === undefined || order.failuresLeft === 0) return "answered"
  order.path.running()?.writes.add("failures/left")
  const fate = fates[order.path.way(fates.length)] ?? "answered"
  if (fate !== "answered") order.failuresLeft--
  return fate
}

/**
 * A step in which a call arrives at the store and its answer leaves uses no memory of the engine. One in which it fails
 * continues with the engine, and an interrupted call may or may not have arrived.
 */
const wayIn = (order: Order): Way => {
  const arrived = new Set<Footprint>()
  const here = (then: (did: Footprint) => void) =>
    Effect.sync(() => {
      const did = order.path?.running()
      if (did !== undefined) then(did)
    })
  return {
    out: Effect.yieldNow.pipe(
      Effect.onInterrupt(() => here((did) => did.writes.add(everything))),
      Effect.andThen(here((did) => arrived.add(did)))
    ),
    back: Effect.andThen(
      here((did) => {
        if (arrived.has(did)) did.usesMemory = false
      }),
      Effect.yieldNow
    ),
    fateOf: () => fateIn(order)
  }
}

type Noting = <A, E>(cells: Cells, call: Effect.Effect<A, E>) => Effect.Effect<A, E>

/** The store, which reports the effect of each step on it. */
const noted = (shared: StoreDriver, order: Order): StoreDriver => {
  const noting: Noting = (cells, call) =>
    Effect.suspend(() => {
      const did = order.path?.running()
      for (const cell of cells.reads ?? []) did?.reads.add(cell)
      for (const cell of cells.writes ?? []) did?.writes.add(cell)
      return call
    })
  const ability = shared.abilities?.shared
  return {
    get: (table, id) => noting({ reads: [cellOf(table, id)] }, shared.get(table, id)),
    scan: (scan) => noting({ reads: [wholeOf(scan.table)] }, shared.scan(scan)),
    count: (range) => noting({ reads: [wholeOf(range.table)] }, shared.count(range)),
    commit: (plan) => noting(cellsOf(plan), shared.commit(plan)),
    ...(ability === undefined ? {} : { abilities: { shared: notedAbility(ability, noting) } })
  }
}

/** A proof consumes nonces. */
const notedAbility = ({ claimDue, nodes, prove }: SharedAbility, noting: Noting): SharedAbility => ({
  prove: (question) =>
    noting(
      {
        reads: question.rows.map(({ table, id }) => cellOf(table, id)),
        writes: question.nonces.map(({ fingerprint }) => `nonces/${fingerprint}`)
      },
      prove(question)
    ),
  claimDue: (claim) => noting({ reads: [wholeOf("deadlines")], writes: ["claims/*"] }, claimDue(claim)),
  nodes: {
    announce: (node) => noting({ writes: ["nodes/*"] }, nodes.announce(node)),
    withdraw: (id) => noting({ writes: ["nodes/*"] }, nodes.withdraw(id)),
    list: noting({ reads: ["nodes/*"] }, nodes.list)
  }
})

const scenarioOf = ({ setting, sort }: Meeting): Scenario => {
  const activities: ReadonlyArray<Activity> = sort === "external" ? ["material"] : ["switching"]
  const { isProven, nodes } = settings[setting]
  return { seed: 1, nodes, clients: 0, calls: 0, keys: 1, years: 0, clock: "virtual", faults: [], activities, isProven }
}

const perform = (cast: Cast, node: Node, name: OperationName): Effect.Effect<void> => {
  if (name === "signedRequest") return sendSigned(cast, [node])
  const action = table[name](cast)
  if (action === undefined) return Effect.die(new Error(`${name} is not for this key`))
  return Effect.asVoid(act(cast, node, action))
}

/** Begins when the schedule chooses the step, which belongs to the called node. */
const whenChosen = ({ world }: Cast, gate: string, work: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.andThen(
    Effect.callback<void>((resume) => {
      world
        .machine(gate)
        .start(Effect.yieldNow)
        .addObserver(() => resume(Effect.void))
    }),
    work
  )

const play = Effect.fnUntraced(function* (cast: Cast, meeting: Meeting, meet: (isMeeting: boolean) => void) {
  const [first] = cast.nodes
  if (first === undefined) return
  for (const name of meeting.before) yield* perform(cast, first, name)
  const nodeAt = (at: number): Node => cast.nodes[at % cast.nodes.length] ?? first
  const works = meeting.operations.map((name, at) =>
    whenChosen(cast, `${nodeAt(at).name} gate ${at}`, perform(cast, nodeAt(at), name))
  )
  meet(true)
  yield* Effect.all(works, { concurrency: "unbounded", discard: true })
  meet(false)
  if (meeting.failures > 0) yield* Effect.sleep(settleMillis)
  yield* readAll(cast)
  for (const node of cast.nodes) node.crash("at the end")
})

interface Parts {
  readonly world: World
  readonly findings: Findings
  readonly watcher: Watcher
  readonly order: Order
}

const setUp = ({ world, findings, watcher, order }: Parts, meeting: Meeting) => {
  const machine = world.machine(home)
  const shared = noted(world.run(machine, sharedMemoryDriver), order)
  const scenario = scenarioOf(meeting)
  const nodes = ["A", "B", "C"].slice(0, scenario.nodes).map((name) =>
    makeNode(world, name, {
      shared,
      isProven: scenario.isProven,
      clock: scenario.clock,
      seed: scenario.seed,
      onCommit: watcher.onCommit,
      crashesAt: () => false,
      onBroken: (why) => findings.violations.push(why),
      way: wayIn(order)
    })
  )
  return { machine, shared, scenario, nodes }
}

/** One path in a new world, so that the same choices lead to the same run. */
const runOnce = (meeting: Meeting, path: Path): Pick<Interleaved, "violations" | "trace"> => {
  const order: Order = { path: undefined, failuresLeft: meeting.failures, made: 0 }
  const world = makeWorld(1, scheduleOf(order))
  const findings: Findings = { secrets: new Map(), changes: new Map(), violations: [], coverage: new Map() }
  const watcher = makeWatcher(world, findings, "virtual")
  const { machine, shared, scenario, nodes } = setUp({ world, findings, watcher, order }, meeting)
  const run = Effect.gen(function* () {
    for (const node of nodes) yield* node.start
    const counters = { tick: 0, requests: 0, calls: 0 }
    const cast = yield* makeCast({
      ...findings,
      world,
      scenario,
      nodes: nodes.map((node) => observed(node, order)),
      counters,
      durable: watcher
    })
    yield* play(cast, meeting, (isMeeting) => {
      order.path = isMeeting ? path : undefined
    })
    yield* judgeStore(cast, shared, Number.NEGATIVE_INFINITY)
    judgeHistories(cast)
    judgeJournals(cast, watcher)
    judgeSecrets(cast, watcher)
  })
  try {
    world.run(machine, run)
  } catch (failure) {
    if (!(failure instanceof Stuck)) throw failure
    findings.violations.push(failure.message)
  }
  return { violations: findings.violations, trace: world.trace }
}

/** Tries every order until one breaks a law. */
export const interleave = (meeting: Meeting, pathsMax?: number): Interleaved => {
  let found: Pick<Interleaved, "violations" | "trace"> = { violations: [], trace: [] }
  const walked = walk((path) => {
    const outcome = runOnce(meeting, path)
    if (outcome.violations.length > 0) found = outcome
    return outcome.violations.length === 0
  }, pathsMax)
  return { ...walked, ...found }
}
