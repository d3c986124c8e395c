/** The trusted time of the machine's clock (trust.ts). Engines on one store share it (agreed.ts). */
import { Effect, Layer, Semaphore } from "effect"
import { clockLookMillisMax, clockLookMillisMin, clockToleranceMillis, clockWobbleMillis } from "../domain/limits.ts"
import { refuse } from "../domain/errors.ts"
import { formatInstant } from "../domain/time.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { Proofs } from "../proof/proofs.ts"
import { Store } from "../store/store.ts"
import type { StoreConflict, StoreFailure, StoreUnusable } from "../store/store.ts"
import { orLater, orRefused } from "../store/unavailable.ts"
import { openClock } from "./agreement.ts"
import type { Agreement, News } from "./agreement.ts"
import { claimKind, LifecycleClock, markName, sentenceOf } from "./clock.ts"
import type { Word } from "./clock.ts"
import { makeLooks } from "./looks.ts"
import type { Looks } from "./looks.ts"
import { encodeSaved } from "./savedTrust.ts"
import { confirm, look, reject, trustedAt, waited } from "./trust.ts"
import type { Doubt, Look, Trust } from "./trust.ts"
import type { Uptime } from "./uptime.ts"

/** A real clock while it runs. */
interface RealClock {
  readonly looks: Looks
  readonly store: Store["Service"]
  /** Undefined if this engine has the store to itself. */
  readonly agreement: Agreement | undefined
  trust: Trust
  /** A doubt that this look ends. Engines that share a store stay in doubt until all of them are notified. */
  ending: Trust | undefined
  /** The latest time that was answered. */
  highWater: number
  /** The last reading of the machine's clock. */
  seen: number
  /** The latest time that the machine's clock may show without a look. */
  horizon: number
  /** The counter of elapsed time at the last look, milliseconds. */
  lookedAt: number
  uptimeAtLook: number
  /** The doubt that was logged. */
  warned: Doubt | undefined
  wake: () => void
}

const isOver = (before: Trust, after: Trust): boolean => before.mode !== "Followed" && after.mode === "Followed"

const lookNow = (clock: RealClock): Look => {
  const { agreement, ending, looks, trust: before } = clock
  const found = looks.look()
  const after = look(before, found)
  const isHeld = agreement !== undefined && isOver(before, after)
  clock.trust = isHeld ? waited(before, found) : after
  clock.ending = isHeld ? after : undefined
  clock.seen = found.wall
  clock.horizon = found.wall + clockLookMillisMax
  clock.lookedAt = looks.steadyMillis()
  clock.uptimeAtLook = looks.uptime.millis()
  const isNew = isHeld ? ending === undefined : after.mode !== before.mode || after.doubt?.to !== before.doubt?.to
  if (isNew) clock.wake()
  return found
}

const sinceLook = ({ looks, lookedAt }: RealClock): number => Math.max(0, looks.steadyMillis() - lookedAt)

/** Whole milliseconds, like every time in the data. */
const trustedNow = (clock: RealClock): number => {
  const since = clock.looks.steadyMillis() - clock.lookedAt
  if (clock.trust.mode === "Followed" || since < 0 || since >= clockLookMillisMin) lookNow(clock)
  return clock.trust.mode === "Followed"
    ? clock.seen
    : Math.floor(trustedAt(clock.trust, clock.trust.elapsed + sinceLook(clock)))
}

const realNow = (clock: RealClock): number => {
  const wall = clock.looks.wall()
  // The fast path of nearly every call: a comparison with the last reading.
  if (clock.trust.mode === "Followed" && wall >= clock.seen && wall <= clock.horizon) {
    clock.seen = wall
    if (wall > clock.highWater) clock.highWater = wall
  } else clock.highWater = Math.max(clock.highWater, trustedNow(clock))
  return clock.highWater
}

/** The data for a restart: the trust, as of the last look. */
const saveTrust = (clock: RealClock, trust: Trust, at: number) => {
  const { agreement, horizon, looks, store, uptimeAtLook: uptime } = clock
  const { boot } = looks.uptime
  return agreement === undefined
    ? store.setMeta(markName, encodeSaved({ ...trust, at, uptime, boot }))
    : agreement.saveMark({ ...trust, at, uptime, boot, wall: horizon - clockLookMillisMax })
}

/** After a decision of a person, time may go back. Within the tolerance it stands still instead. */
const turnTo = (clock: RealClock, at: number): void => {
  const { highWater } = clock
  clock.highWater = Math.abs(highWater - at) <= clockToleranceMillis ? Math.max(highWater, at) : at
}

