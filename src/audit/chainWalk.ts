/** Reads the audit log from its beginning or from a segment on, and reports breaks of its chain. */
import { Effect, Option, Stream } from "effect"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import type { Segment } from "../records/rows.ts"
import { chainLines, genesis } from "../records/hashChain.ts"

/**
 * The segments of one read. Few, because a segment may have thousands of lines, and a reader may need only the first.
 */
const pageSize = 4

type ReadSegments = (store: Store["Service"], from: number) => Effect.Effect<ReadonlyArray<Segment>, StoreFailure>

/** Maps the segment of a position to one further on, so that a read leaves out the segments in between. */
export type Skip = (seq: number) => number

const noSkip: Skip = (seq) => seq

const segmentsFrom = (seq: number, read: ReadSegments, skip: Skip): Stream.Stream<Segment, StoreFailure, Store> =>
  Stream.paginate(seq, (from: number) =>
    Effect.gen(function* () {
      const segments = yield* read(yield* Store, from)
      const last = segments.at(-1)
      const isLast = last === undefined || segments.length < pageSize
      return [segments, isLast ? Option.none<number>() : Option.some(skip(last.seq))] as const
    })
  )

/** Segments in order, after one of them; 0 for all. */
export const segmentsAfter = (seq: number, skip: Skip = noSkip): Stream.Stream<Segment, StoreFailure, Store> =>
  segmentsFrom(seq, (store, afterSeq) => store.auditSegments({ afterSeq, limit: pageSize }), skip)

/** Segments in reverse order, before one of them. */
export const segmentsBefore = (seq: number, skip: Skip = noSkip): Stream.Stream<Segment, StoreFailure, Store> =>
  segmentsFrom(seq, (store, beforeSeq) => store.auditSegmentsBefore({ beforeSeq, limit: pageSize }), skip)

export interface Link {
  readonly segment: Segment
  /** The faults of its position in the chain, one sentence each. */
  readonly faults: ReadonlyArray<string>
}

type End = Pick<Segment, "seq" | "hash">

const faultsAfter = (end: End, { seq, previous, lines, hash }: Segment): ReadonlyArray<string> => [
  ...(seq === end.seq + 1 ? [] : [`segment ${seq} comes after segment ${end.seq}`]),
  ...(previous === end.hash ? [] : [`segment ${seq} does not follow the hash before it`]),
  ...(chainLines(previous, lines) === hash ? [] : [`segment ${seq} is not the text that was hashed`])
]

/** The whole chain, link by link. */
export const chain: Stream.Stream<Link, StoreFailure, Store> = segmentsAfter(0).pipe(
  Stream.mapAccum(
    (): End => ({ seq: 0, hash: genesis }),
    (end, segment) => [segment, [{ segment, faults: faultsAfter(end, segment) }]] as const
  )
)

/** The result of a walk along the chain: its length and head, or its first break. */
export interface ChainReport {
  readonly segments: number
  readonly lines: number
  /** Hash of the newest segment. */
  readonly head: string
  readonly broken: string | undefined
}

/** Walks until the end or the first break. A segment that cannot be read is a break too. */
export const walkChain: Effect.Effect<ChainReport, never, Store> = Effect.gen(function* () {
  let report: ChainReport = { segments: 0, lines: 0, head: genesis, broken: undefined }
  const walk = Stream.runForEachWhile(chain, ({ segment, faults: [broken] }) =>
    Effect.sync(() => {
      if (broken !== undefined) report = { ...report, broken }
      else {
        const lines = report.lines + segment.lines.length
        report = { segments: report.segments + 1, lines, head: segment.hash, broken }
      }
      return broken === undefined
    })
  )
  return yield* walk.pipe(
    Effect.map(() => report),
    Effect.catch(({ message }) => Effect.succeed({ ...report, broken: message }))
  )
})
