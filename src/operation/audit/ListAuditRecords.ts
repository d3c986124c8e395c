/** Keystate's own: lists the audit log from either end, by the place of each record in it. */
import { Effect } from "effect"
import { orRefused } from "../../store/unavailable.ts"
import { afterSegment, auditOrders } from "../../audit/auditPage.ts"
import type { AuditPage, AuditQuery, UnknownPlace } from "../../audit/auditPage.ts"
import type { AuditEntry } from "../../records/auditLine.ts"
import { refuse } from "../../domain/errors.ts"
import type { CallError } from "../../domain/errorGroups.ts"
import { auditPageSize } from "../../domain/limits.ts"
import { operation } from "../operation.ts"
import type { Call } from "../operation.ts"
import { boolean, defaulted, integer, invalid, moment, oneOf, optional, text } from "../parameters.ts"

const place = integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const name = text({ charsMin: 1, charsMax: 512 })

/** Members that a record has nothing for are left out, as everywhere in the API. */
const recordReply = (entry: AuditEntry) => ({
  Seq: entry.seq,
  Line: entry.line,
  Time: entry.time,
  At: entry.at,
  RequestId: entry.requestId,
  Principal: entry.principal,
  Operation: entry.operation,
  Outcome: entry.outcome,
  ...(entry.keyId === null ? {} : { KeyId: entry.keyId }),
  ...(entry.before === null ? {} : { Before: entry.before }),
  ...(entry.after === null ? {} : { After: entry.after }),
  ...(entry.alarm === undefined ? {} : { Alarm: entry.alarm }),
  ...(entry.subject === undefined ? {} : { Subject: entry.subject })
})

/** Which records the caller is shown: those of its account, or all of them. */
const pageFor = (
  { realm, world }: Call,
  query: AuditQuery,
  isWhole: boolean
): Effect.Effect<AuditPage, UnknownPlace | CallError> => {
  if (!isWhole) return world.auditLog.ofAccount(realm.account, query)
  if (realm.account === world.serverAccount) return world.auditLog.whole(query)
  const hint = "Only the root access key of the server's own account may set AllAccounts."
  return Effect.fail(refuse("Forbidden.NoPermission", { resource: "*", hint }))
}

export const ListAuditRecords = operation({
  about:
    "Lists the account's records in the audit log after a place in it, oldest first or newest first. The root of the server's own account may list those of every account.",
  errors: [],
  Request: {
    Order: defaulted(oneOf(auditOrders), "OldestFirst", "Which end of the log comes first; the oldest unless given."),
    AfterSeq: defaulted(place, 0, "The segment to go on from in that order; 0 to begin."),
    AfterLine: optional(place, "The line of that segment to go on from; without it, the whole segment is passed over."),
    Limit: defaulted(integer(auditPageSize), auditPageSize.default, "Records to answer with; there may be fewer."),
    KeyId: optional({ ...name, form: "key id" }, "Only records about this CMK."),
    Principal: optional({ ...name, form: "ARN, or `clock`" }, "Only what this principal did."),
    Operation: optional(name, "Only calls of this operation."),
    Outcome: optional({ ...name, form: "`Success` or an error code" }, "Only what ended like this."),
    Since: optional(moment, "At this instant or later."),
    Until: optional(moment, "Before this instant."),
    AlarmsOnly: defaulted(boolean, false, "Only records that carry an alarm."),
    RefusedOnly: defaulted(boolean, false, "Only records of what did not succeed."),
    AllAccounts: defaulted(boolean, false, "Records of every account; only for the root of the server's own account.")
  },
  permission: { on: "root" },
  handle: Effect.fnUntraced(function* (request, call) {
    // A caller finds its earlier calls here, also where records are written in batches.
    yield* orRefused(call.world.audit.flush)
    const { AfterSeq: seq, AfterLine: line, Order: order } = request
    const query: AuditQuery = {
      after: line === undefined ? afterSegment(seq, order) : { seq, line },
      order,
      limit: request.Limit,
      filter: {
        keyId: request.KeyId,
        principal: request.Principal,
        operation: request.Operation,
        outcome: request.Outcome,
        since: request.Since,
        until: request.Until,
        alarms: request.AlarmsOnly,
        refused: request.RefusedOnly
      }
    }
    const page = yield* pageFor(call, query, request.AllAccounts).pipe(
      Effect.catchTag("UnknownPlace", () =>
        Effect.fail(invalid("AfterSeq", "a segment that is in the log, or left out to begin"))
      )
    )
    return {
      Records: { Record: page.entries.map(recordReply) },
      NextAfterSeq: page.end.seq,
      NextAfterLine: page.end.line,
      ...(page.endTime === undefined ? {} : { NextAfterTime: page.endTime }),
      HasMore: page.hasMore
    }
  })
})
