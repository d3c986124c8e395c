/** Says to the other engines on a store that this one is there, every ten seconds and until it stops. */
import { Clock, Effect, Layer } from "effect"
import { nodeBeatMillis } from "../domain/limits.ts"
import { Randomness } from "../platform/services.ts"
import type { NodesAbility } from "../store/driver.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"

/** What an engine knows of itself. */
export interface Self {
  /** What the operator calls it. */
  readonly name: string | undefined
  readonly host: string
  readonly version: string
  readonly hsm: string
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/**
 * Writes the row of this engine again and again, each time with the offset that the last write showed. A write that fails
 * is left out: the other engines then see for how long this one was silent.
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
    // An engine that does not stand in the list must not begin. The second write writes down the offset that the first showed.
    yield* orUnusable(announced)
    yield* orUnusable(announced)
    // Comes before the fiber, so that it runs after the last beat.
    yield* Effect.addFinalizer(() => Effect.ignore(withdraw(id)))
    const beat = Effect.uninterruptible(Effect.ignore(announced))
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(nodeBeatMillis), beat)))
  })

/** An engine that has its store to itself has no others to tell. */
export const nodesLayer = (self: Self): Layer.Layer<never, StoreUnusable, Store | Randomness> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const { shared } = yield* Store
      if (shared !== undefined) yield* beating(shared.nodes, self)
    })
  )
