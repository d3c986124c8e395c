/** The replay guard's memory across restarts: restored at the start, stored in batches, marked with the clock's time. */
import { Clock, Effect, Semaphore } from "effect"
import { auditFlushMillis, dayMillis, timestampSkewMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import { runEndName } from "../records/metaNames.ts"
import type { NonceBatch } from "../records/rows.ts"
import { orLater, orUnusable } from "../store/unavailable.ts"
import { Uptime } from "../timers/uptime.ts"
import { makeReplayGuard } from "../wire/replayGuard.ts"
import type { ReplayGuard } from "../wire/replayGuard.ts"
import { decodeRanges, encodeRanges, StampRanges } from "../wire/stampRanges.ts"
import type { StampRange } from "../wire/stampRanges.ts"

const forgottenName = "wire.forgotten"
const second = 1000
/** The interval between marks of the clock's time. */
const markMillis = 60_000
/** A request takes effect at most this long after a mark; later ones need a new mark. */
const markedMillisMax = 2 * markMillis
/** A clock that is ahead of elapsed time by more than this has jumped. */
const markSlackMillis = 100

export interface ReplayMemory {
  readonly guard: ReplayGuard
  /** Makes the uses accepted so far durable. */
  readonly flush: Effect.Effect<void, StoreFailure>
  /** Whether a request of now must be durable before it has any effect: the clock jumped, or the mark is old. */
  readonly isUnmarked: (nowMillis: number) => boolean
}

/** The clock's time during a run and the machine's uptime, so that the next run can compute the time between. */
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
 * The timestamps of requests that a killed run may have accepted without storing them. Such a request is not stamped
 * ahead of the clock. It arrives at most `markedMillisMax` after the mark, by a clock without a jump. All others are
 * stored first. Earlier versions stored no mark.
 */
const lostStamps = (mark: Mark | undefined, start: Mark): StampRange => {
  if (mark === undefined) return { from: start.at - dayMillis, to: start.at - 1 }
  const from = mark.at - timestampSkewMillis
  const since = Math.ceil(start.uptime - mark.uptime)
  const isSameBoot = mark.boot !== "" && mark.boot === start.boot && since >= 0
  const latest = mark.at + Math.min(isSameBoot ? since : markedMillisMax, markedMillisMax) + markSlackMillis
  // The clock advanced as it should, so no request from now on must be refused.
  const isNow = start.at >= mark.at && start.at - latest <= 0 && (!isSameBoot || latest - start.at <= second)
  return { from, to: isNow ? start.at - 1 : latest }
}

/** Timestamps are whole seconds: the start waits for the next one, so that no later request looks older. */
const nextSecond = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const start = Math.ceil((now + markSlackMillis) / second) * second
  yield* Effect.sleep(start - now)
  return start
})

const bootOf = ({ boot }: Uptime["Service"]): string => boot ?? ""

/**
 * The ranges that earlier runs deleted or lost, and whether the store has all of them. They are durable before this
 * run's mark.
 */
const forgottenBefore = Effect.gen(function* () {
  const store = yield* Store
  const ranges = new StampRanges({ slack: 0, max: 64 })
  for (const range of decodeRanges((yield* store.meta(forgottenName)) ?? "")) ranges.add(range)
  const ending = (yield* store.meta(runEndName)) ?? "closed"
  if (!ending.startsWith("open")) return { ranges: ranges.all(), isStored: true }
  const uptime = yield* Uptime
  const at = yield* nextSecond
  ranges.add(lostStamps(decodeMark(ending), { at, uptime: uptime.millis(), boot: bootOf(uptime) }))
  return { ranges: ranges.all(), isStored: false }
})

/**
 * All batches of the previous run. A store of an earlier version has every batch since its start; old ones are deleted
 * by the clock.
 */
const keptBatches = Effect.fnUntraced(function* (now: number) {
  const store = yield* Store
  const isFirst = (yield* store.meta(forgottenName)) === undefined
  if (isFirst) yield* orLater("The note that nothing is forgotten", store.setMeta(forgottenName, ""))
  return yield* store.nonces(isFirst ? now : 0)
})

interface State {
  readonly store: Store["Service"]
  readonly clock: Clock.Clock
  readonly uptime: Uptime["Service"]
  readonly guard: ReplayGuard
  /** The latest durable mark: the clock's time, and the time since the machine started. */
  marked: { readonly at: number; readonly steady: number }
  /** Whether the store has the ranges that earlier runs deleted. */
  isStored: boolean
  /** Ranges whose nonces are still in the store. */
  unforgotten: ReadonlyArray<StampRange>
  /** Batches that the store could not write for lack of disk space. */
  unstored: ReadonlyArray<NonceBatch>
}

const steadyMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

const isUnmarked = ({ clock, marked }: State, nowMillis: number): boolean => {
  const since = steadyMillis(clock) - marked.steady
  return since > markedMillisMax || nowMillis < marked.at || nowMillis > marked.at + since + markSlackMillis
}

