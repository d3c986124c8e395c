/** An inspector sees every key that is awake go where it was decided, whenever it begins to look. */
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import type { InspectionEvent } from "xstate"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { optionsOf } from "../../src/index.ts"
import { newDirectory } from "../store/places.ts"

describe("an inspector", () => {
  it.live("sees the state that changes led to while nobody looked, and each step from then on", () =>
    Effect.gen(function* () {
      const kms = yield* Kms
      const directory = yield* KeyDirectory
      const { KeyId } = (yield* kms.createKey()).KeyMetadata
      const seen: Array<unknown> = []
      const look = (event: InspectionEvent): void => {
        if (event.type !== "@xstate.snapshot") return
        seen.push({ event: event.event.type, snapshot: event.snapshot })
      }
      yield* kms.disableKey({ KeyId })
      directory.inspect(look)
      yield* kms.enableKey({ KeyId })
      directory.inspect(undefined)
      yield* kms.disableKey({ KeyId })
      yield* kms.enableKey({ KeyId })
      directory.inspect(look)
      yield* kms.disableKey({ KeyId })
      expect(seen).toMatchObject([
        { event: "EnableKey", snapshot: { value: { lifecycle: "Enabled" }, context: { epoch: 3 } } },
        { event: "DisableKey", snapshot: { value: { lifecycle: "Disabled" }, context: { epoch: 6 } } }
      ])
    }).pipe(Effect.provide(engineLayer(optionsOf({ directory: newDirectory() }, {}))))
  )
})
