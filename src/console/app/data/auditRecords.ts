/** The part of the audit log that was read, newest first, and how a page is added to it. */
import { isRecord } from "./api.ts"
import type { Reply } from "./api.ts"
import { instant } from "./time.ts"
import { listAt, textAt } from "./replies.ts"

export interface Place {
  readonly seq: number
  readonly line: number
}

export interface AuditPart {
  readonly records: ReadonlyArray<Reply>
  /** The last place searched, and its time if there is a record. */
  readonly end: Place
  readonly endAt: number | undefined
  readonly hasMore: boolean
}

export const partIn = (reply: Reply): AuditPart => ({
  records: listAt(reply, "Records", "Record").filter(isRecord),
  end: { seq: Number(textAt(reply, "NextAfterSeq")), line: Number(textAt(reply, "NextAfterLine")) },
  endAt: instant(textAt(reply, "NextAfterTime")),
  hasMore: reply["HasMore"] === true
})

const placeOf = (record: Reply): Place => ({ seq: Number(record["Seq"]), line: Number(record["Line"]) })

const isOlder = (left: Place, right: Place): boolean =>
  left.seq < right.seq || (left.seq === right.seq && left.line < right.line)

const isSame = (left: Place, right: Place): boolean => left.seq === right.seq && left.line === right.line

/** Adds the page after the known part, unless that part now ends elsewhere. */
export const withNext = (known: AuditPart, after: Place, next: AuditPart): AuditPart =>
  isSame(known.end, after) ? { ...next, records: [...known.records, ...next.records] } : known

/**
 * Puts the newest page before the known part. If records may lie between the two, the newest page replaces the part, so
 * that a list never has an unmarked gap.
 */
export const withNewest = (known: AuditPart | undefined, newest: AuditPart): AuditPart => {
  const top = known?.records[0]
  const reachesNotKnown = known === undefined || top === undefined || isOlder(placeOf(top), newest.end)
  if (reachesNotKnown || !newest.hasMore || isOlder(newest.end, known.end)) return newest
  const older = known.records.filter((record) => isOlder(placeOf(record), newest.end))
  return { ...known, records: [...newest.records, ...older] }
}