/** Another engine may have written the time that all follow. */
const hear = (clock: RealClock, agreement: Agreement, text: string | undefined): void => {
  const heard = agreement.hear(text, () => ({ trust: clock.trust, lookedAt: clock.lookedAt }))
  if (heard === undefined) return
  if (heard.trust !== undefined) {
    clock.trust = heard.trust
    if (heard.isDecided) turnTo(clock, Math.floor(trustedAt(heard.trust, heard.trust.elapsed)))
    // A jump since then is detected by this look.
    lookNow(clock)
  }
  clock.wake()
}

/**
 * Notifies the other engines. If another engine was faster, the write conflicts, and this engine follows the other's
 * agreement.
 */
const tell = (clock: RealClock, agreement: Agreement, news: News, then: () => void) =>
  Effect.tapErrorTag(agreement.write(news, then), "StoreConflict", () =>
    Effect.map(agreement.read, (text) => hear(clock, agreement, text))
  )

const tellNews = (clock: RealClock, { wall }: Look): Effect.Effect<void, StoreFailure> =>
  Effect.suspend(() => {
    const { agreement, ending } = clock
    const trust = ending ?? clock.trust
    if (agreement?.isNews(trust) !== true) return Effect.void
    return tell(clock, agreement, { trust, wall, isDecided: false }, () => {
      clock.trust = trust
      lookNow(clock)
    }).pipe(
      // Unsent news is sent with the next mark.
      Effect.catchTag("StoreConflict", () => Effect.void)
    )
  })

const markReal = (clock: RealClock): Effect.Effect<void> =>
  Effect.gen(function* () {
    const found = lookNow(clock)
    // If the mark cannot be written, the previous one remains: a restart then trusts less than it could.
    const marked = Effect.andThen(
      tellNews(clock, found),
      Effect.suspend(() => {
        const at = realNow(clock)
        return saveTrust(clock, clock.trust, at)
      })
    )
    yield* orLater("The clock's mark", marked)
    const { trust, warned } = clock
    if (trust.doubt === warned) return
    if (trust.doubt !== undefined && trust.doubt.to !== warned?.to) yield* Effect.logWarning(sentenceOf(trust.doubt))
    clock.warned = trust.doubt
  })

/** Durable when it returns; then the clock follows it. */
const goBy = (
  clock: RealClock,
  next: Trust,
  { elapsed, wall }: Look
): Effect.Effect<void, StoreConflict | StoreFailure> => {
  const { agreement } = clock
  const at = Math.floor(trustedAt(next, elapsed))
  const saved = saveTrust(clock, next, at)
  const turn = (): void => {
    clock.trust = next
    turnTo(clock, at)
  }
  return agreement === undefined
    ? Effect.tap(saved, () => Effect.sync(turn))
    : Effect.andThen(
        tell(clock, agreement, { trust: next, wall, isDecided: true }, turn),
        orLater("The clock's mark", saved)
      )
}

/** Other engines may change the clock between the look and the decision. */
const decisionsMax = 8

const decideReal = (clock: RealClock, word: Word): Effect.Effect<void, ServiceError> =>
  Effect.gen(function* () {
    const found = lookNow(clock)
    const next = (word === "confirm" ? confirm : reject)(clock.trust, found)
    if (next === clock.trust) return
    yield* goBy(clock, next, found)
    const says = formatInstant(realNow(clock))
    yield* Effect.logWarning(`A person decided on the clock (${word}). It says ${says}.`)
  }).pipe(
    Effect.retry({ times: decisionsMax, while: ({ _tag }) => _tag === "StoreConflict" }),
    Effect.catchTag("StoreConflict", () => Effect.fail(changedMeanwhile())),
    orRefused
  )

const changedMeanwhile = () =>
  refuse("ServiceUnavailableTemporary", { hint: "The clock changed during this call; check it and try again." })

const irreversibleUntil = (clock: RealClock): number => {
  realNow(clock)
  const byElapsed = clock.trust.base + sinceLook(clock)
  return clock.trust.mode === "Doubted"
    ? Number.NEGATIVE_INFINITY
    : Math.min(clock.highWater, Math.floor(byElapsed) + clockWobbleMillis)
}

/** A real clock with the data of earlier runs. */
const openRealClock = Effect.gen(function* () {
  const looks = yield* makeLooks
  const { agreement, highWater, trust } = yield* openClock(looks)
  const { onAnswer } = yield* Proofs
  const clock: RealClock = {
    looks,
    store: yield* Store,
    agreement,
    trust,
    ending: undefined,
    highWater,
    seen: looks.wall(),
    horizon: 0,
    lookedAt: looks.steadyMillis(),
    uptimeAtLook: looks.uptime.millis(),
    warned: undefined,
    wake: () => undefined
  }
  lookNow(clock)
  if (agreement !== undefined) onAnswer(({ clockPosition }) => hear(clock, agreement, clockPosition))
  return clock
})

/** The machine's clock, as far as it is trusted: see trust.ts. */
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
