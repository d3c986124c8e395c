/** The virtual clock: people stop, move and resume it. Other engines may move it too; each proof has its position. */
import { Clock, Effect, Layer, Semaphore } from "effect"
import { refuse } from "../domain/errors.ts"
import { Failpoints } from "../platform/services.ts"
import { Proofs } from "../proof/proofs.ts"
import { clockPositionName } from "../records/metaNames.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orLater, orRefused, orUnusable } from "../store/unavailable.ts"
import { claimKind, LifecycleClock, markName } from "./clock.ts"
import type { VirtualPosition } from "./clock.ts"

/** A position, and the number of earlier moves, which tells the newer of two positions. */
interface Placed {
  readonly position: VirtualPosition
  readonly moves: number
  /** The stored text; undefined if it is not stored. */
  readonly text: string | undefined
}

const numberOr = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text)
  return Number.isSafeInteger(value) ? value : otherwise
}

const decodePosition = (text: string): Placed | undefined => {
  const [mode, millis, count] = text.split(" ")
  const value = Number(millis)
  if (!Number.isSafeInteger(value)) return undefined
  // Earlier versions did not count moves.
  const moves = numberOr(count, 0)
  if (mode === "frozen") return { position: { mode, at: value }, moves, text }
  return mode === "running" ? { position: { mode, offsetMillis: value }, moves, text } : undefined
}

const placed = (position: VirtualPosition, moves: number): Placed & { readonly text: string } => ({
  position,
  moves,
  text: `${position.mode} ${position.mode === "frozen" ? position.at : position.offsetMillis} ${moves}`
})

const movedMeanwhile = () =>
  refuse("ServiceUnavailableTemporary", { hint: "The clock was moved during this call; check it and try again." })

/** The last known position of the clock, and the listeners for moves by other engines. */
const rememberPosition = (first: Placed) => {
  let held = first
  let wake = (): void => undefined
  return {
    get: (): Placed => held,
    set: (next: Placed): void => {
      held = next
    },
    adopt: (text: string | undefined): void => {
      const found = text === undefined || text === held.text ? undefined : decodePosition(text)
      if (found === undefined || found.moves <= held.moves) return
      held = found
      wake()
    },
    onChange: (listener: () => void): void => {
      wake = listener
    }
  }
}

/**
 * A clock that people can stop and advance. A new one starts as `start` says; a known one continues at its position.
 */
export const layerVirtual = (
  start: VirtualPosition
): Layer.Layer<LifecycleClock, StoreUnusable, Store | Proofs | Failpoints> =>
  Layer.effect(
    LifecycleClock,
    Effect.gen(function* () {
      yield* claimKind("virtual")
      const store = yield* Store
      const failpoints = yield* Failpoints
      const clock = yield* Clock.Clock
      const turn = yield* Semaphore.make(1)
      const proofs = yield* Proofs
      const wall = proofs.storeTime ?? ((): number => clock.currentTimeMillisUnsafe())
      const stored = yield* orUnusable(store.meta(clockPositionName))
      const held = rememberPosition(
        (stored === undefined ? undefined : decodePosition(stored)) ?? { position: start, moves: 0, text: stored }
      )
      let highWater = numberOr(yield* orUnusable(store.meta(markName)), 0)
      const read = (from: VirtualPosition): number => (from.mode === "frozen" ? from.at : wall() + from.offsetMillis)
      const now = (): number => {
        highWater = Math.max(highWater, read(held.get().position))
        return highWater
      }
      proofs.onAnswer(({ clockPosition }) => held.adopt(clockPosition))
      const put = (next: Placed & { readonly text: string }) =>
        Effect.tap(store.moveMeta({ name: clockPositionName, from: held.get().text, to: next.text }), () =>
          Effect.sync(() => held.set(next))
        )
      const move = (position: VirtualPosition) =>
        Effect.gen(function* () {
          yield* failpoints.reach("clock.move.before")
          yield* put(placed(position, held.get().moves + 1))
          yield* failpoints.reach("clock.move.after")
        }).pipe(
          orRefused,
          Effect.catchTag("StoreConflict", () =>
            Effect.andThen(
              Effect.map(orRefused(store.meta(clockPositionName)), held.adopt),
              Effect.fail(movedMeanwhile())
            )
          ),
          turn.withPermit
        )
      if (stored === undefined) {
        yield* orUnusable(put(placed(start, 0))).pipe(
          // Another engine stored it first.
          Effect.catchTag("StoreConflict", () =>
            Effect.map(orUnusable(store.meta(clockPositionName)), (text) =>
              held.set((text === undefined ? undefined : decodePosition(text)) ?? held.get())
            )
          )
        )
      }
      return {
        now,
        state: () => ({ kind: "virtual", now: now(), ...held.get().position }) as const,
        move,
        irreversibleUntil: now,
        mark: Effect.suspend(() => orLater("The clock's mark", Effect.asVoid(store.raiseMeta(markName, now())))),
        doubt: () => undefined,
        decide: () => Effect.void,
        onChange: held.onChange
      }
    })
  )

export const clockFailpoints = ["clock.move.before", "clock.move.after"] as const
