/** The store in memory: the same semantics as a store on disk, on any runtime, for tests and simulations. */
import { Clock, Effect, Layer } from "effect"
import { auditBeginning, execute, segmentAfter } from "../../plan/execute.ts"
import type { Plan } from "../../plan/plan.ts"
import { portableHash } from "../../records/hashChain.ts"
import { rangeOf } from "../../records/storedRows.ts"
import { Driver, StoreConflict, StoreUnavailable } from "../driver.ts"
import type { StoreDriver } from "../driver.ts"
import { storeLayer } from "../makeStore.ts"
import type { Store } from "../store.ts"
import { makeSharedAbility } from "./sharedAbility.ts"
import { makeTables } from "./tables.ts"
import type { Tables } from "./tables.ts"

const closed = Effect.fail(new StoreUnavailable({ reason: "Closed", message: "The store is closed." }))

/** A driver of tables. Calls `isClosed` at each use. */
const driverOf = (tables: Tables, isClosed: () => boolean): StoreDriver => {
  let end = auditBeginning
  const whileOpen = <A>(answer: () => A): Effect.Effect<A, StoreUnavailable> =>
    Effect.suspend(() => (isClosed() ? closed : Effect.succeed(answer())))
  const commit = (plan: Plan): StoreConflict | undefined => {
    const conflict = execute(tables.rows, plan)
    if (conflict !== undefined) return new StoreConflict(conflict)
    if (plan.lines.length === 0) return undefined
    const segment = segmentAfter(end, plan.lines, portableHash)
    tables.rows.write({ op: "put", table: "audit", row: segment })
    end = segment
    return undefined
  }
  return {
    get: (table, id) => whileOpen(() => tables.get(table, id)),
    scan: (scan) => whileOpen(() => tables.scan(scan)),
    count: (range) => whileOpen(() => tables.count(range)),
    abilities: {
      page: (scan) => whileOpen(() => ({ rows: tables.scan(scan), total: tables.count(rangeOf(scan)) }))
    },
    commit: (plan) =>
      Effect.suspend((): Effect.Effect<void, StoreConflict | StoreUnavailable> => {
        if (isClosed()) return closed
        const conflict = commit(plan)
        return conflict === undefined ? Effect.void : Effect.fail(conflict)
      })
  }
}

/** One memory that any number of engines may open at once: each gets this driver, or one that wraps it. */
export const sharedMemoryDriver: Effect.Effect<StoreDriver> = Effect.map(Clock.Clock, (clock) => {
  const tables = makeTables()
  const now = (): number => clock.currentTimeMillisUnsafe()
  const { abilities, ...driver } = driverOf(tables, () => false)
  return { ...driver, abilities: { ...abilities, shared: makeSharedAbility(tables, now) } }
})

export const memoryDriverLayer: Layer.Layer<Driver> = Layer.effect(
  Driver,
  Effect.gen(function* () {
    let isClosed = false
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isClosed = true
      })
    )
    return driverOf(makeTables(), () => isClosed)
  })
)

export const memoryStoreLayer: Layer.Layer<Store> = storeLayer.pipe(Layer.provide(memoryDriverLayer))
