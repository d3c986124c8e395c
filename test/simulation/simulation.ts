/** Runs the engine in a world of its own, from one seed: the same scenario gives the same trace, byte for byte. */
import { Clock, Context, Effect, Layer } from "effect"
import { isLinearizable } from "../../src/conformance/histories/linearizable.ts"
import { storeLayer } from "../../src/store/makeStore.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { Store } from "../../src/store/store.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { verifyStore } from "../../src/verification/verify.ts"
import { lastReads, readKey } from "./actions.ts"
import { makeCast } from "./cast.ts"
import type { Cast, Findings, Stage } from "./cast.ts"
import { act, client } from "./clients.ts"
import { makeNode } from "./node.ts"
import type { Register } from "./registers.ts"
import type { Scenario } from "./scenario.ts"
import { clearUp, trouble } from "./trouble.ts"
import { makeWatcher } from "./watcher.ts"
import type { Watcher } from "./watcher.ts"
import { makeWorld, Stuck } from "./world.ts"
import type { World } from "./world.ts"

export interface Outcome {
  readonly violations: ReadonlyArray<string>
  readonly trace: ReadonlyArray<string>
  /** How often each thing was met: answers, events, faults, conflicts, failpoints. */
  readonly coverage: ReadonlyMap<string, number>
  /** Simulated time multiplied by the number of keys, years. */
  readonly keyYears: number
}

const yearMillis = 365.25 * 86_400_000

/** How likely a node crashes at a step of a durable write or of a use, while failpoints are on. */
const crashChance = 0.01

/** After the faults have stopped, everything that is due is done within this time, milliseconds. */
const settleMillis = 120_000

const historyOf = ({ name, first, operations }: Register): string =>
  [
    `${name}, at first ${first}:`,
    ...operations
      .toSorted((left, right) => left.began - right.began)
      .map(({ began, ended, says }) => `  ${began} to ${ended}: ${says}`)
  ].join("\n")

const registersOf = ({ keys, alias, policy, accessKey }: Cast): ReadonlyArray<Register> => [
  ...keys.map(({ state }) => state),
  alias,
  policy,
  accessKey
]

const judgeHistories = (cast: Cast): void => {
  for (const register of registersOf(cast)) {
    if (!isLinearizable(register.operations, register.first)) {
      cast.violations.push(`the history is not linearizable: ${historyOf(register)}`)
    }
  }
}

/** An acknowledged change of a key has one event and one line in the audit log. A refused one has no event. */
const judgeJournals = (cast: Cast, { eventsOf, linesOf }: Watcher): void => {
  for (const [requestId, outcome] of cast.changes) {
    const wanted = outcome === "acknowledged" ? 1 : 0
    const [events, lines] = [eventsOf(requestId), linesOf(requestId)]
    if (events !== wanted) cast.violations.push(`the ${outcome} change ${requestId} has ${events} events`)
    if (wanted === 1 && lines !== 1)
      cast.violations.push(`the acknowledged change ${requestId} has ${lines} audit lines`)
  }
}

const judgeSecrets = (cast: Cast, { written }: Watcher): void => {
  const texts = [written(), cast.world.trace.join("\n")]
  for (const [name, bytes] of cast.secrets) {
    const buffer = Buffer.from(bytes)
    const forms = [buffer.toString("hex"), buffer.toString("base64"), buffer.toString("latin1")]
    if (forms.some((form) => texts.some((text) => text.includes(form)))) {
      cast.violations.push(`${name} was written in plaintext`)
    }
  }
}

const judgeStore = Effect.fnUntraced(function* (cast: Cast, shared: StoreDriver) {
  const built = yield* Layer.build(storeLayer.pipe(Layer.provide(Layer.succeed(Driver, shared))))
  const store = Context.get(built, Store)
  const { findings } = yield* Effect.provide(verifyStore(), built)
  for (const { keyId, finding } of findings) cast.violations.push(`verify finds: ${keyId ?? "the store"}: ${finding}`)
  for (const { keyId } of yield* Effect.orDie(store.owed)) cast.violations.push(`key ${keyId} still owes work`)
  if (cast.scenario.clock === "virtual") return
  const clock = yield* Clock.Clock
  const due = yield* Effect.orDie(store.due({ until: clock.currentTimeMillisUnsafe() - settleMillis, limit: 100 }))
  for (const { keyId, kind } of due) cast.violations.push(`${kind} of key ${keyId} was not carried out`)
}, Effect.scoped)

/** Every register is read once more on every node. */
const readAll = Effect.fnUntraced(function* (cast: Cast) {
  for (const node of cast.nodes) {
    for (const key of cast.keys) yield* act(cast, node, readKey(key))
    for (const draw of lastReads) {
      const action = draw(cast)
      if (action !== undefined) yield* act(cast, node, action)
    }
  }
})

const play = Effect.fnUntraced(function* (stage: Stage, shared: StoreDriver, watcher: Watcher, flags: Flags) {
  for (const node of stage.nodes) yield* node.start
  const cast = yield* makeCast(stage)
  flags.isTroubled = true
  const clients = Effect.all(
    Array.from({ length: stage.scenario.clients }, () => client(cast)),
    { concurrency: "unbounded", discard: true }
  )
  yield* Effect.raceFirst(clients, trouble(stage))
  flags.isTroubled = false
  yield* clearUp(stage)
  yield* Effect.sleep(settleMillis)
  yield* readAll(cast)
  yield* Effect.sleep(1000)
  for (const node of stage.nodes) node.crash("at the end")
  yield* judgeStore(cast, shared)
  judgeHistories(cast)
  judgeJournals(cast, watcher)
  judgeSecrets(cast, watcher)
})

interface Flags {
  isTroubled: boolean
}

const crashesAt =
  (world: World, { faults }: Scenario, { coverage }: Findings, flags: Flags) =>
  (step: string) => {
    const name = `failpoint ${step}`
    coverage.set(name, (coverage.get(name) ?? 0) + 1)
    return flags.isTroubled && faults.includes("failpoint") && world.random() < crashChance
  }

const nodeNames = ["A", "B", "C"]

export const simulate = (scenario: Scenario): Outcome => {
  const world = makeWorld(scenario.seed)
  const findings: Findings = { secrets: new Map(), changes: new Map(), violations: [], coverage: new Map() }
  const watcher = makeWatcher(world, findings, scenario.clock)
  const home = world.machine("home")
  const flags: Flags = { isTroubled: false }
  const beganAt = world.now()
  try {
    const shared = world.run(home, sharedMemoryDriver)
    const nodes = nodeNames.slice(0, scenario.nodes).map((name) =>
      makeNode(world, name, {
        shared,
        isProven: scenario.isProven && scenario.nodes > 1,
        clock: scenario.clock,
        seed: scenario.seed,
        onCommit: watcher.onCommit,
        crashesAt: crashesAt(world, scenario, findings, flags),
        onBroken: (why) => findings.violations.push(why)
      })
    )
    const counters = { tick: 0, requests: 0, calls: 0 }
    world.run(home, play({ ...findings, world, scenario, nodes, counters }, shared, watcher, flags))
  } catch (failure) {
    const why = failure instanceof Stuck ? failure.message : `the run broke: ${String(failure)}`
    findings.violations.push(why)
  }
  const years = (world.now() - beganAt) / yearMillis
  return {
    violations: findings.violations,
    trace: world.trace,
    coverage: findings.coverage,
    keyYears: years * (scenario.keys + 3)
  }
}
