/** Who used each key, how often and when: counted from the audit log, continued from the last position. */
import { Effect, Semaphore, Stream } from "effect"
import type { Audit } from "../../audit/audit.ts"
import { segmentsAfter } from "../../audit/chainWalk.ts"
import type { TimeBlocks } from "../../audit/timeBlocks.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import { catalogue, isOperationName } from "../../operation/catalogue.ts"
import { DamagedLine, logLinesOf } from "../../records/auditLine.ts"
import type { AuditEntry } from "../../records/auditLine.ts"
import type { Segment } from "../../records/rows.ts"
import { Store, StoreDamaged } from "../../store/store.ts"
import type { StoreFailure } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { KeyUses, UseCount } from "../protocol.ts"

/** Lines that one request reads. A page asks again until all lines are read, and shows the progress. */
const linesAtOnce = 100_000

/** The counts of one key, by principal. */
interface Counted {
  readonly uses: Map<string, UseCount>
  /** Refused uses since the key was last scheduled for deletion. */
  attempts: Map<string, UseCount>
}

type ReadOn = KeyUses["progress"] & { readonly isAtEnd: boolean }

export interface UseIndex {
  /** Reads a part of the log, and answers how far it was read and whether that was the end. */
  readonly readOn: Effect.Effect<ReadOn, ServiceError>
  /** The uses of a key up to now, or up to the position that has been read. */
  readonly of: (keyId: string) => Effect.Effect<KeyUses, ServiceError>
}

/** The sessions of a role count as the role: callers choose their names, and their number has no limit. */
const principalOf = (principal: string): string =>
  principal.replace(/^(acs:ram::[0-9]+):assumed-role\/([^/]+)\/.*$/, "$1:role/$2")

const addTo = (counts: Map<string, UseCount>, entry: AuditEntry, at: number): void => {
  const principal = principalOf(entry.principal)
  const known = counts.get(principal)
  counts.set(principal, {
    principal,
    count: (known?.count ?? 0) + 1,
    lastAt: Math.max(known?.lastAt ?? at, at),
    lastOperation: known !== undefined && known.lastAt > at ? known.lastOperation : entry.operation
  })
}

const isUse = (operation: string): boolean => isOperationName(operation) && catalogue[operation].uses

const learn = (keys: Map<string, Counted>, entry: AuditEntry, at: number): void => {
  const { alarm, keyId, operation, outcome } = entry
  if (keyId === null) return
  const isOrdered = operation === "ScheduleKeyDeletion" && outcome === "Success"
  const isSuccess = outcome === "Success" && isUse(operation)
  if (!isOrdered && !isSuccess && alarm === undefined) return
  const of = keys.get(keyId) ?? { uses: new Map(), attempts: new Map() }
  keys.set(keyId, of)
  if (isOrdered) of.attempts = new Map()
  else addTo(isSuccess ? of.uses : of.attempts, entry, at)
}

const newestFirst = (counts: ReadonlyMap<string, UseCount> | undefined): ReadonlyArray<UseCount> =>
  [...(counts?.values() ?? [])].toSorted((a, b) => b.lastAt - a.lastAt)

interface Reading {
  readonly store: Store["Service"]
  readonly times: TimeBlocks
  readonly keys: Map<string, Counted>
  /** The newest segment that was counted. Segments never change, so the counts stay valid. */
  seq: number
}

const newestSeq = ({ store }: Reading) =>
  Effect.map(
    store.auditSegmentsBefore({ beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 }),
    ([newest]) => newest?.seq ?? 0
  )

const learnSegment = (reading: Reading, segment: Segment): number => {
  for (const { at, full } of logLinesOf(segment)) learn(reading.keys, full, at)
  reading.times.learn(segment)
  reading.seq = segment.seq
  return segment.lines.length
}

/** Reads at most `linesAtOnce` lines, and at least one segment. */
const readOn = Effect.fnUntraced(function* (reading: Reading) {
  let lines = 0
  yield* Stream.runForEachWhile(segmentsAfter(reading.seq), (segment) =>
    Effect.as(Effect.yieldNow, segment.seq <= reading.seq || (lines += learnSegment(reading, segment)) < linesAtOnce)
  ).pipe(Effect.provideService(Store, reading.store))
  const newest = yield* newestSeq(reading)
  return { read: reading.seq, of: Math.max(newest, reading.seq), isAtEnd: lines < linesAtOnce }
})

/** A line that does not decode is damage of the store, like a damaged row. */
export const orDamaged = <A>(work: Effect.Effect<A, StoreFailure>): Effect.Effect<A, StoreFailure> =>
  Effect.catchDefect(work, (defect) =>
    defect instanceof DamagedLine ? Effect.fail(new StoreDamaged({ message: defect.message })) : Effect.die(defect)
  )

/** The index is in memory and begins with the first request, so that a use costs nothing. */
export const makeUseIndex = (
  store: Store["Service"],
  { flush, times }: Pick<Audit["Service"], "flush" | "times">
): UseIndex => {
  const reading: Reading = { store, times, keys: new Map(), seq: 0 }
  const turn = Semaphore.makeUnsafe(1)
  // Waiting records are written first, so that the answer includes every call that was answered before it.
  const readOnNow = turn.withPermit(Effect.andThen(flush, orDamaged(readOn(reading))))
  return {
    readOn: orRefused(readOnNow),
    of: (keyId) =>
      Effect.map(orRefused(readOnNow), ({ of, read }) => {
        const found = reading.keys.get(keyId)
        return { uses: newestFirst(found?.uses), attempts: newestFirst(found?.attempts), progress: { read, of } }
      })
  }
}
