/** One node of the simulated service: it starts, answers, crashes and restarts, over a store that all nodes share. */
import { Cause, Effect, Exit, Layer, Scope } from "effect"
import { optionsOf } from "../../src/index.ts"
import type { Caller } from "../../src/authorization/caller.ts"
import { randomnessSeeded } from "../../src/crypto/native/randomness.ts"
import { engineLayer } from "../../src/main.ts"
import { Metrics } from "../../src/monitoring/metrics.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import { Failpoints } from "../../src/platform/services.ts"
import { Dispatch } from "../../src/requests/dispatch.ts"
import { Pipeline } from "../../src/server/pipeline.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { Uptime } from "../../src/timers/uptime.ts"
import { codeOf, realm, rootAccessKey } from "../histories/nodes.ts"
import type { Signed } from "../histories/nodes.ts"
import { connect } from "./connection.ts"
import type { Connection, OnCommit, Way } from "./connection.ts"
import { simulatedProvider } from "./provider.ts"
import type { Machine, World } from "./world.ts"

export const root: Caller = { kind: "root", account: realm.account }

/** A client's result of a call. `unknown`: the node crashed, or does not know the outcome in the store. */
export type Answer =
  | { readonly code: "Success"; readonly reply: Readonly<Record<string, unknown>> }
  | { readonly code: string; readonly reply: undefined }

export interface Call {
  readonly operation: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly requestId: string
  /** The API of the operation; KMS if absent. */
  readonly api?: "ram" | undefined
}

interface Engine {
  readonly dispatch: Dispatch["Service"]
  readonly pipeline: Pipeline["Service"]
}

/** A process of the node, from its start to its crash. */
interface Process extends Opened {
  /** Undefined while it starts. */
  engine: Engine | undefined
  /** Called when the process ends: for clients that wait for an answer or for the start. */
  readonly waiting: Set<() => void>
}

export interface Node {
  readonly name: string
  readonly start: Effect.Effect<void>
  /** Every fiber stops at its current step. Waiting clients get the outcome unknown. */
  readonly crash: (why: string) => void
  /** The machine was off for an unknown time. None of its processes runs. */
  readonly reboot: () => void
  readonly isUp: () => boolean
  readonly ask: (call: Call) => Effect.Effect<Answer>
  readonly send: (request: Signed) => Effect.Effect<Answer>
  readonly connection: () => Connection | undefined
  readonly machine: () => Machine | undefined
}

export interface NodeOptions {
  readonly shared: StoreDriver
  readonly isProven: boolean
  readonly clock: "real" | "virtual"
  readonly seed: number
  readonly onCommit: OnCommit
  /** Whether the node crashes at this step of a durable write or of a use. */
  readonly crashesAt: (name: string) => boolean
  /** Reports a start that failed for another reason than an unavailable store. */
  readonly onBroken: (why: string) => void
  /** The transport of calls to the store in a run without chance. */
  readonly way?: Way | undefined
}

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const

const unknown: Answer = { code: "unknown", reply: undefined }
const down: Answer = { code: "down", reply: undefined }

/** The machine continues when its process ends, until it is switched off. */
const uptimeOf = ({ boot, world }: State): Layer.Layer<Uptime> => {
  const { at, name } = boot
  return Layer.succeed(Uptime, { boot: name, millis: () => world.now() - at, asleepMillis: world.asleepMillis })
}

const optionsFor = (options: NodeOptions, opened: Opened, uptime: Layer.Layer<Uptime>) =>
  optionsOf(Layer.succeed(Driver, opened.connection.driver), {
    clock: options.clock,
    startAt: Date.parse("2026-01-01T00:00:00Z"),
    rootKey,
    crypto: simulatedProvider,
    hsm: "simulator",
    accessKey: rootAccessKey,
    randomness: randomnessSeeded(`${options.seed} ${opened.machine.name}`),
    failpoints: Layer.succeed(Failpoints, { reach: opened.reach, reachSync: () => undefined }),
    uptime,
    node: opened.machine.name,
    host: opened.machine.name
  })

interface Opened {
  readonly machine: Machine
  readonly connection: Connection
  readonly reach: (name: string) => Effect.Effect<void>
}

const engineOf = (options: NodeOptions, opened: Opened, uptime: Layer.Layer<Uptime>) =>
  Pipeline.layer(realm.region).pipe(
    Layer.provideMerge(Metrics.layer),
    Layer.provideMerge(engineLayer(optionsFor(options, opened, uptime)))
  )

interface State {
  readonly world: World
  readonly name: string
  readonly options: NodeOptions
  /** When the machine was last switched on. */
  boot: { readonly name: string; readonly at: number }
  process: Process | undefined
  processesMade: number
}

