/** A change that waited while the clock moved is dated no earlier than the change that came before it. */
import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { KeyId } from "../../src/domain/ids.ts"
import { Kms, optionsOf } from "../../src/index.ts"
import { serviceLayer, storedEngineLayer } from "../../src/main.ts"
import { Store } from "../../src/store/store.ts"
import { LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"

const options = optionsOf("memory", { clock: "virtual" })
const layer = serviceLayer(options).pipe(Layer.provideMerge(storedEngineLayer(options)))
const day = 86_400_000
const cause = { principal: "root", requestId: "a request", operation: "an operation" }

it.effect("a change that got its time before the clock moved is dated after the change that the clock caused", () =>
  Effect.gen(function* () {
    const kms = yield* Kms
    const clock = yield* LifecycleClock
    const keyId = KeyId.make((yield* kms.createKey()).KeyMetadata.KeyId)
    const actor = yield* (yield* KeyDirectory).find(options.realm, keyId)
    const before = clock.now()
    yield* (yield* Timers).advanceTo(before + 2 * day)
    yield* actor.tell({ type: "DisableKey", at: before + 2 * day }, cause)
    const waited = yield* actor.tell({ type: "ScheduleKeyDeletion", at: before, dueAt: before + 7 * day }, cause)
    const entries = yield* (yield* Store).journal({ keyId, afterSeq: 1, limit: 10 })
    expect(entries.map(({ at }) => at - before)).toEqual([2 * day, 2 * day])
    expect((waited.context.deletion?.dueAt ?? 0) - before).toBe(9 * day)
  }).pipe(Effect.provide(layer))
)
