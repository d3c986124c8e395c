/** A moved clock performs every deadline on the way, also when calls change deadlines during the move. */
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Kms, optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Failpoints } from "../../src/platform/services.ts"
import { LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"

const dayMillis = 86_400_000

/** Runs once, between the choice of a deadline and its performance. */
const between: { act: Effect.Effect<unknown, unknown> | undefined } = { act: undefined }
const failpoints = Layer.succeed(Failpoints, {
  reach: (name) =>
    Effect.suspend(() => {
      const { act } = between
      if (name !== "clock.move.after" || act === undefined) return Effect.void
      between.act = undefined
      return Effect.asVoid(Effect.orDie(act))
    }),
  reachSync: () => undefined
})

it.effect("a moved clock performs later deadlines although the next one is withdrawn during the move", () =>
  Effect.gen(function* () {
    const kms = yield* Kms
    const clock = yield* LifecycleClock
    const timers = yield* Timers
    const rotating = yield* kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" })
    const leaving = yield* kms.createKey({})
    yield* timers.advanceTo(clock.now() + dayMillis)
    yield* kms.scheduleKeyDeletion({ KeyId: leaving.KeyMetadata.KeyId, PendingWindowInDays: 7 })
    between.act = kms.disableKey({ KeyId: rotating.KeyMetadata.KeyId })
    yield* timers.advanceTo(clock.now() + 8 * dayMillis)
    expect(between.act).toBeUndefined()
    const refused = yield* Effect.flip(kms.describeKey({ KeyId: leaving.KeyMetadata.KeyId }))
    expect(refused).toMatchObject({ code: "Forbidden.KeyNotFound" })
  }).pipe(Effect.provide(engineLayer(optionsOf("memory", { clock: "virtual", failpoints }))))
)
