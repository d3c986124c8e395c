/** One memory store for several engines: proofs, fingerprints, and claims of due deadlines. */
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "@effect/vitest"
import { born, day, keyIdOf, life, scheduled, start } from "../../src/conformance/store/changes.ts"
import { commitAll, last } from "../../src/conformance/store/laws/law.ts"
import { Driver } from "../../src/store/driver.ts"
import { storeLayer } from "../../src/store/makeStore.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { Store } from "../../src/store/store.ts"

const layer = storeLayer.pipe(Layer.provideMerge(Layer.effect(Driver, sharedMemoryDriver)))

const shared = Effect.map(Store, (store) => {
  if (store.shared === undefined) throw new Error("a shared memory can be shared")
  return store.shared
})

const keyRow = (n: number) => ({ table: "keys", id: [keyIdOf(n)] }) as const

describe("the shared memory store", () => {
  it.effect("the shared memory store proves rows by the revisions that a plan checks", () =>
    Effect.gen(function* () {
      const { prove } = yield* shared
      const steps = [born({ n: 1 })]
      yield* commitAll(steps)
      const key = yield* Effect.flatMap(Store, (store) => store.key(keyIdOf(1)))
      const { revisions } = yield* prove({ rows: [keyRow(2), keyRow(1)], nonces: [] })
      expect(revisions).toEqual([undefined, key?.head])
    }).pipe(Effect.provide(layer))
  )

  it.effect("the shared memory store keeps a fingerprint until its expiry by the store's clock", () =>
    Effect.gen(function* () {
      const { prove } = yield* shared
      const nonce = { fingerprint: "AAAAAAAAAAAAAAAAAAAAAA==", stampMillis: start, expiresAt: start + 1000 }
      yield* TestClock.setTime(start)
      const first = yield* prove({ rows: [], nonces: [nonce, nonce] })
      expect(first).toMatchObject({ fresh: [true, false], now: start, era: 0 })
      yield* TestClock.setTime(start + 999)
      expect((yield* prove({ rows: [], nonces: [nonce] })).fresh).toEqual([false])
      yield* TestClock.setTime(start + 1000)
      expect((yield* prove({ rows: [], nonces: [nonce] })).fresh).toEqual([true])
    }).pipe(Effect.provide(layer))
  )

  it.effect("the shared memory store gives a due deadline to one claimer until the claim expires", () =>
    Effect.gen(function* () {
      const { claimDue } = yield* shared
      const claim = claimDue({ until: start + 8 * day, limit: 1, forMillis: 10_000 })
      yield* TestClock.setTime(start)
      for (const n of [1, 2]) yield* commitAll(life({ n }, scheduled(start, 7)))
      const claimed = [...(yield* claim), ...(yield* claim)]
      expect(claimed.map(({ keyId }) => keyId)).toEqual([keyIdOf(1), keyIdOf(2)])
      expect(yield* claim).toEqual([])
      yield* TestClock.adjust(10_000)
      expect((yield* claim).map(({ keyId }) => keyId)).toEqual([keyIdOf(1)])
    }).pipe(Effect.provide(layer))
  )

  it.effect("the shared memory store gives out no deadline before its instant", () =>
    Effect.gen(function* () {
      const { claimDue } = yield* shared
      const steps = life({ n: 1 }, scheduled(start, 7))
      yield* commitAll(steps)
      expect(last(steps).change.deadlines).toHaveLength(1)
      expect(yield* claimDue({ until: start + 7 * day - 1, limit: 9, forMillis: 10_000 })).toEqual([])
    }).pipe(Effect.provide(layer))
  )
})
