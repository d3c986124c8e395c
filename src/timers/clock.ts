/** The lifecycle clock: real or virtual, never running backwards, its position as durable as the keys. */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { Failpoints } from "../domain/outside.ts"
import { clockStepMillisMax } from "../domain/limits.ts"
import { formatInstant } from "../domain/time.ts"
import { Store, StoreUnusable } from "../store/store.ts"

/** Where a virtual clock stands: stopped at an instant, or running a fixed distance from real time. */
export type VirtualPosition =
  | { readonly mode: "frozen"; readonly at: number }
  | { readonly mode: "running"; readonly offsetMillis: number }

export type ClockState =
  | { readonly kind: "real"; readonly now: number }
  | ({
      readonly kind: "virtual"
      readonly now: number
    } & VirtualPosition)

/** A real clock's jump forward that nobody has confirmed: from the last instant known to be right, to where it came out. */
export interface Doubt {
  readonly from: number
  readonly to: number
}

export class LifecycleClock extends Context.Service<
  LifecycleClock,
  {
    /** Effective now in milliseconds: the larger of the clock's reading and the largest one ever answered. */
    readonly now: () => number
    readonly state: () => ClockState
    /** Present on a virtual clock only. The position is durable before it is visible. */
    readonly move: ((position: VirtualPosition) => Effect.Effect<void>) | undefined
    /** Makes the high-water mark durable, so that a restart with a clock set back does not go back. */
    readonly mark: Effect.Effect<void>
    /**
     * A jump that nobody has confirmed. The machine slept, the service was down, or its clock was set wrong: from inside
     * they look alike, so what cannot be undone waits for a person. A virtual clock is moved by people: it has none.
     */
    readonly doubt: () => Doubt | undefined
    /** A person says that the clock is right. */
    readonly confirm: Effect.Effect<void>
  }
>()("keystate/timers/LifecycleClock") {}

const kindName = "clock.kind"
const markName = "clock.mark"
const positionName = "clock.position"
const doubtName = "clock.doubt"

/** A data directory belongs to one kind of clock for life: a virtual position means nothing in real time. */
const claimKind = Effect.fn("LifecycleClock.claimKind")(function* (kind: "real" | "virtual") {
  const store = yield* Store
  const known = yield* store.meta(kindName)
  if (known === undefined) return yield* store.setMeta(kindName, kind)
  if (known !== kind) {
    return yield* new StoreUnusable({
      message: `This data directory lives on a ${known} clock; start with --clock ${known}, or choose another directory.`
    })
  }
})

const numberOr = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text)
  return Number.isSafeInteger(value) ? value : otherwise
}

/** Wall time, held at its high-water mark when the machine's clock is set back. */
export const layerReal: Layer.Layer<LifecycleClock, StoreUnusable, Store> = Layer.effect(
  LifecycleClock,
  Effect.gen(function* () {
    yield* claimKind("real")
    const store = yield* Store
    const wall = yield* Clock.Clock
    let marked = numberOr(yield* store.meta(markName), 0)
    let highWater = marked
    let doubt = decodeDoubt(yield* store.meta(doubtName))
    const now = (): number => {
      highWater = Math.max(highWater, wall.currentTimeMillisUnsafe())
      return highWater
    }
    const mark = Effect.gen(function* () {
      const to = now()
      if (marked > 0 && to - marked > clockStepMillisMax) {
        doubt = { from: doubt?.from ?? marked, to }
        // Durable before the mark is, so that no restart in between forgets it.
        yield* store.setMeta(doubtName, `${doubt.from} ${doubt.to}`)
        yield* Effect.logWarning(
          `The clock jumped from ${formatInstant(marked)} to ${formatInstant(to)}. ${doubtAdvice}`
        )
      }
      marked = to
      yield* store.setMeta(markName, String(to))
    })
    if (doubt !== undefined) yield* Effect.logWarning(`The clock once jumped, and nobody confirmed it. ${doubtAdvice}`)
    yield* mark
    return {
      now,
      state: () => ({ kind: "real", now: now() }) as const,
      move: undefined,
      mark,
      doubt: () => doubt,
      confirm: Effect.suspend(() => {
        if (doubt === undefined) return Effect.void
        return Effect.tap(store.setMeta(doubtName, ""), () => Effect.sync(() => (doubt = undefined)))
      })
    }
  })
)

/** What an operator can do about a clock in doubt. */
export const doubtAdvice = "Deletions that fell due meanwhile wait for `keystate clock confirm`, or can be cancelled."

const decodeDoubt = (text: string | undefined): Doubt | undefined => {
  const [from, to] = (text ?? "").split(" ").map(Number)
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? { from: from ?? 0, to: to ?? 0 } : undefined
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
      const stored = yield* store.meta(positionName)
      let position = (stored === undefined ? undefined : decodePosition(stored)) ?? start
      let highWater = numberOr(yield* store.meta(markName), 0)
      const read = (from: VirtualPosition): number =>
        from.mode === "frozen" ? from.at : wall.currentTimeMillisUnsafe() + from.offsetMillis
      const now = (): number => {
        highWater = Math.max(highWater, read(position))
        return highWater
      }
      const move = (next: VirtualPosition) =>
        Effect.gen(function* () {
          yield* failpoints.reach("clock.move.before")
          yield* store.setMeta(positionName, encodePosition(next))
          yield* failpoints.reach("clock.move.after")
          position = next
        }).pipe(turn.withPermit)
      if (stored === undefined) yield* store.setMeta(positionName, encodePosition(position))
      return {
        now,
        state: () => ({ kind: "virtual", now: now(), ...position }) as const,
        move,
        mark: Effect.suspend(() => store.setMeta(markName, String(now()))),
        doubt: () => undefined,
        confirm: Effect.void
      }
    })
  )

export const clockFailpoints = ["clock.move.before", "clock.move.after"] as const
