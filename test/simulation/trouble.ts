/** The faults during a run, one after another, and their end. */
import { Effect } from "effect"
import { cover, newRequestId } from "./cast.ts"
import type { Stage } from "./cast.ts"
import { root } from "./node.ts"
import type { Answer, Node } from "./node.ts"
import type { Fault } from "./scenario.ts"

const dayMillis = 86_400_000
const hourMillis = 3_600_000

/** How long a fault lasts and how long the next one waits, milliseconds at most. */
const lastsMax = 400
const restsMax = 120

const restart = (node: Node): Effect.Effect<void> => (node.isUp() ? Effect.void : node.start)

/** The share of outages in which the machines are off too, for an unknown time. */
const offShare = 0.3
/** How long an outage may be. */
const outageDaysMax = 20

/** How often an outage ends close to the next deadline, and how close, milliseconds. */
const closeShare = 0.5
const closeMax = 2000

/** Chance chooses days, or a time just before or after the next deadline. */
const outageMillis = ({ durable, world }: Stage): number => {
  const days = world.random() * outageDaysMax * dayMillis
  const dueAt = durable.nextDue(world.now() + closeMax)
  if (dueAt === undefined || world.random() > closeShare) return days
  return dueAt - world.now() + (world.random() * 2 - 1) * closeMax
}

/** All nodes are off for a time. */
export const turnOff = (stage: Stage, millis: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { nodes, scenario, world } = stage
    for (const node of nodes) node.crash("with all others")
    world.pass(millis)
    if (world.random() < offShare) for (const node of nodes) if (world.random() < 0.7) node.reboot()
    const started = Effect.forEach(nodes, restart, { concurrency: "unbounded", discard: true })
    return scenario.clock === "virtual" ? started : Effect.andThen(started, decideOnClock(stage))
  })

type Break = (stage: Stage, node: Node, lasting: Effect.Effect<void>) => Effect.Effect<void>

const onConnection =
  (begin: (connection: NonNullable<ReturnType<Node["connection"]>>) => () => void): Break =>
  (_stage, node, lasting) =>
    Effect.suspend(() => {
      const connection = node.connection()
      if (connection === undefined) return Effect.void
      const end = begin(connection)
      return Effect.andThen(lasting, Effect.sync(end))
    })

export const askRoot = (stage: Stage, node: Node, operation: string, parameters = {}): Effect.Effect<Answer> =>
  node.ask({ operation, parameters, caller: root, requestId: newRequestId(stage) })

const isDoubted = ({ reply }: Answer): boolean => reply?.["Doubt"] !== undefined

/** A person who finds the clock in doubt confirms it on one node. No node may be in doubt from then on. */
const decideOnClock = Effect.fnUntraced(function* (stage: Stage) {
  const { nodes, violations, world } = stage
  const one = world.pick(nodes)
  if (!isDoubted(yield* askRoot(stage, one, "ShowClock"))) return
  cover(stage, "clock in doubt")
  const { code } = yield* askRoot(stage, one, "ConfirmClock")
  if (code !== "Success") return
  cover(stage, "clock confirmed")
  for (const node of nodes) {
    if (isDoubted(yield* askRoot(stage, node, "ShowClock"))) {
      violations.push(`${node.name} is in doubt about the clock after it was confirmed on ${one.name}`)
    }
  }
})

const breaks: Readonly<Record<Exclude<Fault, "failpoint">, Break>> = {
  crash: (_stage, node, lasting) =>
    Effect.suspend(() => {
      node.crash("by itself")
      return Effect.andThen(lasting, restart(node))
    }),
  pause: (_stage, node, lasting) =>
    Effect.suspend(() => {
      const machine = node.machine()
      machine?.pause()
      return Effect.andThen(
        lasting,
        Effect.sync(() => machine?.goOn())
      )
    }),
  away: onConnection(({ setAway }) => {
    setAway(true)
    return () => setAway(false)
  }),
  lost: onConnection(({ setLost }) => {
    setLost(0.4)
    return () => setLost(0)
  }),
  refused: onConnection(({ setRefused }) => {
    setRefused(0.5)
    return () => setRefused(0)
  }),
  slow: onConnection(({ setDelay }) => {
    setDelay(300)
    return () => setDelay(3)
  }),
  jump: ({ world }, node) => Effect.sync(() => node.machine()?.jump((world.random() * 2 - 1) * hourMillis)),
  outage: (stage) => Effect.suspend(() => turnOff(stage, outageMillis(stage)))
}

/** A single engine uses its machine's clock. After a jump of it a person must decide, so a jump is a fault only for several engines. */
const isPossible = ({ nodes }: Stage, fault: Fault): boolean => fault !== "jump" || nodes.length > 1

/** Breaks one node after another until its interruption. A node that crashed at a failpoint is started again. */
export const trouble = (stage: Stage): Effect.Effect<never> =>
  Effect.gen(function* () {
    const { nodes, scenario, world } = stage
    const faults = scenario.faults.filter((fault) => isPossible(stage, fault))
    for (;;) {
      yield* Effect.sleep(world.random() * restsMax)
      for (const node of nodes) yield* restart(node)
      if (faults.length === 0) continue
      const fault = world.pick(faults)
      if (fault === "failpoint") continue
      const node = world.pick(nodes)
      world.note(`${node.name} has trouble: ${fault}`)
      cover(stage, `fault ${fault}`)
      yield* breaks[fault](stage, node, Effect.sleep(world.random() * lastsMax))
    }
  })

/** A node whose earlier move was not answered learns of it by the first call, and moves the clock by the second. */
const movesMax = 2

/** A virtual clock stands still. What failed before is due again when it moves, and must then be performed. */
export const moveOn = Effect.fnUntraced(function* (stage: Stage) {
  const { nodes, scenario, violations, world } = stage
  if (scenario.clock === "real") return
  const node = world.pick(nodes)
  let code = ""
  for (let moves = 0; moves < movesMax && code !== "Success"; moves++) {
    code = (yield* askRoot(stage, node, "AdvanceClock", { By: "1h" })).code
  }
  if (code !== "Success") violations.push(`AdvanceClock was answered with ${code} after all faults had ended`)
})

/** Ends all faults: every node runs and reaches the store, and no doubt about the clock is left. */
export const clearUp = Effect.fnUntraced(function* (stage: Stage) {
  const { nodes } = stage
  for (const node of nodes) {
    node.machine()?.goOn()
    node.connection()?.setAway(false)
    node.connection()?.setLost(0)
    node.connection()?.setRefused(0)
    node.connection()?.setDelay(3)
  }
  while (nodes.some((node) => !node.isUp())) {
    for (const node of nodes) yield* restart(node)
    yield* Effect.sleep(1)
  }
  if (stage.scenario.clock === "real") yield* decideOnClock(stage)
})
