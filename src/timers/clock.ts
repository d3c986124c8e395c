/** The lifecycle clock: real or virtual, its position as durable as the keys. */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { DamagedLine, entryOf } from "../records/auditLine.ts"
import { clockLookMillisMax, clockLookMillisMin, clockToleranceMillis, clockWobbleMillis } from "../domain/limits.ts"
import { Failpoints } from "../platform/services.ts"
import { formatInstant } from "../domain/time.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import { orLater, orRefused, orUnusable } from "../store/unavailable.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { decodeSaved, encodeSaved } from "./savedTrust.ts"
import { adopt, confirm, look, reject, resume, trustedAt } from "./trust.ts"
import type { Doubt, Look, Mode, Trust } from "./trust.ts"
import { Uptime } from "./uptime.ts"

export type { Doubt } from "./trust.ts"

/** Where a virtual clock stands: stopped at an instant, or running a fixed distance from real time. */
export type VirtualPosition =
  | { readonly mode: "frozen"; readonly at: number }
  | { readonly mode: "running"; readonly offsetMillis: number }

/** What a person may say about a real clock in doubt. */
export type Word = "confirm" | "reject"

export type ClockState =
  | {
      readonly kind: "real"
      readonly now: number
      readonly mode: Mode
      /** What the machine's own clock says. */
      readonly machine: number
    }
  | ({
      readonly kind: "virtual"
      readonly now: number
    } & VirtualPosition)

export class LifecycleClock extends Context.Service<
  LifecycleClock,
  {
    /** Effective now in milliseconds. It goes back only when a person says that a real clock's later time was wrong. */
    readonly now: () => number
    /** The latest deadline that an irreversible act may answer now: elapsed time alone has come to it. */
    readonly irreversibleUntil: () => number
    readonly state: () => ClockState
    /** Present on a virtual clock only. The position is durable before it is visible. */
    readonly move: ((position: VirtualPosition) => Effect.Effect<void, ServiceError>) | undefined
    /** Looks at the machine's clock, and makes durable what is trusted, so that the next start goes on from it. */
    readonly mark: Effect.Effect<void>
    /** A jump of a real clock that no person has decided on. A virtual clock is moved by people: it has none. */
    readonly doubt: () => Doubt | undefined
    /** A person decides which time is right; durable when it returns. */
    readonly decide: (word: Word) => Effect.Effect<void, ServiceError>
    /** Called when there is something to mark at once. */
    readonly onChange: (wake: () => void) => void
  }
>()("keystate/timers/LifecycleClock") {}

const kindName = "clock.kind"
const markName = "clock.mark"
const positionName = "clock.position"
/** Written by earlier versions only. */
const doubtName = "clock.doubt"

/** A data directory belongs to one kind of clock for life: a virtual position means nothing in real time. */
const claimKind = Effect.fn("LifecycleClock.claimKind")(function* (kind: "real" | "virtual") {
  const store = yield* Store
  const known = yield* orUnusable(store.meta(kindName))
  if (known === undefined) return yield* orUnusable(store.setMeta(kindName, kind))
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

/** What the run before left; undefined in a new store. */
const savedIn = Effect.fn("LifecycleClock.saved")(function* () {
  const store = yield* Store
  return decodeSaved({
    mark: yield* orUnusable(store.meta(markName)),
    doubt: yield* orUnusable(store.meta(doubtName))
  })
})

/** A machine's clock and a counter of elapsed time, read together. */
const makeLooks = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const uptime = yield* Uptime
  const steadyMillis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  return {
    uptime,
    wall: () => clock.currentTimeMillisUnsafe(),
    steadyMillis,
    look: (): Look => ({ wall: clock.currentTimeMillisUnsafe(), elapsed: steadyMillis() + uptime.asleepMillis() })
  }
})

