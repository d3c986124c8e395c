/** An XState inspector gets every committed change of every key, and cannot disturb the service. */
import { it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { describe, expect } from "vitest"
import type { InspectionEvent } from "xstate"
import { KmsMemory, KmsSqlite } from "../../src/index.ts"
import type { Inspect } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { createKms } from "../../src/promise.ts"
import { newDirectory } from "../store/places.ts"

/** The events and snapshots of one key's actor. */
const recorder = () => {
  const seen: Array<unknown> = []
  const see = (event: InspectionEvent): void => {
    if (event.type === "@xstate.snapshot") seen.push({ event: event.event.type, snapshot: event.snapshot })
  }
  return { seen, see }
}

const switching = [
  { event: "DisableKey", snapshot: { value: { lifecycle: "Disabled" }, context: { epoch: 2 } } },
  { event: "EnableKey", snapshot: { value: { lifecycle: "Enabled" }, context: { epoch: 3 } } }
]

const switchOffAndOn = Effect.gen(function* () {
  const kms = yield* Kms
  const { KeyId } = (yield* kms.createKey()).KeyMetadata
  yield* kms.disableKey({ KeyId })
  yield* kms.enableKey({ KeyId })
  return KeyId
})

describe("an XState inspector", () => {
  it("an XState inspector gets the actor of each key, each event, and the resulting state", async () => {
    const events: Array<InspectionEvent> = []
    const kms = await createKms({ inspect: (event) => events.push(event) })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    await kms.disableKey({ KeyId })
    await kms.close()
    const ids = events.map(({ actorRef }) => ("id" in actorRef ? actorRef.id : undefined))
    expect(new Set(ids)).toEqual(new Set([KeyId]))
    expect(events.map((event) => [event.type, "event" in event ? event.event.type : undefined])).toEqual([
      ["@xstate.actor", undefined],
      ["@xstate.event", "xstate.init"],
      ["@xstate.snapshot", "xstate.init"],
      ["@xstate.event", "DisableKey"],
      ["@xstate.microstep", "DisableKey"],
      ["@xstate.snapshot", "DisableKey"],
      ["@xstate.microstep", "xstate.stop"],
      ["@xstate.snapshot", "xstate.stop"]
    ])
  })

  it.live("an inspector may be an observer, and gets keys that were stored before its service started", () => {
    const { seen, see } = recorder()
    const directory = newDirectory()
    return Effect.gen(function* () {
      const KeyId = yield* Effect.provide(switchOffAndOn, KmsSqlite({ directory }))
      yield* Effect.provide(
        Effect.flatMap(Kms, (kms) => kms.disableKey({ KeyId })),
        KmsSqlite({ directory, inspect: { next: see } })
      )
      expect(seen).toMatchObject([
        { event: "xstate.init", snapshot: { value: { lifecycle: "Enabled" }, context: { epoch: 3 } } },
        { event: "DisableKey", snapshot: { value: { lifecycle: "Disabled" }, context: { epoch: 4 } } },
        { event: "xstate.stop" }
      ])
    })
  })

  it.live("an inspector does not get a refused change", () => {
    const { seen, see } = recorder()
    return Effect.gen(function* () {
      const kms = yield* Kms
      const { KeyId } = (yield* kms.createKey()).KeyMetadata
      yield* Effect.flip(kms.cancelKeyDeletion({ KeyId }))
      yield* kms.disableKey({ KeyId })
      expect(seen.slice(1)).toMatchObject(switching.slice(0, 1))
    }).pipe(Effect.provide(KmsMemory({ inspect: see })))
  })

  it.live("an inspector that throws is reported once and not called again, and changes succeed", () => {
    let calls = 0
    const logged: Array<unknown> = []
    const throwing: Inspect = (event) => {
      if (event.type !== "@xstate.microstep") return
      calls++
      throw new Error("the inspector's own fault")
    }
    return Effect.gen(function* () {
      const kms = yield* Kms
      const KeyId = yield* switchOffAndOn
      expect((yield* kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("Enabled")
      expect(calls).toBe(1)
      expect(logged).toEqual([["The XState inspector threw an error and is not called again.", expect.anything()]])
    }).pipe(
      Effect.provide(KmsMemory({ inspect: throwing })),
      Effect.provide(Logger.layer([Logger.make(({ message }) => logged.push(message))]))
    )
  })
})
