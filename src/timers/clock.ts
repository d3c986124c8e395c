/** The lifecycle clock: real or virtual, its position as durable as the keys. */
import { Clock, Context, Effect, Layer, Semaphore } from "effect"
import { DamagedLine, entryOf } from "../records/auditLine.ts"
import { clockLookMillisMax, clockLookMillisMin, clockToleranceMillis, clockWobbleMillis } from "../domain/limits.ts"
import { formatInstant } from "../domain/time.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orLater, orRefused, orUnusable } from "../store/unavailable.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { decodeSaved, encodeSaved } from "./savedTrust.ts"
import { adopt, confirm, look, reject, resume, trustedAt } from "./trust.ts"
import type { Doubt, Look, Mode, Trust } from "./trust.ts"
import { Proofs } from "../proof/proofs.ts"
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
    /** Called when there is something to mark at once, or when another engine moved the clock. */
    readonly onChange: (wake: () => void) => void
  }
>()("keystate/timers/LifecycleClock") {}

const kindName = "clock.kind"
export const markName = "clock.mark"
/** Written by earlier versions only. */
const doubtName = "clock.doubt"

/** A data directory belongs to one kind of clock for life: a virtual position means nothing in real time. */
export const claimKind = Effect.fn("LifecycleClock.claimKind")(function* (kind: "real" | "virtual") {
  const store = yield* Store
  const known = yield* orUnusable(store.metaOnce(kindName, kind))
  if (known !== kind) {
    return yield* new StoreUnusable({
      message: `This data directory lives on a ${known} clock; start with --clock ${known}, or choose another directory.`
    })
  }
})

/** What the run before left; undefined in a new store. */
const savedIn = Effect.fn("LifecycleClock.saved")(function* () {
  const store = yield* Store
  return decodeSaved({
    mark: yield* orUnusable(store.meta(markName)),
    doubt: yield* orUnusable(store.meta(doubtName))
  })
})

/** A machine's clock and a counter of elapsed time, read together. */
interface Looks {
  readonly uptime: Uptime["Service"]
  /** Milliseconds since 1970, as the machine's clock says. */
  readonly wall: () => number
  /** A counter of elapsed time, milliseconds. */
  readonly steadyMillis: () => number
  readonly look: () => Look
}

/** Engines that share a store take the store's clock for the machine's: it is the same for all of them. */
const makeLooks: Effect.Effect<Looks, never, Proofs | Uptime> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const { storeTime } = yield* Proofs
  const wall = storeTime ?? ((): number => clock.currentTimeMillisUnsafe())
  const uptime = yield* Uptime
  const steadyMillis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  return {
    uptime,
    wall,
    steadyMillis,
    look: (): Look => ({ wall: wall(), elapsed: steadyMillis() + uptime.asleepMillis() })
  }
})

/** A real clock while it runs. */
interface RealClock {
  readonly looks: Looks
  readonly store: Store["Service"]
  trust: Trust
  /** The latest instant that was answered. */
  highWater: number
  /** What the machine's clock said when it was last read. */
  seen: number
  /** The latest instant that the machine's clock may say without a look. */
  horizon: number
  /** The counter of elapsed time at the last look, milliseconds. */
  lookedAt: number
  uptimeAtLook: number
  /** The doubt that the log has told of. */
  warned: Doubt | undefined
  wake: () => void
}

const lookNow = (clock: RealClock): Look => {
  const { looks, trust: before } = clock
  const found = looks.look()
  clock.trust = look(before, found)
  clock.seen = found.wall
  clock.horizon = found.wall + clockLookMillisMax
  clock.lookedAt = looks.steadyMillis()
  clock.uptimeAtLook = looks.uptime.millis()
  if (clock.trust.mode !== before.mode || clock.trust.doubt?.to !== before.doubt?.to) clock.wake()
  return found
}

const sinceLook = ({ looks, lookedAt }: RealClock): number => Math.max(0, looks.steadyMillis() - lookedAt)

/** Whole milliseconds, as every instant in the data. */
const trustedNow = (clock: RealClock): number => {
  const since = clock.looks.steadyMillis() - clock.lookedAt
  if (clock.trust.mode === "Followed" || since < 0 || since >= clockLookMillisMin) lookNow(clock)
  return clock.trust.mode === "Followed"
    ? clock.seen
    : Math.floor(trustedAt(clock.trust, clock.trust.elapsed + sinceLook(clock)))
}

