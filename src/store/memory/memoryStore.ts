/** The store in memory: the same semantics as a store on disk, on any runtime, for tests and simulations. */
import { Clock, Effect, Layer } from "effect"
import { auditBeginning, execute, segmentAfter } from "../../plan/execute.ts"
import type { Plan } from "../../plan/plan.ts"
import { portableHash } from "../../records/hashChain.ts"
import { Driver, StoreConflict } from "../driver.ts"
import type { StoreDriver } from "../driver.ts"
import { storeLayer } from "../makeStore.ts"
import type { Store } from "../store.ts"
import { makeSharedAbility } from "./sharedAbility.ts"
import { makeTables } from "./tables.ts"
import type { Tables } from "./tables.ts"

const driverOf = (tables: Tables): StoreDriver => {
  let end = auditBeginning
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
    get: (table, id) => Effect.sync(() => tables.get(table, id)),
    scan: (scan) => Effect.sync(() => tables.scan(scan)),
    count: (range) => Effect.sync(() => tables.count(range)),
    commit: (plan) =>
      Effect.suspend(() => {
        const conflict = commit(plan)
        return conflict === undefined ? Effect.void : Effect.fail(conflict)
      })
  }
}

/** One memory that any number of engines may open at once: each gets this driver, or one that wraps it. */
export const sharedMemoryDriver: Effect.Effect<StoreDriver> = Effect.map(Clock.Clock, (clock) => {
  const tables = makeTables()
  const now = (): number => clock.currentTimeMillisUnsafe()
  return { ...driverOf(tables), abilities: { shared: makeSharedAbility(tables, now) } }
})

export const memoryDriverLayer: Layer.Layer<Driver> = Layer.sync(Driver, () => driverOf(makeTables()))

export const memoryStoreLayer: Layer.Layer<Store> = storeLayer.pipe(Layer.provide(memoryDriverLayer))
