/** The replay guard's memory across restarts: restored at the start, kept in batches, and marked with the clock's time. */
import { Clock, Effect, Semaphore } from "effect"
import { auditFlushMillis, dayMillis, timestampSkewMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import type { NonceBatch } from "../records/rows.ts"
import { orLater, orUnusable } from "../store/unavailable.ts"
import { Uptime } from "../timers/uptime.ts"
import { makeReplayGuard } from "../wire/replayGuard.ts"
import type { ReplayGuard } from "../wire/replayGuard.ts"
import { decodeRanges, encodeRanges, StampRanges } from "../wire/stampRanges.ts"
import type { StampRange } from "../wire/stampRanges.ts"

/** `closed` after a clean end; `open` and the clock's time while a run lasts. */
const endName = "wire.end"
const forgottenName = "wire.forgotten"
const second = 1000
/** The clock's time is marked this often. */
const markMillis = 60_000
/** No request takes effect this long after a mark without a new one. */
const markedMillisMax = 2 * markMillis
/** A clock that is further ahead of elapsed time since the mark has jumped. */
const markSlackMillis = 100

export interface ReplayMemory {
  readonly guard: ReplayGuard
  /** Makes what was accepted so far durable. */
  readonly flush: Effect.Effect<void, StoreFailure>
  /** Whether a request of now has to be durable before it has any effect: the clock jumped, or the mark is old. */
  readonly isUnmarked: (nowMillis: number) => boolean
}

/** The clock's time while a run lasts, with the machine's uptime, so that the next run knows how long ago that was. */
interface Mark {
  readonly at: number
  readonly uptime: number
  readonly boot: string
}

const encodeMark = ({ at, uptime, boot }: Mark): string => `open ${at} ${Math.floor(uptime)} ${boot}`

const decodeMark = (text: string): Mark | undefined => {
  const [, at, uptime, boot] = text.split(" ")
  return at === undefined ? undefined : { at: Number(at), uptime: Number(uptime), boot: boot ?? "" }
}

/**
 * The timestamps of requests that a killed run may have accepted without storing them. Such a request is not stamped ahead
 * of the clock, and comes at most `markedMillisMax` after the mark by a clock that did not jump: all others are stored
 * first. Earlier versions kept no mark.
 */
const lostStamps = (mark: Mark | undefined, start: Mark): StampRange => {
  if (mark === undefined) return { from: start.at - dayMillis, to: start.at - 1 }
  const from = mark.at - timestampSkewMillis
  const since = start.uptime - mark.uptime
  const isSameBoot = mark.boot !== "" && mark.boot === start.boot && since >= 0
  const latest = mark.at + Math.min(isSameBoot ? since : markedMillisMax, markedMillisMax) + markSlackMillis
  // A clock that went on as it should: no request from now on has to be refused.
  const isNow = start.at >= mark.at && start.at - latest <= 0 && (!isSameBoot || latest - start.at <= second)
  return { from, to: isNow ? start.at - 1 : latest }
}

/** Timestamps are whole seconds: the start waits for the next one, so that no request made from now on looks older. */
const nextSecond = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const start = Math.ceil((now + markSlackMillis) / second) * second
  yield* Effect.sleep(start - now)
  return start
})

const bootOf = ({ boot }: Uptime["Service"]): string => boot ?? ""

/** What earlier runs forgot or lost, and whether the store says all of it. It is durable before the mark of this run. */
const forgottenBefore = Effect.gen(function* () {
  const store = yield* Store
  const ranges = new StampRanges({ slack: 0, max: 64 })
  for (const range of decodeRanges((yield* store.meta(forgottenName)) ?? "")) ranges.add(range)
  const ending = (yield* store.meta(endName)) ?? "closed"
  if (!ending.startsWith("open")) return { ranges: ranges.all(), isStored: true }
  const uptime = yield* Uptime
  const at = yield* nextSecond
  ranges.add(lostStamps(decodeMark(ending), { at, uptime: uptime.millis(), boot: bootOf(uptime) }))
  return { ranges: ranges.all(), isStored: false }
})

