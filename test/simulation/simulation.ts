/** Runs the engine in a separate world, from one seed: the same scenario gives the same trace, byte for byte. */
import { Effect } from "effect"
import type { StoreDriver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { live } from "./ages.ts"
import { makeCast } from "./cast.ts"
import type { Findings, Stage } from "./cast.ts"
import { judgeHistories, judgeJournals, judgeSecrets, judgeStore, readAll, settleMillis } from "./judges.ts"
import { makeNode } from "./node.ts"
import type { Node } from "./node.ts"
import type { Scenario } from "./scenario.ts"
import { clearUp, moveOn, trouble } from "./trouble.ts"
import { makeWatcher } from "./watcher.ts"
import type { Watcher } from "./watcher.ts"
import { makeWorld, Stuck } from "./world.ts"
import type { World } from "./world.ts"

export interface Outcome {
  readonly violations: ReadonlyArray<string>
  readonly trace: ReadonlyArray<string>
  /** The number of occurrences of answers, events, faults, conflicts and failpoints. */
  readonly coverage: ReadonlyMap<string, number>
  /** How long all keys lived together by the lifecycle clock, years: from their creation to their deletion or the end. */
  readonly keyYears: number
}

const yearMillis = 365.25 * 86_400_000

/** The probability that a node crashes at a step of a durable write or of a use, while failpoints are on. */
const crashChance = 0.01

const play = Effect.fnUntraced(function* (stage: Stage, shared: StoreDriver, watcher: Watcher, flags: Flags) {
  const { scenario, world } = stage
  for (const node of stage.nodes) yield* node.start
  const cast = yield* makeCast(stage)
  flags.isTroubled = true
  yield* Effect.raceFirst(live(cast), trouble(stage))
  flags.isTroubled = false
  yield* clearUp(stage)
  yield* moveOn(stage)
  const clearedUpAt = scenario.clock === "real" ? world.now() : watcher.clockTime()
  yield* Effect.sleep(settleMillis)
  yield* readAll(cast)
  yield* Effect.sleep(1000)
  for (const node of stage.nodes) node.crash("at the end")
  yield* judgeStore(cast, shared, clearedUpAt)
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

/** Whether every deadline must be performed at its own time: people move the clock, and nothing fails. */
const isPunctual = ({ clock, faults }: Scenario): boolean => clock === "virtual" && faults.length === 0

/** A node that reports while a client moves the clock. */
const reporting = (node: Node, { moves }: Watcher): Node => ({
  ...node,
  ask: (call) => {
    if (!call.operation.startsWith("AdvanceClock")) return node.ask(call)
    return Effect.sync(() => moves(1)).pipe(
      Effect.andThen(node.ask(call)),
      Effect.ensuring(Effect.sync(() => moves(-1)))
    )
  }
})

const nodeNames = ["A", "B", "C"]

export const simulate = (scenario: Scenario): Outcome => {
  const world = makeWorld(scenario.seed)
  const findings: Findings = { secrets: new Map(), changes: new Map(), violations: [], coverage: new Map() }
  const watcher = makeWatcher(world, findings, scenario.clock, isPunctual(scenario))
  const home = world.machine("home")
  const flags: Flags = { isTroubled: false }
  try {
    const shared = world.run(home, sharedMemoryDriver)
    const nodes = nodeNames.slice(0, scenario.nodes).map((name) => {
      const node = makeNode(world, name, {
        shared,
        isProven: scenario.isProven && scenario.nodes > 1,
        clock: scenario.clock,
        seed: scenario.seed,
        onCommit: watcher.onCommit,
        crashesAt: crashesAt(world, scenario, findings, flags),
        onBroken: (why) => findings.violations.push(why)
      })
      return reporting(node, watcher)
    })
    const counters = { tick: 0, requests: 0, calls: 0 }
    world.run(home, play({ ...findings, world, scenario, nodes, counters, durable: watcher }, shared, watcher, flags))
  } catch (failure) {
    const why = failure instanceof Stuck ? failure.message : `the run broke: ${String(failure)}`
    findings.violations.push(why)
  }
  return {
    violations: findings.violations,
    trace: world.trace,
    coverage: findings.coverage,
    keyYears: watcher.ledger.livedUntil(watcher.clockTime()) / yearMillis
  }
}
