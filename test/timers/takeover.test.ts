/** A deadline that another engine claimed and did not perform is performed soon after the claim ends. */
import { expect, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Kms, optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Driver } from "../../src/store/driver.ts"
import { makeStore } from "../../src/store/makeStore.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { Uptime } from "../../src/timers/uptime.ts"

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const
const dayMillis = 86_400_000
const claimMillis = 10_000

/** A machine that runs all the time. */
const uptime = Layer.effect(
  Uptime,
  Effect.map(Clock.Clock, (clock) => ({
    boot: "one",
    millis: () => clock.currentTimeMillisUnsafe(),
    asleepMillis: () => 0
  }))
)

it.effect("a deadline whose claim ended because its node died is performed within two seconds of that end", () =>
  Effect.gen(function* () {
    const driver = yield* sharedMemoryDriver
    const { claimDue, nextDue } = makeStore(driver)
    if (claimDue === undefined) throw new Error("a shared store has claims")
    const engine = engineLayer({ ...optionsOf(Layer.succeed(Driver, driver), { clock: "real", rootKey }), uptime })
    yield* Effect.gen(function* () {
      const kms = yield* Kms
      const { KeyMetadata } = yield* kms.createKey({})
      yield* kms.scheduleKeyDeletion({ KeyId: KeyMetadata.KeyId, PendingWindowInDays: 7 })
    }).pipe(Effect.provide(engine))
    yield* TestClock.adjust(7 * dayMillis)
    expect(yield* claimDue({ until: Number.MAX_SAFE_INTEGER, limit: 9, forMillis: claimMillis })).toHaveLength(1)
    yield* Effect.gen(function* () {
      yield* Kms
      yield* TestClock.adjust(claimMillis - 1)
      expect(yield* nextDue).toBeDefined()
      yield* TestClock.adjust("2 seconds")
      expect(yield* nextDue).toBeUndefined()
    }).pipe(Effect.provide(engine))
  })
)