/** All that the run before kept. A store of an earlier version kept everything since its start: it is pruned by the clock. */
const keptBatches = Effect.fnUntraced(function* (now: number) {
  const store = yield* Store
  const isFirst = (yield* store.meta(forgottenName)) === undefined
  if (isFirst) yield* orLater("That nothing is forgotten", store.setMeta(forgottenName, ""))
  return yield* store.nonces(isFirst ? now : 0)
})

export const openReplayMemory = Effect.gen(function* () {
  const store = yield* Store
  const clock = yield* Clock.Clock
  const turn = yield* Semaphore.make(1)
  const now = yield* Clock.currentTimeMillis
  const batches = yield* orUnusable(keptBatches(now))
  const before = yield* orUnusable(forgottenBefore)
  const guard = makeReplayGuard({ forgotten: before.ranges, drained: true })
  guard.restore(batches, now)
  const uptime = yield* Uptime
  const steadyMillis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const newMark = (): Mark => ({ at: clock.currentTimeMillisUnsafe(), uptime: uptime.millis(), boot: bootOf(uptime) })
  let marked = { at: (yield* Clock.currentTimeMillis) - 1, steady: steadyMillis() }

  const isUnmarked = (nowMillis: number): boolean => {
    const since = steadyMillis() - marked.steady
    return since > markedMillisMax || nowMillis < marked.at || nowMillis > marked.at + since + markSlackMillis
  }

  let { isStored } = before
  const storeForgotten = Effect.suspend(() =>
    Effect.tap(store.setMeta(forgottenName, encodeRanges(guard.forgotten())), () =>
      Effect.sync(() => {
        isStored = true
      })
    )
  )

  const writeMark = Effect.suspend(() => {
    const mark = newMark()
    const steady = steadyMillis()
    const marking = Effect.tap(store.setMeta(endName, encodeMark(mark)), () =>
      Effect.sync(() => (marked = { at: mark.at, steady }))
    )
    return isStored ? marking : Effect.andThen(storeForgotten, marking)
  })

  const mark = Effect.suspend(() => {
    const isDue = steadyMillis() - marked.steady >= markMillis || isUnmarked(clock.currentTimeMillisUnsafe())
    return isDue ? writeMark : Effect.void
  })

  /** Ranges whose nonces the store has not forgotten yet. */
  let unforgotten: ReadonlyArray<StampRange> = []
  /** The ranges are durable before the store forgets what they stand for. */
  const forget = Effect.suspend(() => {
    unforgotten = [...unforgotten, ...guard.takeForgotten()]
    if (unforgotten.length === 0) return Effect.void
    const all = unforgotten
    const forgetAll = Effect.forEach(all, ({ from, to }) =>
      store.forgetNonces({ after: from + timestampSkewMillis, until: to + timestampSkewMillis + 1 })
    )
    const done = Effect.sync(() => {
      unforgotten = unforgotten.slice(all.length)
    })
    return Effect.andThen(Effect.andThen(storeForgotten, forgetAll), done)
  })

  /** Batches that a store without room has not taken. */
  let kept: ReadonlyArray<NonceBatch> = []
  const append = Effect.suspend(() => {
    const batch = guard.drain()
    const stillNeeded = kept.filter(({ expiresAt }) => expiresAt > clock.currentTimeMillisUnsafe())
    kept = batch === undefined ? stillNeeded : [...stillNeeded, batch]
    return Effect.forEach(kept, (one) =>
      Effect.tap(store.appendNonces(one), () =>
        Effect.sync(() => {
          kept = kept.filter((other) => other !== one)
        })
      )
    )
  })

  /** Together, so that they share a sync. None is given up because another one failed. */
  const flush = Effect.forEach([append, mark, forget], Effect.exit, { concurrency: "unbounded" }).pipe(
    Effect.flatMap((exits) => Effect.all(exits, { discard: true })),
    turn.withPermit,
    Effect.uninterruptible
  )
  /** Without room what was accepted stays in memory and is tried again. */
  const flushInTime = Effect.catch(flush, () => Effect.sleep(second))
  const close = Effect.andThen(flush, store.setMeta(endName, "closed"))

  yield* orLater("The mark of the replay guard", writeMark)
  // Without room the next start finds no clean end, and refuses what may have been lost.
  yield* Effect.addFinalizer(() => orLater("The end of the run", close))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(auditFlushMillis), flushInTime)))
  const memory: ReplayMemory = { guard, flush, isUnmarked }
  return memory
})
