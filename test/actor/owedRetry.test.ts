/** Destruction in a disconnected token is retried each minute until it succeeds, and then stops. */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { unavailable } from "../../src/crypto/outcomes.ts"
import { Kms, optionsOf } from "../../src/index.ts"
import { Store } from "../../src/store/store.ts"
import { LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"
import { serviceOver } from "./changedProviders.ts"

const token = { away: true, attempts: 0 }

/** Destroys no object while the token is disconnected, and counts attempts. */
const layer = serviceOver(optionsOf("memory", { clock: "virtual", hsm: "simulator" }), (provider) => ({
  ...provider,
  destroy: (request) =>
    Effect.suspend(() => {
      token.attempts++
      return token.away ? unavailable : provider.destroy(request)
    })
}))

const dayMillis = 86_400_000

it.effect("the service retries a pending destruction each minute until the token is back", () =>
  Effect.gen(function* () {
    const kms = yield* Kms
    const clock = yield* LifecycleClock
    const timers = yield* Timers
    const store = yield* Store
    const owed = Effect.map(store.owed, (rows) => rows.length)
    const { KeyMetadata } = yield* kms.createKey({ ProtectionLevel: "HSM" })
    yield* kms.scheduleKeyDeletion({ KeyId: KeyMetadata.KeyId, PendingWindowInDays: 7 })
    yield* timers.advanceTo(clock.now() + 8 * dayMillis)
    expect([token.attempts, yield* owed]).toEqual([1, 1])
    yield* TestClock.adjust("59 seconds")
    expect(token.attempts).toBe(1)
    yield* TestClock.adjust("1 second")
    expect([token.attempts, yield* owed]).toEqual([2, 1])
    yield* TestClock.adjust("3 minutes")
    expect([token.attempts, yield* owed]).toEqual([5, 1])
    token.away = false
    yield* TestClock.adjust("1 minute")
    expect([token.attempts, yield* owed]).toEqual([6, 0])
    yield* TestClock.adjust("10 minutes")
    expect(token.attempts).toBe(6)
  }).pipe(Effect.provide(layer))
)
