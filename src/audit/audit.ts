/** The audit log: collects a record of every call; the store chains and stores them. */
import { Context, Effect, Latch, Layer, Semaphore } from "effect"
import { auditFlushMillis } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import type { AuditRecord } from "../records/rows.ts"
import { makeAuditBatch } from "./auditBatch.ts"
import { makeTimeBlocks } from "./timeBlocks.ts"
import type { TimeBlocks } from "./timeBlocks.ts"

/** A buffer of this length is flushed at once, so that memory stays bounded under any load. */
export const auditBufferedMax = 8192

/** The number of records that may wait for disk space. Beyond it, calls that need another record are refused. */
export const auditWaitingMax = 65_536

/** The delay before a store without disk space is tried again. */
const retryMillis = 1000

/** A condition that an operator should check. */
export type Alarm = NonNullable<AuditRecord["alarm"]>

/** Logs one line for each alarm after it is on disk. */
const warn = ({ alarm, keyId, operation, principal, requestId }: AuditRecord): Effect.Effect<void> =>
  Effect.logWarning(
    `${alarm}: ${principal} called ${operation} on key ${keyId}, which is scheduled for deletion (${requestId})`
  )

export class Audit extends Context.Service<
  Audit,
  {
    /** Accepts a record of a call that changed nothing. It reaches the disk within 50 ms. */
    readonly record: (record: AuditRecord) => void
    /** Waits until the accepted records are durable; returns at once unless the audit is strict. */
    readonly settled: Effect.Effect<void, StoreFailure>
    readonly flush: Effect.Effect<void, StoreFailure>
    /** Whether so many records wait for disk space that no more are accepted. */
    readonly isFull: () => boolean
    /** Whether the buffer is full and the store can write: the next call waits for `relief`. */
    readonly isCrowded: () => boolean
    /** Writes the buffer. A program that only ever waits for its own calls leaves no turn to the regular flush. */
    readonly relief: Effect.Effect<void>
    /** The number of records that are not on the disk yet. */
    readonly waiting: () => number
    /** The number of alarms since the start. */
    readonly alarms: () => Readonly<Record<Alarm, number>>
    /** The times of the stored records, as far as readers of the whole log have found them. */
    readonly times: TimeBlocks
  }
>()("keystate/audit/Audit") {
  /** With `strict`, every call waits until its record is durable. */
  static readonly layer = (options: { readonly strict: boolean }): Layer.Layer<Audit, never, Store> =>
    Layer.effect(
      Audit,
      Effect.gen(function* () {
        const log: PendingLog = {
          store: yield* Store,
          waiting: yield* Latch.make(false),
          full: yield* Latch.make(false),
          batch: makeAuditBatch(),
          alarming: [],
          kept: [],
          buffered: 0,
          isFailing: false,
          alarms: { PendingDeletionUse: 0 }
        }
        const turn = yield* Semaphore.make(1)
        const flush = Effect.suspend(() => writePending(log)).pipe(turn.withPermit, Effect.uninterruptible)
        yield* Effect.forkScoped(flushForEver(log, flush))
        yield* Effect.addFinalizer(() => flushAtTheEnd(log, flush))
        return {
          record: (record) => take(log, record),
          settled: options.strict ? flush : Effect.void,
          flush,
          isFull: () => countOf(log) >= auditWaitingMax,
          isCrowded: () => log.buffered >= auditBufferedMax && !log.isFailing,
          relief: Effect.andThen(Effect.ignore(flush), Effect.yieldNow),
          waiting: () => countOf(log),
          alarms: () => log.alarms,
          times: makeTimeBlocks()
        }
      })
    )
}

/** Records that are not on the disk yet. */
interface PendingLog {
  readonly store: Store["Service"]
  /** Open while there are records to write. */
  readonly waiting: Latch.Latch
  /** Open while the buffer is full. */
  readonly full: Latch.Latch
  readonly batch: ReturnType<typeof makeAuditBatch>
  alarming: Array<AuditRecord>
  /** Lines that are being written, or could not be written. They precede all others. */
  kept: ReadonlyArray<string>
  /** Records in the batch. */
  buffered: number
  /** Whether the last write failed. */
  isFailing: boolean
  readonly alarms: Record<Alarm, number>
}

const countOf = ({ kept, buffered }: PendingLog): number => kept.length + buffered

const take = (log: PendingLog, record: AuditRecord): void => {
  if (countOf(log) >= auditWaitingMax) return
  log.buffered = log.batch.add(record)
  if (record.alarm !== undefined) {
    log.alarms[record.alarm]++
    log.alarming.push(record)
  }
  if (log.buffered === 1) log.waiting.openUnsafe()
  else if (log.buffered === auditBufferedMax) log.full.openUnsafe()
}

const writePending = (log: PendingLog): Effect.Effect<void, StoreFailure> => {
  log.kept = [...log.kept, ...log.batch.take()]
  log.buffered = 0
  if (log.kept.length === 0) return Effect.void
  log.waiting.closeUnsafe()
  log.full.closeUnsafe()
  const written = Effect.onError(log.store.appendAudit(log.kept), () =>
    Effect.sync(() => {
      log.isFailing = true
    })
  )
  return Effect.andThen(
    written,
    Effect.suspend(() => {
      log.isFailing = false
      const alarmed = log.alarming
      log.kept = []
      log.alarming = []
      return Effect.forEach(alarmed, warn, { discard: true })
    })
  )
}

type Flush = Effect.Effect<void, StoreFailure>

const flushForEver = (log: PendingLog, flush: Flush): Effect.Effect<never> => {
  // If the store cannot write, the records keep their order and are tried again.
  const flushInTime = Effect.catch(flush, () =>
    Effect.andThen(
      Effect.sync(() => log.waiting.openUnsafe()),
      Effect.sleep(retryMillis)
    )
  )
  return Effect.gen(function* () {
    for (;;) {
      yield* log.waiting.await
      yield* Effect.raceFirst(Effect.sleep(auditFlushMillis), log.full.await)
      yield* flushInTime
    }
  })
}

const flushAtTheEnd = (log: PendingLog, flush: Flush): Effect.Effect<void> =>
  Effect.catch(flush, ({ message }) =>
    Effect.logError(`${log.kept.length} audit records of calls that changed nothing are lost: ${message}`)
  )
