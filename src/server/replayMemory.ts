/** The replay guard's memory across restarts: restored at the start, kept in batches, closed cleanly or said not to be. */
import { Clock, Effect, Semaphore } from "effect"
import { auditFlushMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import { makeReplayGuard } from "../wire/replayGuard.ts"
import type { ReplayGuard } from "../wire/replayGuard.ts"

const endName = "wire.end"
const second = 1000

export interface ReplayMemory {
  readonly guard: ReplayGuard
  /** Makes what was accepted so far durable. */
  readonly flush: Effect.Effect<void>
}

/**
 * A run that did not end cleanly may have accepted requests whose nonces it had not stored. All of them were stamped
 * before this start, so everything stamped before it is refused. Timestamps are whole seconds: the start waits for the
 * next one, so that no request made from now on looks older than it.
 */
const startAfterCrash = Effect.gen(function* () {
  const now = yield* Clock.currentTimeMillis
  const start = Math.ceil(now / second) * second
  yield* Effect.sleep(start - now)
  return start
})

export const openReplayMemory = Effect.gen(function* () {
  const store = yield* Store
  const turn = yield* Semaphore.make(1)
  const wasCut = (yield* store.meta(endName)) === "open"
  const guard = makeReplayGuard(
    wasCut ? { refuseBeforeMillis: yield* startAfterCrash, drained: true } : { drained: true }
  )
  const now = yield* Clock.currentTimeMillis
  guard.restore(yield* store.nonces(now), now)
  yield* store.setMeta(endName, "open")

  const flush = Effect.suspend(() => {
    const batch = guard.drain()
    return batch === undefined ? Effect.void : store.appendNonces(batch)
  }).pipe(turn.withPermit, Effect.uninterruptible)

  yield* Effect.addFinalizer(() => Effect.andThen(flush, store.setMeta(endName, "closed")))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(auditFlushMillis), flush)))
  const memory: ReplayMemory = { guard, flush }
  return memory
})