const realNow = (clock: RealClock): number => {
  const wall = clock.looks.wall()
  // Nearly every call takes this way: a comparison with the last reading.
  if (clock.trust.mode === "Followed" && wall >= clock.seen && wall <= clock.horizon) {
    clock.seen = wall
    if (wall > clock.highWater) clock.highWater = wall
  } else clock.highWater = Math.max(clock.highWater, trustedNow(clock))
  return clock.highWater
}

const saveTrust = ({ looks, store, uptimeAtLook }: RealClock, kept: Trust, at: number) =>
  store.setMeta(markName, encodeSaved({ ...kept, at, uptime: uptimeAtLook, boot: looks.uptime.boot }))

const markReal = (clock: RealClock): Effect.Effect<void> =>
  Effect.gen(function* () {
    lookNow(clock)
    // If the mark cannot be written, the one before stands: a restart trusts less than it could.
    yield* orLater("The clock's mark", saveTrust(clock, clock.trust, realNow(clock)))
    const { trust, warned } = clock
    if (trust.doubt === warned) return
    if (trust.doubt !== undefined && trust.doubt.to !== warned?.to) yield* Effect.logWarning(sentenceOf(trust.doubt))
    clock.warned = trust.doubt
  })

const decideReal = (clock: RealClock, word: Word): Effect.Effect<void, ServiceError> =>
  Effect.gen(function* () {
    const found = lookNow(clock)
    const next = (word === "confirm" ? confirm : reject)(clock.trust, found)
    if (next === clock.trust) return
    const at = Math.floor(trustedAt(next, found.elapsed))
    yield* orRefused(saveTrust(clock, next, at))
    clock.trust = next
    const { highWater } = clock
    // Within the tolerance time stands still rather than go back.
    clock.highWater = Math.abs(highWater - at) <= clockToleranceMillis ? Math.max(highWater, at) : at
    yield* Effect.logWarning(`A person decided on the clock (${word}). It says ${formatInstant(at)}.`)
  })

const irreversibleUntil = (clock: RealClock): number => {
  realNow(clock)
  const byElapsed = clock.trust.base + sinceLook(clock)
  return clock.trust.mode === "Doubted"
    ? Number.NEGATIVE_INFINITY
    : Math.min(clock.highWater, Math.floor(byElapsed) + clockWobbleMillis)
}

/** A real clock as the run before left it. */
const openRealClock = Effect.gen(function* () {
  const looks = yield* makeLooks
  const saved = yield* savedIn()
  const recorded = yield* newestInstant
  const first = looks.look()
  const clock: RealClock = {
    looks,
    store: yield* Store,
    trust: saved === undefined ? adopt(first) : resume(saved, { ...first, ...uptimeOf(looks.uptime), recorded }),
    highWater: Math.max(saved?.at ?? 0, saved === undefined ? 0 : (recorded ?? 0)),
    seen: first.wall,
    horizon: first.wall + clockLookMillisMax,
    lookedAt: looks.steadyMillis(),
    uptimeAtLook: looks.uptime.millis(),
    warned: undefined,
    wake: () => undefined
  }
  return clock
})

/** The machine's clock as far as it can be trusted: see trust.ts. */
export const layerReal: Layer.Layer<LifecycleClock, StoreUnusable, Store | Proofs | Uptime> = Layer.effect(
  LifecycleClock,
  Effect.gen(function* () {
    yield* claimKind("real")
    const clock = yield* openRealClock
    const turn = yield* Semaphore.make(1)
    const mark = turn.withPermit(markReal(clock))
    const now = (): number => realNow(clock)
    yield* mark
    return {
      now,
      irreversibleUntil: () => irreversibleUntil(clock),
      state: () => ({ kind: "real", now: now(), mode: clock.trust.mode, machine: clock.looks.wall() }) as const,
      move: undefined,
      mark,
      doubt: () => {
        now()
        return clock.trust.doubt
      },
      decide: (word) => decideReal(clock, word).pipe(turn.withPermit, Effect.uninterruptible),
      onChange: (wake) => {
        clock.wake = wake
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
