/** What was read of the audit log, newest first, and how a page joins it. */
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
  /** The last place looked at, and its instant where anything was. */
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

/** The page that comes after what is known; what is known alone, if it ends elsewhere by now. */
export const withNext = (known: AuditPart, after: Place, next: AuditPart): AuditPart =>
  isSame(known.end, after) ? { ...next, records: [...known.records, ...next.records] } : known

/**
 * The newest page in front of what is known. Where records may lie between the two, the newest page alone: a list
 * never has a hole that nobody sees.
 */
export const withNewest = (known: AuditPart | undefined, newest: AuditPart): AuditPart => {
  const top = known?.records[0]
  const reachesNotKnown = known === undefined || top === undefined || isOlder(placeOf(top), newest.end)
  if (reachesNotKnown || !newest.hasMore || isOlder(newest.end, known.end)) return newest
  const older = known.records.filter((record) => isOlder(placeOf(record), newest.end))
  return { ...known, records: [...newest.records, ...older] }
}