const crash = (state: State, why: string): void => {
  const { name, process, world } = state
  if (process === undefined) return
  world.note(`${name} crashes ${why}`)
  state.process = undefined
  process.machine.cutOff()
  for (const tell of process.waiting) tell()
}

const reachIn =
  (state: State, machine: Machine) =>
  (step: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (state.process?.machine !== machine || !state.options.crashesAt(step)) return Effect.void
      crash(state, `at ${step}`)
      return Effect.never
    })

const open = (state: State): Process => {
  const { name, options, world } = state
  const machine = world.machine(`${name}${state.processesMade++}`, { driftPerMillion: world.below(401) - 200 })
  const reach = reachIn(state, machine)
  const { isProven, onCommit, shared, way } = options
  const connection = connect(world, { shared, machine, isProven, onCommit, reach, way })
  return { machine, connection, reach, engine: undefined, waiting: new Set() }
}

/**
 * Runs an effect on a process. Answers undefined if the process ends first.
 * The process may have ended already: the fiber that chose it may have yielded since.
 */
const runOn = <A, E>(
  { machine, waiting }: Process,
  effect: Effect.Effect<A, E>
): Effect.Effect<Exit.Exit<A, E> | undefined> =>
  Effect.callback((resume) => {
    const ended = (): void => resume(Effect.succeed(undefined))
    if (machine.isCutOff()) return ended()
    waiting.add(ended)
    machine.start(effect).addObserver((exit) => {
      waiting.delete(ended)
      resume(Effect.succeed(exit))
    })
  })

const start = (state: State): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (state.process !== undefined) return
    const { name, options, world } = state
    const process = open(state)
    state.process = process
    world.note(`${name} starts`)
    const services = Effect.gen(function* () {
      return { dispatch: yield* Dispatch, pipeline: yield* Pipeline }
    })
    const scope = Scope.makeUnsafe()
    const layer = Layer.fresh(engineOf(options, process, uptimeOf(state)))
    const building = Effect.flatMap(Layer.buildWithScope(layer, scope), (built) => Effect.provide(services, built))
    const exit = yield* runOn(process, building)
    if (exit === undefined || state.process !== process) return
    if (Exit.isSuccess(exit)) {
      process.engine = exit.value
      world.note(`${name} is up`)
      return
    }
    const why = Cause.pretty(exit.cause).split("\n")[0] ?? ""
    if (!why.includes("StoreUnusable") && !why.includes("away") && !why.includes("lost")) options.onBroken(why)
    crash(state, `because it cannot start: ${why}`)
  })

/** Answers a client from the running process. */
const answered = (state: State, work: (engine: Engine) => Effect.Effect<Answer>): Effect.Effect<Answer> =>
  Effect.suspend(() => {
    const { process } = state
    if (process?.engine === undefined) return Effect.succeed(down)
    return Effect.map(runOn(process, work(process.engine)), (exit) => {
      if (exit === undefined) return unknown
      if (Exit.isSuccess(exit)) return exit.value
      state.options.onBroken(`a call ended with a defect: ${Cause.pretty(exit.cause)}`)
      return unknown
    })
  })

const ask = (state: State, { operation, parameters, caller, requestId, api }: Call): Effect.Effect<Answer> =>
  answered(state, ({ dispatch }) =>
    Effect.match(
      dispatch.ask({ operation, source: fromObject(parameters), caller, realm, requestId, api: api ?? "kms" }),
      {
        onFailure: ({ code }): Answer => ({ code, reply: undefined }),
        onSuccess: (reply): Answer => ({ code: "Success", reply: { ...reply } })
      }
    )
  )

const send = (state: State, request: Signed): Effect.Effect<Answer> =>
  answered(state, ({ pipeline }) =>
    Effect.callback((resume) =>
      pipeline.answer(request, (answer) => resume(Effect.succeed({ code: codeOf(answer), reply: undefined })))
    )
  )

export const makeNode = (world: World, name: string, options: NodeOptions): Node => {
  const state: State = {
    world,
    name,
    options,
    boot: { name, at: world.now() },
    process: undefined,
    processesMade: 0
  }
  return {
    name,
    // A process outlives the caller that started it.
    start: Effect.uninterruptible(Effect.suspend(() => start(state))),
    crash: (why) => crash(state, why),
    reboot: () => {
      state.boot = { name: `${name} from ${world.now()}`, at: world.now() }
    },
    isUp: () => state.process?.engine !== undefined,
    ask: (call) => ask(state, call),
    send: (request) => send(state, request),
    connection: () => state.process?.connection,
    machine: () => state.process?.machine
  }
}
