/** An engine on a shared store announces itself repeatedly, and withdraws when it stops. */
import { Effect, Exit, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "@effect/vitest"
import { nodeBeatMillis } from "../../src/domain/limits.ts"
import { randomnessSeeded } from "../../src/crypto/native/randomness.ts"
import { nodesLayer } from "../../src/nodes/nodes.ts"
import { Driver } from "../../src/store/driver.ts"
import { storeLayer } from "../../src/store/makeStore.ts"
import { memoryStoreLayer, sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { Store } from "../../src/store/store.ts"

const self = { name: undefined, host: "db-7", version: "1.2.3", hsm: "none" } as const
const sharedStore = storeLayer.pipe(Layer.provide(Layer.effect(Driver, sharedMemoryDriver)))
const random = randomnessSeeded("nodes")

const listed = Effect.flatMap(Effect.service(Store), ({ shared }) =>
  shared === undefined ? Effect.die("the store is shared") : Effect.map(shared.nodes.list, ({ nodes }) => nodes)
)

/** Announces an engine, and returns a function that withdraws it. */
const started = (name?: string) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(Layer.fresh(nodesLayer({ ...self, name })), scope)
    return Scope.close(scope, Exit.void)
  })

describe("nodes on a shared store", () => {
  it.effect("a node on a shared store is listed every ten seconds until the node stops", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1000)
      const stop = yield* started("one")
      expect(yield* listed).toMatchObject([{ name: "one", version: "1.2.3", since: 1000, seen: 1000 }])
      yield* TestClock.adjust(2 * nodeBeatMillis + 5)
      expect(yield* listed).toMatchObject([{ since: 1000, seen: 1000 + 2 * nodeBeatMillis, clockOffsetMillis: 0 }])
      yield* stop
      yield* TestClock.adjust(3 * nodeBeatMillis)
      expect(yield* listed).toEqual([])
    }).pipe(Effect.provide(Layer.merge(sharedStore, random)))
  )
  it.effect("a node without a given name gets the name of its host and a random part", () =>
    Effect.gen(function* () {
      yield* started()
      yield* started()
      const names = (yield* listed).map(({ name }) => name)
      expect(names).toEqual([expect.stringMatching(/^db-7-[0-9a-f]{4}$/), expect.stringMatching(/^db-7-[0-9a-f]{4}$/)])
      expect(new Set(names).size).toBe(2)
    }).pipe(Effect.provide(Layer.merge(sharedStore, random)))
  )
  it.effect("a node with a private store is on no list", () =>
    Effect.gen(function* () {
      yield* started()
      expect((yield* Effect.service(Store)).shared).toBeUndefined()
    }).pipe(Effect.provide(Layer.merge(memoryStoreLayer, random)))
  )
})