/** The machine's clock as far as it can be trusted: see trust.ts. */
export const layerReal: Layer.Layer<LifecycleClock, StoreUnusable, Store | Uptime> = Layer.effect(
  LifecycleClock,
  Effect.gen(function* () {
    yield* claimKind("real")
    const store = yield* Store
    const looks = yield* makeLooks
    const saved = yield* savedIn()
    const recorded = yield* newestInstant
    const turn = yield* Semaphore.make(1)
    const { boot } = looks.uptime
    const first = looks.look()
    let trust = saved === undefined ? adopt(first) : resume(saved, { ...first, ...uptimeOf(looks.uptime), recorded })
    let highWater = Math.max(saved?.at ?? 0, saved === undefined ? 0 : (recorded ?? 0))
    /** The machine's clock when it was last read, the latest it may say without a look, and the counter at the look. */
    let seen = first.wall
    let horizon = first.wall + clockLookMillisMax
    let lookedAt = looks.steadyMillis()
    let uptimeAtLook = looks.uptime.millis()
    let warned: Doubt | undefined
    let wake = (): void => undefined

    const lookNow = (): Look => {
      const found = looks.look()
      const before = trust
      trust = look(before, found)
      seen = found.wall
      horizon = found.wall + clockLookMillisMax
      lookedAt = looks.steadyMillis()
      uptimeAtLook = looks.uptime.millis()
      if (trust.mode !== before.mode || trust.doubt?.to !== before.doubt?.to) wake()
      return found
    }

    /** Whole milliseconds, as every instant in the data. */
    const trustedNow = (): number => {
      const since = looks.steadyMillis() - lookedAt
      if (trust.mode === "Followed" || since < 0 || since >= clockLookMillisMin) lookNow()
      return trust.mode === "Followed"
        ? seen
        : Math.floor(trustedAt(trust, trust.elapsed + Math.max(0, looks.steadyMillis() - lookedAt)))
    }

    const now = (): number => {
      const wall = looks.wall()
      // The way of nearly every call: nothing but a comparison with the last reading.
      if (trust.mode === "Followed" && wall >= seen && wall <= horizon) {
        seen = wall
        highWater = Math.max(highWater, wall)
      } else highWater = Math.max(highWater, trustedNow())
      return highWater
    }

    const save = (kept: Trust, at: number): Effect.Effect<void, StoreFailure> =>
      store.setMeta(markName, encodeSaved({ ...kept, at, uptime: uptimeAtLook, boot }))

    const mark = Effect.gen(function* () {
      lookNow()
      // Without room the mark of before stands: a restart trusts less than it could.
      yield* orLater("The clock's mark", save(trust, now()))
      if (trust.doubt === warned) return
      if (trust.doubt !== undefined && trust.doubt.to !== warned?.to) yield* Effect.logWarning(sentenceOf(trust.doubt))
      warned = trust.doubt
    }).pipe(turn.withPermit)

    const decide = (word: Word): Effect.Effect<void, ServiceError> =>
      Effect.gen(function* () {
        const found = lookNow()
        const next = (word === "confirm" ? confirm : reject)(trust, found)
        if (next === trust) return
        const at = Math.floor(trustedAt(next, found.elapsed))
        yield* orRefused(save(next, at))
        trust = next
        // Within the tolerance time stands still rather than go back.
        highWater = Math.abs(highWater - at) <= clockToleranceMillis ? Math.max(highWater, at) : at
        yield* Effect.logWarning(`A person decided on the clock (${word}). It says ${formatInstant(at)}.`)
      }).pipe(turn.withPermit, Effect.uninterruptible)

    yield* mark
    return {
      now,
      irreversibleUntil: () => {
        now()
        const byElapsed = trust.base + Math.max(0, looks.steadyMillis() - lookedAt)
        return trust.mode === "Doubted"
          ? Number.NEGATIVE_INFINITY
          : Math.min(highWater, Math.floor(byElapsed) + clockWobbleMillis)
      },
      state: () => ({ kind: "real", now: now(), mode: trust.mode, machine: looks.wall() }) as const,
      move: undefined,
      mark,
      doubt: () => {
        now()
        return trust.doubt
      },
      decide,
      onChange: (to) => {
        wake = to
      }
    }
  })
)

/**
 * The newest instant in the data. Every change commits its audit line in its own transaction, so that this is as durable
 * as the changes themselves, and costs them nothing.
 */
const newestInstant = Effect.gen(function* () {
  const store = yield* Store
  const [last] = yield* store.auditSegmentsBefore({ beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 })
  return last === undefined ? undefined : entryOf({ seq: last.seq, line: last.lines.length }, last.lines).at
}).pipe(
  // A damaged log is for `verify` to name.
  Effect.catchTag("StoreDamaged", () => Effect.succeed(undefined)),
  Effect.catchDefect((defect) => (defect instanceof DamagedLine ? Effect.succeed(undefined) : Effect.die(defect))),
  orUnusable
)

const uptimeOf = ({ boot, millis }: Uptime["Service"]) => ({ boot, uptime: millis() })

/** What an operator should know of a machine's clock that was rejected and has not been set right. */
export const rejectedSentence = (machine: number): string =>
  `The machine's clock says ${formatInstant(machine)}, which was rejected. Lifecycle time goes on by elapsed time until ` +
  "the machine's clock is set right."

/** What happened, and what an operator can do about it. */
export const sentenceOf = ({ direction, from, to }: Doubt): string => {
  const jump = `The machine's clock jumped ${direction === "Forward" ? "forward" : "back"}`
  const advice =
    direction === "Forward"
      ? `If it is right, run \`keystate clock confirm\`. If it is wrong, set it right and run \`keystate clock reject\`.`
      : `If it is right, run \`keystate clock confirm\`: lifecycle time goes back. If it is wrong, set it right first.`
  return (
    `${jump}, from ${formatInstant(from)} to ${formatInstant(to)}. Until a person decides, lifecycle time goes on by ` +
    `elapsed time, and deletions and the expiry of material wait. ${advice}`
  )
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
