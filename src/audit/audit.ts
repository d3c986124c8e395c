/** Who asked what, what was decided, what changed: collected here, chained and kept by the store. */
import { Context, Effect, Latch, Layer, Semaphore } from "effect"
import { auditFlushMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { AuditRecord } from "../store/store.ts"
import { makeAuditBatch } from "./auditBatch.ts"

/** A buffer this long is flushed at once, so that memory stays bounded under any load. */
const bufferedMax = 8192

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
    readonly settled: Effect.Effect<void>
    readonly flush: Effect.Effect<void>
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
        const alarms: Record<Alarm, number> = { PendingDeletionUse: 0 }

        const flush = Effect.suspend(() => {
          const lines = batch.take()
          if (lines.length === 0) return Effect.void
          const alarmed = alarming
          alarming = []
          waiting.closeUnsafe()
          full.closeUnsafe()
          const written = store.appendAudit(lines)
          return alarmed.length === 0
            ? written
            : Effect.andThen(written, Effect.forEach(alarmed, warn, { discard: true }))
        }).pipe(turn.withPermit, Effect.uninterruptible)

        yield* Effect.forkScoped(
          Effect.gen(function* () {
            for (;;) {
              yield* waiting.await
              yield* Effect.raceFirst(Effect.sleep(auditFlushMillis), full.await)
              yield* flush
            }
          })
        )
        yield* Effect.addFinalizer(() => flush)
        return {
          record: (record) => {
            const buffered = batch.add(record)
            if (record.alarm !== undefined) {
              alarms[record.alarm]++
              alarming.push(record)
            }
            if (buffered === 1) waiting.openUnsafe()
            else if (buffered === bufferedMax) full.openUnsafe()
          },
          settled: options.strict ? flush : Effect.void,
          flush,
          alarms: () => alarms
        }
      })
    )
}
