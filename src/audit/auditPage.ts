/** A page of the audit log: the selected records after a position, and the position to continue from. */
import { Data, Effect, Stream } from "effect"
import { auditLinesPerPageMax } from "../domain/limits.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import type { Segment } from "../records/rows.ts"
import { entryOf, isWanted } from "../records/auditLine.ts"
import type { AuditEntry, AuditFilter, AuditPlace } from "../records/auditLine.ts"
import { segmentsAfter, segmentsBefore } from "./chainWalk.ts"
import type { Skip } from "./chainWalk.ts"
import { makeTimeBlocks } from "./timeBlocks.ts"
import type { TimeBlocks } from "./timeBlocks.ts"

/** The start of reading in either order. */
export const beginning: AuditPlace = { seq: 0, line: 0 }

export const auditOrders = ["OldestFirst", "NewestFirst"] as const
export type AuditOrder = (typeof auditOrders)[number]

interface Walk {
  /** The segment of the position itself comes first, because it may have unread lines. */
  readonly segments: (seq: number, skip: Skip) => Stream.Stream<Segment, StoreFailure, Store>
  readonly lines: (segment: Segment, after: AuditPlace) => Iterable<number>
  /** The last possible line of a segment. */
  readonly lastLine: number
}

const walks: Readonly<Record<AuditOrder, Walk>> = {
  OldestFirst: {
    segments: (seq, skip) => segmentsAfter(seq === beginning.seq ? skip(0) : seq - 1, skip),
    *lines({ seq, lines }, after) {
      for (let line = seq === after.seq ? after.line + 1 : 1; line <= lines.length; line++) yield line
    },
    lastLine: Number.MAX_SAFE_INTEGER
  },
  NewestFirst: {
    segments: (seq, skip) => segmentsBefore(seq === beginning.seq ? Number.MAX_SAFE_INTEGER : seq + 1, skip),
    *lines({ seq, lines }, after) {
      const newest = seq === after.seq ? Math.min(after.line - 1, lines.length) : lines.length
      for (let line = newest; line >= 1; line--) yield line
    },
    lastLine: 1
  }
}

/** The position after a whole segment. */
export const afterSegment = (seq: number, order: AuditOrder): AuditPlace => ({ seq, line: walks[order].lastLine })

export interface AuditQuery {
  /** In the order of reading: newer records come after older ones, or before them. */
  readonly after: AuditPlace
  readonly order: AuditOrder
  /** The most records on the page. A page may have fewer and not be the last, because the search is limited too. */
  readonly limit: number
  readonly filter: AuditFilter
  /** Selects lines; without it every line is selected. */
  readonly only?: LineTest
  /** What is known of the times of segments. It changes the number of segments that are read, and no answer. */
  readonly times?: TimeBlocks
}

/** A test of single lines, which may first look up data for their segment. */
export interface LineTest {
  readonly learn: (segment: Segment) => Effect.Effect<void, StoreFailure>
  /** Lines are counted from 1. */
  readonly takes: (segment: Segment, line: number) => boolean
}

const everyLine: LineTest = { learn: () => Effect.void, takes: () => true }

export interface AuditPage {
  readonly entries: ReadonlyArray<AuditEntry>
  /** The last position that was read. */
  readonly end: AuditPlace
  /** The time of the record at `end`; undefined if no line was read. */
  readonly endTime: string | undefined
  /** Whether there are further lines, selected or not. */
  readonly hasMore: boolean
}

/** The log does not have the segment to continue from: it never had, or the log was restored from an older backup. */
export class UnknownPlace extends Data.TaggedError("UnknownPlace")<{ readonly message: string }> {}

/**
 * Reads at most `auditLinesPerPageMax` lines in either order, and only the segments of the position and of these lines.
 * So the newest page of a log costs the same for any length of the log. Segments that `times` excludes are not read. A
 * written segment never changes, and new ones follow the newest. So a position stays valid while the log grows, and
 * consecutive pages show every earlier record
 * exactly once.
 */
export const auditPage = Effect.fnUntraced(function* ({ after, order, limit, filter, ...more }: AuditQuery) {
  const { only = everyLine, times = makeTimeBlocks() } = more
  const { lines, segments } = walks[order]
  const entries: Array<AuditEntry> = []
  let end: AuditPlace = after
  let endTime: string | undefined
  let looked = 0
  let hasMore = false
  let isKnown = after.seq === beginning.seq
  const skip: Skip = (seq) => times.skip(order, seq, filter)
  yield* Stream.runForEachWhile(segments(after.seq, skip), (segment) =>
    Effect.map(only.learn(segment), () => {
      isKnown ||= segment.seq === after.seq
      if (!isKnown) return false
      if (times.excludes(segment.seq, filter)) return true
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
  if (!isKnown) return yield* new UnknownPlace({ message: `the log has no segment ${after.seq}` })
  const page: AuditPage = { entries, end, endTime, hasMore }
  return page
})
