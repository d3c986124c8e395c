/** A deadline that could not be performed is tried again after 30 seconds of elapsed time, on a stopped clock too. */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { unavailable } from "../../src/crypto/outcomes.ts"
import { Kms, optionsOf } from "../../src/index.ts"
import { LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"
import { serviceOver } from "../actor/changedProviders.ts"

const token = { away: false, attempts: 0 }

/** Generates no key while the token is disconnected, and counts attempts. */
const layer = serviceOver(optionsOf("memory", { clock: "virtual", hsm: "simulator" }), (provider) => ({
  ...provider,
  generate: (request) =>
    Effect.suspend(() => {
      token.attempts++
      return token.away ? unavailable : provider.generate(request)
    })
}))

const dayMillis = 86_400_000

it.effect("a failed rotation on a stopped virtual clock is tried again every 30 seconds", () =>
  Effect.gen(function* () {
    const kms = yield* Kms
    const clock = yield* LifecycleClock
    const timers = yield* Timers
    const { KeyMetadata } = yield* kms.createKey({
      ProtectionLevel: "HSM",
      EnableAutomaticRotation: true,
      RotationInterval: "7d"
    })
    const { KeyId } = KeyMetadata
    const versions = Effect.map(kms.listKeyVersions({ KeyId }), ({ TotalCount }) => TotalCount)
    token.away = true
    yield* timers.advanceTo(clock.now() + 8 * dayMillis)
    yield* TestClock.adjust("1 second")
    const before = token.attempts
    yield* TestClock.adjust("30 seconds")
    expect([token.attempts - before, yield* versions]).toEqual([1, 1])
    token.away = false
    yield* TestClock.adjust("30 seconds")
    expect([token.attempts - before, yield* versions]).toEqual([2, 2])
    yield* TestClock.adjust("10 minutes")
    expect(token.attempts - before).toBe(2)
  }).pipe(Effect.provide(layer))
)
