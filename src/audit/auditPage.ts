/** A page of the audit log: the records somebody asked for, after a place, and where to go on. */
import { Data, Effect, Stream } from "effect"
import { auditLinesPerPageMax } from "../domain/limits.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import type { Segment } from "../records/rows.ts"
import { entryOf, isWanted } from "../records/auditLine.ts"
import type { AuditEntry, AuditFilter, AuditPlace } from "../records/auditLine.ts"
import { segmentsAfter, segmentsBefore } from "./chainWalk.ts"

/** Where reading begins in either order. */
export const beginning: AuditPlace = { seq: 0, line: 0 }

export const auditOrders = ["OldestFirst", "NewestFirst"] as const
export type AuditOrder = (typeof auditOrders)[number]

interface Walk {
  /** The segment of the place itself comes first: it may hold lines that are still to be read. */
  readonly segments: (seq: number) => Stream.Stream<Segment, StoreFailure, Store>
  readonly lines: (segment: Segment, after: AuditPlace) => Iterable<number>
  /** A line of a segment after which there is no other. */
  readonly lastLine: number
}

const walks: Readonly<Record<AuditOrder, Walk>> = {
  OldestFirst: {
    segments: (seq) => segmentsAfter(Math.max(seq - 1, 0)),
    *lines({ seq, lines }, after) {
      for (let line = seq === after.seq ? after.line + 1 : 1; line <= lines.length; line++) yield line
    },
    lastLine: Number.MAX_SAFE_INTEGER
  },
  NewestFirst: {
    segments: (seq) => segmentsBefore(seq === beginning.seq ? Number.MAX_SAFE_INTEGER : seq + 1),
    *lines({ seq, lines }, after) {
      const newest = seq === after.seq ? Math.min(after.line - 1, lines.length) : lines.length
      for (let line = newest; line >= 1; line--) yield line
    },
    lastLine: 1
  }
}

/** The place that leaves a whole segment behind. */
export const afterSegment = (seq: number, order: AuditOrder): AuditPlace => ({ seq, line: walks[order].lastLine })

export interface AuditQuery {
  /** In the order of reading: what is newest comes after what is older, or before it. */
  readonly after: AuditPlace
  readonly order: AuditOrder
  /** Records on the page. It may hold fewer and still not be the last, because what is looked through is bound too. */
  readonly limit: number
  readonly filter: AuditFilter
  /** Leaves out the lines it refuses; every line is of interest without it. */
  readonly only?: LineTest
}

/** A test of single lines, which may first have to look something up for their segment. */
export interface LineTest {
  readonly learn: (segment: Segment) => Effect.Effect<void, StoreFailure>
  /** Lines are counted from 1. */
  readonly takes: (segment: Segment, line: number) => boolean
}

const everyLine: LineTest = { learn: () => Effect.void, takes: () => true }

export interface AuditPage {
  readonly entries: ReadonlyArray<AuditEntry>
  /** The last place looked at. */
  readonly end: AuditPlace
  /** When what stands there was recorded; undefined where nothing was looked at. */
  readonly endTime: string | undefined
  /** Whether there are lines after it, wanted or not. */
  readonly hasMore: boolean
}

/** The segment to go on from is not in the log: it never was, or what holds the log was put back from a copy. */
export class UnknownPlace extends Data.TaggedError("UnknownPlace")<{ readonly message: string }> {}

/**
 * Looks at `auditLinesPerPageMax` lines at most in either order, and reads no segments but the place's own and those
 * that hold these lines: the newest page of a log costs the same however long the log is. A segment never changes once
 * it is written, and new ones come behind the newest. A place therefore keeps its meaning while the log grows, and pages
 * that go on from one another hold each record that was there when the first was read exactly once.
 */
export const auditPage = Effect.fnUntraced(function* ({ after, order, limit, filter, only = everyLine }: AuditQuery) {
  const { lines, segments } = walks[order]
  const entries: Array<AuditEntry> = []
  let end: AuditPlace = after
  let endTime: string | undefined
  let looked = 0
  let hasMore = false
  let isKnown = after.seq === beginning.seq
  yield* Stream.runForEachWhile(segments(after.seq), (segment) =>
    Effect.map(only.learn(segment), () => {
      isKnown ||= segment.seq === after.seq
      if (!isKnown) return false
      for (const line of lines(segment, after)) {
        hasMore = entries.length >= limit || looked >= auditLinesPerPageMax
        if (hasMore) return false
        looked++
        end = { seq: segment.seq, line }
        const entry = entryOf(end, segment.lines)
        endTime = entry.time
        if (only.takes(segment, line) && isWanted(entry, filter)) entries.push(entry)
      }
      return true
    })
  )
  if (!isKnown) return yield* new UnknownPlace({ message: `the log holds no segment ${after.seq}` })
  const page: AuditPage = { entries, end, endTime, hasMore }
  return page
})
