/** A machine's connection to the shared store: it takes time, and can break before or after the store performs a request. */
import { Effect } from "effect"
import type { Plan } from "../../src/plan/plan.ts"
import { StoreUnavailable } from "../../src/store/driver.ts"
import type { SharedAbility, StoreConflict, StoreDriver, StoreFailure } from "../../src/store/driver.ts"
import type { Machine, World } from "./world.ts"

export interface Connection {
  readonly driver: StoreDriver
  /** Whether no call arrives at the store. */
  setAway: (isAway: boolean) => void
  /** The probability that the answer to a commit is lost. */
  setLost: (chance: number) => void
  /** How likely a commit fails and changes nothing, from 0 to 1. */
  setRefused: (chance: number) => void
  /** How long a call takes in each direction at most, milliseconds. */
  setDelay: (millis: number) => void
}

/** Called at the instant at which the store performs a plan. `now` is the time that the engine follows. */
export type OnCommit = (plan: Plan, conflict: StoreConflict | undefined, now: number) => void

export interface ConnectionOptions {
  readonly shared: StoreDriver
  readonly machine: Machine
  /** Whether the engine asks for proof and claims deadlines. */
  readonly isProven: boolean
  readonly onCommit: OnCommit
  /** Called at each boundary of a durable write. The machine may be cut off there. */
  readonly reach: (name: string) => Effect.Effect<void>
  /** The transport of a run without chance; a random time by default. */
  readonly way?: Way | undefined
}

export interface Way {
  /** A call travels to the store. Then the store performs it at once, and its answer travels back. */
  readonly out: Effect.Effect<void>
  readonly back: Effect.Effect<void>
  /** The outcome of a commit. */
  readonly fateOf: () => Fate
}

/** A commit is performed and answered, does not arrive, or is performed without an answer. */
export type Fate = "answered" | "away" | "lost"

const ordinaryDelay = 3

const away = (): StoreUnavailable => new StoreUnavailable({ reason: "Unreachable", message: "The store is away." })

const refused = (): StoreUnavailable =>
  new StoreUnavailable({ reason: "DiskFull", message: "The store takes no writes." })

const answerLost = (): StoreUnavailable =>
  new StoreUnavailable({ reason: "Unreachable", message: "The answer is lost.", outcome: "Unknown" })

const watched = (
  call: Effect.Effect<void, StoreConflict | StoreFailure>,
  tell: (conflict: StoreConflict | undefined) => void
) =>
  Effect.tapError(
    Effect.tap(call, () => Effect.sync(() => tell(undefined))),
    (failure) => Effect.sync(() => (failure._tag === "StoreConflict" ? tell(failure) : undefined))
  )

/** Opens a connection of one machine. */
export const connect = (world: World, options: ConnectionOptions): Connection => {
  const { isProven, machine, onCommit, reach, shared, way } = options
  let isAway = false
  let lostChance = 0
  let refusedChance = 0
  let delayMax = ordinaryDelay
  // A machine that was cut off gets no answer: its fibers take no further step.
  const travel = Effect.suspend(() => Effect.sleep(world.random() * delayMax))
  const arrive = Effect.suspend((): Effect.Effect<void, StoreFailure> => {
    if (machine.isCutOff()) return Effect.never
    return isAway ? Effect.fail(away()) : Effect.void
  })
  const over = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E | StoreFailure> =>
    (way?.out ?? travel).pipe(Effect.andThen(arrive), Effect.andThen(call), Effect.tap(way?.back ?? travel))
  // Engines that ask for proof follow the time of the store.
  const now = (): number => (isProven ? world.now() : machine.now())
  const told = (plan: Plan) => watched(shared.commit(plan), (conflict) => onCommit(plan, conflict, now()))
  const commit = (plan: Plan) => over(Effect.tap(told(plan), reach("commit.done")))
  const fated = (plan: Plan) =>
    Effect.suspend(() => {
      const fate = way?.fateOf() ?? "answered"
      if (refusedChance > 0 && world.random() < refusedChance) return over(Effect.fail(refused()))
      if (fate === "away") return over(Effect.fail(away()))
      return fate === "lost" ? Effect.andThen(commit(plan), Effect.fail(answerLost())) : commit(plan)
    })
  const mayBeLost = Effect.suspend((): Effect.Effect<void, StoreFailure> => {
    if (isAway || (way === undefined && world.random() < lostChance)) return Effect.fail(answerLost())
    return Effect.void
  })
  const ability = shared.abilities?.shared
  return {
    driver: {
      get: (table, id) => over(shared.get(table, id)),
      scan: (scan) => over(shared.scan(scan)),
      count: (range) => over(shared.count(range)),
      commit: (plan) =>
        reach("commit.before").pipe(
          Effect.andThen(fated(plan)),
          Effect.andThen(mayBeLost),
          Effect.tap(reach("commit.answered"))
        ),
      ...(isProven && ability !== undefined ? { abilities: { shared: abilityOver(ability, over) } } : {})
    },
    setAway: (next) => {
      isAway = next
    },
    setLost: (chance) => {
      lostChance = chance
    },
    setRefused: (chance) => {
      refusedChance = chance
    },
    setDelay: (millis) => {
      delayMax = millis
    }
  }
}

type Over = <A, E>(call: Effect.Effect<A, E>) => Effect.Effect<A, E | StoreFailure>

const abilityOver = ({ claimDue, nodes, prove }: SharedAbility, over: Over): SharedAbility => ({
  prove: (question) => over(prove(question)),
  claimDue: (claim) => over(claimDue(claim)),
  nodes: {
    announce: (node) => over(nodes.announce(node)),
    withdraw: (id) => over(nodes.withdraw(id)),
    list: over(nodes.list)
  }
})
