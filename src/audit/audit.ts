/** Who asked what, what was decided, what changed: collected here, chained and kept by the store. */
import { Context, Effect, Latch, Layer, Semaphore } from "effect"
import { auditFlushMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import type { AuditRecord } from "../records/rows.ts"
import { makeAuditBatch } from "./auditBatch.ts"

/** A buffer this long is flushed at once, so that memory stays bounded under any load. */
const bufferedMax = 8192

/** Records that wait for room on the disk; with more of them nothing is answered that would need another one. */
export const auditWaitingMax = 65_536

/** How long a store without room is left alone before it is tried again. */
const retryMillis = 1000

/** What an operator should look at. */
export type Alarm = NonNullable<AuditRecord["alarm"]>

/** One line of the log for each alarm, once it is on disk. */
const warn = ({ alarm, keyId, operation, principal, requestId }: AuditRecord): Effect.Effect<void> =>
  Effect.logWarning(`${alarm}: ${principal} called ${operation} on key ${keyId}, which is to be deleted (${requestId})`)

export class Audit extends Context.Service<
  Audit,
  {
    /** Takes a record of a call that changed nothing. It reaches the disk within 50 ms. */
    readonly record: (record: AuditRecord) => void
    /** Waits until what was recorded is durable: at once, unless the audit is strict. */
    readonly settled: Effect.Effect<void, StoreFailure>
    readonly flush: Effect.Effect<void, StoreFailure>
    /** Whether so many records wait for room on the disk that no more are taken. */
    readonly isFull: () => boolean
    /** Records that are not on the disk yet. */
    readonly waiting: () => number
    /** Alarms since the start. */
    readonly alarms: () => Readonly<Record<Alarm, number>>
  }
>()("keystate/audit/Audit") {
  static readonly layer = (options: { readonly strict: boolean }): Layer.Layer<Audit, never, Store> =>
    Layer.effect(
      Audit,
      Effect.gen(function* () {
        const store = yield* Store
        const waiting = yield* Latch.make(false)
        const full = yield* Latch.make(false)
        const turn = yield* Semaphore.make(1)
        const batch = makeAuditBatch()
        let alarming: Array<AuditRecord> = []
        /** Lines that are being written, or could not be: they come before all others. */
        let kept: ReadonlyArray<string> = []
        let buffered = 0
        const alarms: Record<Alarm, number> = { PendingDeletionUse: 0 }

        const flush = Effect.suspend(() => {
          kept = [...kept, ...batch.take()]
          buffered = 0
          if (kept.length === 0) return Effect.void
          waiting.closeUnsafe()
          full.closeUnsafe()
          return Effect.andThen(
            store.appendAudit(kept),
            Effect.suspend(() => {
              const alarmed = alarming
              kept = []
              alarming = []
              return Effect.forEach(alarmed, warn, { discard: true })
            })
          )
        }).pipe(turn.withPermit, Effect.uninterruptible)

        /** Without room the records stay, in their order, and are tried again. */
        const flushInTime = Effect.catch(flush, () =>
          Effect.andThen(
            Effect.sync(() => waiting.openUnsafe()),
            Effect.sleep(retryMillis)
          )
        )

        yield* Effect.forkScoped(
          Effect.gen(function* () {
            for (;;) {
              yield* waiting.await
              yield* Effect.raceFirst(Effect.sleep(auditFlushMillis), full.await)
              yield* flushInTime
            }
          })
        )
        yield* Effect.addFinalizer(() =>
          Effect.catch(flush, ({ message }) =>
            Effect.logError(`${kept.length} audit records of calls that changed nothing are lost: ${message}`)
          )
        )
        return {
          record: (record) => {
            if (kept.length + buffered >= auditWaitingMax) return
            buffered = batch.add(record)
            if (record.alarm !== undefined) {
              alarms[record.alarm]++
              alarming.push(record)
            }
            if (buffered === 1) waiting.openUnsafe()
            else if (buffered === bufferedMax) full.openUnsafe()
          },
          settled: options.strict ? flush : Effect.void,
          flush,
          isFull: () => kept.length + buffered >= auditWaitingMax,
          waiting: () => kept.length + buffered,
          alarms: () => alarms
        }
      })
    )
}
