/** Who used each key, how often and when: counted from the audit log, continued from the last position. */
import { Effect, Semaphore, Stream } from "effect"
import type { Audit } from "../../audit/audit.ts"
import { segmentsAfter } from "../../audit/chainWalk.ts"
import type { TimeBlocks } from "../../audit/timeBlocks.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import { DamagedLine } from "../../records/auditLine.ts"
import type { Segment } from "../../records/rows.ts"
import { Store, StoreDamaged } from "../../store/store.ts"
import type { StoreFailure } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { KeyUses, UseCount } from "../protocol.ts"
import { restoreCheckpoint, saveCheckpoint } from "./useCheckpoint.ts"
import { learnSegment, shardOf } from "./useCounts.ts"
import type { Shard } from "./useCounts.ts"

/** Lines that one request reads. A page asks again until all lines are read, and shows the progress. */
const linesAtOnce = 100_000

/** After so many lines the counts are stored. Fewer lines are read again after a start. */
const linesUntilSaved = 20_000

type ReadOn = KeyUses["progress"] & { readonly isAtEnd: boolean }

export interface UseIndex {
  /** Reads a part of the log, and answers how far it was read and whether that was the end. */
  readonly readOn: Effect.Effect<ReadOn, ServiceError>
  /** The uses of a key up to now, or up to the position that has been read. */
  readonly of: (keyId: string) => Effect.Effect<KeyUses, ServiceError>
}

const newestFirst = (counts: ReadonlyMap<string, UseCount> | undefined): ReadonlyArray<UseCount> =>
  [...(counts?.values() ?? [])].toSorted((a, b) => b.lastAt - a.lastAt)

interface Reading {
  readonly store: Store["Service"]
  readonly times: TimeBlocks
  readonly saveAfter: number
  shards: ReadonlyArray<Shard>
  /** The newest segment that was counted. Segments never change, so the counts stay valid. */
  seq: number
  hash: string
  /** Lines that were read since the counts were stored. */
  unsaved: number
  isRestored: boolean
}

const newestSeq = ({ store }: Reading) =>
  Effect.map(
    store.auditSegmentsBefore({ beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 }),
    ([newest]) => newest?.seq ?? 0
  )

const take = (reading: Reading, segment: Segment): number => {
  learnSegment(reading.shards, segment)
  reading.times.learn(segment)
  reading.seq = segment.seq
  reading.hash = segment.hash
  reading.unsaved += segment.lines.length
  return segment.lines.length
}

const restore = Effect.fnUntraced(function* (reading: Reading) {
  const { hash, seq, shards, times } = yield* restoreCheckpoint(reading.store)
  reading.times.restore(times)
  reading.shards = shards
  reading.seq = seq
  reading.hash = hash
  reading.isRestored = true
})

/** The counts are right without it, so a store that cannot be written stops no question. */
const save = (reading: Reading): Effect.Effect<void> =>
  saveCheckpoint(reading.store, { ...reading, times: reading.times.known() }).pipe(
    Effect.andThen(
      Effect.sync(() => {
        reading.unsaved = 0
      })
    ),
    Effect.ignore
  )

/** Reads at most `linesAtOnce` lines, and at least one segment. */
const readOn = Effect.fnUntraced(function* (reading: Reading) {
  if (!reading.isRestored) yield* restore(reading)
  let lines = 0
  yield* Stream.runForEachWhile(segmentsAfter(reading.seq), (segment) =>
    Effect.as(Effect.yieldNow, segment.seq <= reading.seq || (lines += take(reading, segment)) < linesAtOnce)
  ).pipe(Effect.provideService(Store, reading.store))
  if (reading.unsaved >= reading.saveAfter) yield* save(reading)
  const newest = yield* newestSeq(reading)
  return { read: reading.seq, of: Math.max(newest, reading.seq), isAtEnd: lines < linesAtOnce }
})

/** A line that does not decode is damage of the store, like a damaged row. */
export const orDamaged = <A>(work: Effect.Effect<A, StoreFailure>): Effect.Effect<A, StoreFailure> =>
  Effect.catchDefect(work, (defect) =>
    defect instanceof DamagedLine ? Effect.fail(new StoreDamaged({ message: defect.message })) : Effect.die(defect)
  )

/** The index begins with the first question and is stored from time to time, so that a use writes nothing more. */
export const makeUseIndex = (
  store: Store["Service"],
  { flush, times }: Pick<Audit["Service"], "flush" | "times">,
  saveAfter = linesUntilSaved
): UseIndex => {
  const reading: Reading = { store, times, saveAfter, shards: [], seq: 0, hash: "", unsaved: 0, isRestored: false }
  const turn = Semaphore.makeUnsafe(1)
  // Waiting records are written first, so that the answer includes every call that was answered before it.
  const readOnNow = turn.withPermit(Effect.andThen(flush, orDamaged(readOn(reading))))
  return {
    readOn: orRefused(readOnNow),
    of: (keyId) =>
      Effect.map(orRefused(readOnNow), ({ of, read }) => {
        const found = shardOf(reading.shards, keyId)?.keys.get(keyId)
        return { uses: newestFirst(found?.uses), attempts: newestFirst(found?.attempts), progress: { read, of } }
      })
  }
}
