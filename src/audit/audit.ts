/** Who asked what, what was decided, what changed: collected here, chained and kept by the store. */
import { Context, Effect, Latch, Layer, Semaphore } from "effect"
import { auditFlushMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { AuditRecord } from "../store/store.ts"

/** A buffer this long is flushed at once, so that memory stays bounded under any load. */
const bufferedMax = 8192

const plain = /^[\w :./-]*$/

const quote = (text: string | null): string =>
  text === null ? "null" : plain.test(text) ? `"${text}"` : JSON.stringify(text)

/** A record as one line of JSON. Written out by hand: it is on the path of every use of every key. */
export const lineOf = (record: AuditRecord): string =>
  `{"at":${record.at},"requestId":${quote(record.requestId)},"principal":${quote(record.principal)},` +
  `"operation":${quote(record.operation)},"keyId":${quote(record.keyId)},"outcome":${quote(record.outcome)},` +
  `"before":${quote(record.before)},"after":${quote(record.after)}` +
  (record.alarm === undefined ? "" : `,"alarm":"${record.alarm}"`) +
  (record.subject === undefined ? "}" : `,"subject":${quote(record.subject)}}`)

export class Audit extends Context.Service<
  Audit,
  {
    /** Takes a record of a call that changed nothing. It reaches the disk within 50 ms. */
    readonly record: (record: AuditRecord) => void
    /** Waits until what was recorded is durable: at once, unless the audit is strict. */
    readonly settled: Effect.Effect<void>
    readonly flush: Effect.Effect<void>
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
        let buffer: Array<AuditRecord> = []

        const flush = Effect.suspend(() => {
          if (buffer.length === 0) return Effect.void
          const taken = buffer
          buffer = []
          waiting.closeUnsafe()
          full.closeUnsafe()
          return store.appendAudit(taken.map(lineOf))
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
            buffer.push(record)
            if (buffer.length === 1) waiting.openUnsafe()
            else if (buffer.length === bufferedMax) full.openUnsafe()
          },
          settled: options.strict ? flush : Effect.void,
          flush
        }
      })
    )
}