const storeForgotten = (state: State) =>
  Effect.tap(state.store.setMeta(forgottenName, encodeRanges(state.guard.forgotten())), () =>
    Effect.sync(() => {
      state.isStored = true
    })
  )

const writeMark = (state: State) =>
  Effect.suspend(() => {
    const { clock, store, uptime } = state
    const mark: Mark = { at: clock.currentTimeMillisUnsafe(), uptime: uptime.millis(), boot: bootOf(uptime) }
    const steady = steadyMillis(clock)
    const marking = Effect.tap(store.setMeta(runEndName, encodeMark(mark)), () =>
      Effect.sync(() => {
        state.marked = { at: mark.at, steady }
      })
    )
    return state.isStored ? marking : Effect.andThen(storeForgotten(state), marking)
  })

const markIfDue = (state: State) =>
  Effect.suspend(() => {
    const { clock, marked } = state
    const isDue =
      steadyMillis(clock) - marked.steady >= markMillis || isUnmarked(state, clock.currentTimeMillisUnsafe())
    return isDue ? writeMark(state) : Effect.void
  })

/** Stores the deleted ranges before the store drops their nonces. */
const forget = (state: State) =>
  Effect.suspend(() => {
    state.unforgotten = [...state.unforgotten, ...state.guard.takeForgotten()]
    const { store, unforgotten } = state
    if (unforgotten.length === 0) return Effect.void
    const forgetAll = Effect.forEach(unforgotten, ({ from, to }) =>
      store.forgetNonces({ after: from + timestampSkewMillis, until: to + timestampSkewMillis + 1 })
    )
    const done = Effect.sync(() => {
      state.unforgotten = state.unforgotten.slice(unforgotten.length)
    })
    return Effect.andThen(Effect.andThen(storeForgotten(state), forgetAll), done)
  })

const append = (state: State) =>
  Effect.suspend(() => {
    const { clock, guard, store } = state
    const batch = guard.drain()
    const stillNeeded = state.unstored.filter(({ expiresAt }) => expiresAt > clock.currentTimeMillisUnsafe())
    state.unstored = batch === undefined ? stillNeeded : [...stillNeeded, batch]
    return Effect.forEach(state.unstored, (one) =>
      Effect.tap(store.appendNonces(one), () =>
        Effect.sync(() => {
          state.unstored = state.unstored.filter((other) => other !== one)
        })
      )
    )
  })

/** All three at once, so that they share a sync. A failure of one does not cancel the others. */
const flushOnce = (state: State) =>
  Effect.forEach([append(state), markIfDue(state), forget(state)], Effect.exit, { concurrency: "unbounded" }).pipe(
    Effect.flatMap((exits) => Effect.all(exits, { discard: true }))
  )

const openState = Effect.gen(function* () {
  const store = yield* Store
  const clock = yield* Clock.Clock
  const uptime = yield* Uptime
  const now = yield* Clock.currentTimeMillis
  const batches = yield* orUnusable(keptBatches(now))
  const before = yield* orUnusable(forgottenBefore)
  const guard = makeReplayGuard({ forgotten: before.ranges, drained: true })
  guard.restore(batches, now)
  const state: State = {
    store,
    clock,
    uptime,
    guard,
    marked: { at: (yield* Clock.currentTimeMillis) - 1, steady: steadyMillis(clock) },
    isStored: before.isStored,
    unforgotten: [],
    unstored: []
  }
  return state
})

/**
 * If several engines share a store, the store remembers accepted requests. The guard in memory is only checked first.
 */
const sharedMemory = (): ReplayMemory => ({
  guard: makeReplayGuard({ drained: false }),
  flush: Effect.void,
  isUnmarked: () => false
})

const openOwnMemory = Effect.gen(function* () {
  const turn = yield* Semaphore.make(1)
  const state = yield* openState
  const flush = flushOnce(state).pipe(turn.withPermit, Effect.uninterruptible)
  /** Without disk space, accepted requests stay in memory and are tried again. */
  const flushInTime = Effect.catch(flush, () => Effect.sleep(second))
  const close = Effect.andThen(flush, state.store.setMeta(runEndName, "closed"))

  yield* orLater("The mark of the replay guard", writeMark(state))
  // Without disk space the next start finds no clean end, and refuses timestamps of possibly lost requests.
  yield* Effect.addFinalizer(() => orLater("The note of the run's end", close))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(auditFlushMillis), flushInTime)))
  const memory: ReplayMemory = {
    guard: state.guard,
    flush,
    isUnmarked: (nowMillis) => isUnmarked(state, nowMillis)
  }
  return memory
})

export const openReplayMemory = Effect.flatMap(Store, ({ shared }) =>
  shared === undefined ? openOwnMemory : Effect.sync(sharedMemory)
)
