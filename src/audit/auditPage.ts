/** A page of the audit log: the records somebody asked for, after a place, and where to go on. */
import { Effect, Stream } from "effect"
import { auditLinesPerPageMax } from "../domain/limits.ts"
import type { Store } from "../store/store.ts"
import { entryOf, isWanted } from "./auditLine.ts"
import type { AuditEntry, AuditFilter, AuditPlace } from "./auditLine.ts"
import { segmentsAfter } from "./chainWalk.ts"

/** Every line counted from 1 comes after it. */
export const beginning: AuditPlace = { seq: 0, line: 0 }

export interface AuditQuery {
  readonly after: AuditPlace
  /** Records on the page. It may hold fewer and still not be the last, because what is looked through is bound too. */
  readonly limit: number
  readonly filter: AuditFilter
}

export interface AuditPage {
  readonly entries: ReadonlyArray<AuditEntry>
  /** The last place looked at. */
  readonly end: AuditPlace
  readonly hasMore: boolean
}

export const auditPage = ({ after, limit, filter }: AuditQuery): Effect.Effect<AuditPage, never, Store> =>
  Effect.gen(function* () {
    const entries: Array<AuditEntry> = []
    let end = after
    let looked = 0
    const isFull = (): boolean => entries.length >= limit || looked >= auditLinesPerPageMax
    // The segment of the place itself may hold lines after it.
    yield* Stream.runForEachWhile(segmentsAfter(Math.max(after.seq - 1, 0)), ({ seq, lines }) =>
      Effect.sync(() => {
        const seen = seq === after.seq ? after.line : 0
        for (let line = seen + 1; line <= lines.length; line++) {
          if (isFull()) return false
          end = { seq, line }
          looked++
          const entry = entryOf(end, lines)
          if (isWanted(entry, filter)) entries.push(entry)
        }
        return true
      })
    )
    return { entries, end, hasMore: isFull() }
  })
