/** Reports to the other engines on a store that this one runs, every ten seconds until it stops. */
import { Clock, Effect, Layer } from "effect"
import { nodeBeatMillis } from "../domain/limits.ts"
import { Randomness } from "../platform/services.ts"
import type { NodesAbility } from "../store/driver.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"

/** What an engine reports of itself. */
export interface Self {
  /** The name that the operator gave. */
  readonly name: string | undefined
  readonly host: string
  readonly version: string
  readonly hsm: string
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/**
 * Writes the row of this engine repeatedly, each time with the clock offset that the last write measured. A failed
 * write is skipped: the other engines then see how long this one was silent.
 */
const beating = ({ announce, withdraw }: NodesAbility, { host, name, ...self }: Self) =>
  Effect.gen(function* () {
    const { bytes, uuid } = yield* Randomness
    const id = uuid()
    const known = { ...self, id, name: name ?? `${host}-${hexOf(bytes(2))}` }
    let clockOffsetMillis = 0
    const announced = Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const stored = yield* announce({ ...known, clockOffsetMillis })
      const after = yield* Clock.currentTimeMillis
      clockOffsetMillis = Math.round((before + after) / 2) - stored
    })
    // An engine that is not in the list must not start. The second write records the offset that the first one
    // measured.
    yield* orUnusable(announced)
    yield* orUnusable(announced)
    // Registered before the fiber, so that it runs after the last report.
    yield* Effect.addFinalizer(() => Effect.ignore(withdraw(id)))
    const beat = Effect.uninterruptible(Effect.ignore(announced))
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(nodeBeatMillis), beat)))
  })

/** An engine that does not share its store needs no report. */
export const nodesLayer = (self: Self): Layer.Layer<never, StoreUnusable, Store | Randomness> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { shared } = yield* Store
      if (shared !== undefined) yield* beating(shared.nodes, self)
    })
  )
