/** The virtual clock: it stands or runs where people put it, and its position is as durable as the keys. */
import { Clock, Effect, Layer, Semaphore } from "effect"
import { Failpoints } from "../platform/services.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orLater, orRefused, orUnusable } from "../store/unavailable.ts"
import { claimKind, LifecycleClock, markName } from "./clock.ts"
import type { VirtualPosition } from "./clock.ts"

const positionName = "clock.position"

const numberOr = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text)
  return Number.isSafeInteger(value) ? value : otherwise
}

const decodePosition = (text: string): VirtualPosition | undefined => {
  const [mode, millis] = text.split(" ")
  const value = Number(millis)
  if (!Number.isSafeInteger(value)) return undefined
  if (mode === "frozen") return { mode, at: value }
  return mode === "running" ? { mode, offsetMillis: value } : undefined
}

const encodePosition = (position: VirtualPosition): string =>
  position.mode === "frozen" ? `frozen ${position.at}` : `running ${position.offsetMillis}`

/** A clock people can stop and advance. A new one starts as `start` says; a known one where it stood. */
export const layerVirtual = (start: VirtualPosition): Layer.Layer<LifecycleClock, StoreUnusable, Store | Failpoints> =>
  Layer.effect(
    LifecycleClock,
    Effect.gen(function* () {
      yield* claimKind("virtual")
      const store = yield* Store
      const failpoints = yield* Failpoints
      const wall = yield* Clock.Clock
      const turn = yield* Semaphore.make(1)
      const stored = yield* orUnusable(store.meta(positionName))
      let position = (stored === undefined ? undefined : decodePosition(stored)) ?? start
      let highWater = numberOr(yield* orUnusable(store.meta(markName)), 0)
      const read = (from: VirtualPosition): number =>
        from.mode === "frozen" ? from.at : wall.currentTimeMillisUnsafe() + from.offsetMillis
      const now = (): number => {
        highWater = Math.max(highWater, read(position))
        return highWater
      }
      const move = (next: VirtualPosition) =>
        Effect.gen(function* () {
          yield* failpoints.reach("clock.move.before")
          yield* orRefused(store.setMeta(positionName, encodePosition(next)))
          yield* failpoints.reach("clock.move.after")
          position = next
        }).pipe(turn.withPermit)
      if (stored === undefined) yield* orUnusable(store.setMeta(positionName, encodePosition(position)))
      return {
        now,
        state: () => ({ kind: "virtual", now: now(), ...position }) as const,
        move,
        irreversibleUntil: now,
        mark: Effect.suspend(() => orLater("The clock's mark", store.setMeta(markName, String(now())))),
        doubt: () => undefined,
        decide: () => Effect.void,
        onChange: () => undefined
      }
    })
  )

export const clockFailpoints = ["clock.move.before", "clock.move.after"] as const
