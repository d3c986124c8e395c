/** An operation of Keystate only: lists the audit log from either end, by the position of each record. */
import { Effect } from "effect"
import { orRefused } from "../../store/unavailable.ts"
import { afterSegment, auditOrders } from "../../audit/auditPage.ts"
import type { AuditPage, AuditQuery, UnknownPlace } from "../../audit/auditPage.ts"
import type { AuditEntry, AuditFilter } from "../../records/auditLine.ts"
import { refuse } from "../../domain/errors.ts"
import type { CallError } from "../../domain/errorGroups.ts"
import { auditPageSize } from "../../domain/limits.ts"
import type { ServiceSettings } from "../../domain/settings.ts"
import { operation } from "../operation.ts"
import type { Call } from "../operation.ts"
import { boolean, decoder, defaulted, integer, invalid, moment, oneOf, optional, text } from "../parameters.ts"
import type { Request, Source } from "../parameters.ts"

const place = integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const name = text({ charsMin: 1, charsMax: 512 })

/** Empty members of a record are left out, as everywhere in the API. */
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

const filterParameters = {
  KeyId: optional({ ...name, form: "key id" }, "Only records about this CMK."),
  Principal: optional({ ...name, form: "ARN, or `clock`" }, "Only records of calls by this principal."),
  Operation: optional(name, "Only records of this operation."),
  Outcome: optional({ ...name, form: "`Success` or an error code" }, "Only records with this outcome."),
  Since: optional(moment, "Only records at this time or later."),
  Until: optional(moment, "Only records before this time."),
  AlarmsOnly: defaulted(boolean, false, "Only records that carry an alarm."),
  RefusedOnly: defaulted(boolean, false, "Only records of failed calls."),
  WithoutReads: defaulted(boolean, false, "No records of calls that only read, such as DescribeKey and ListKeys."),
  AllAccounts: defaulted(boolean, false, "Records of every account; only for the root of the server's own account.")
}

const filterOf = (request: Request<typeof filterParameters>): AuditFilter => ({
  keyId: request.KeyId,
  principal: request.Principal,
  operation: request.Operation,
  outcome: request.Outcome,
  since: request.Since,
  until: request.Until,
  alarms: request.AlarmsOnly,
  refused: request.RefusedOnly,
  withoutReads: request.WithoutReads
})

const decodeFilter = decoder(filterParameters, undefined)

/** The filter of a request, and whether it is about all accounts. Other parameters are left out. */
export const auditFilterIn = (source: Source, settings: ServiceSettings) => {
  const decoded = decodeFilter(source, settings)
  return decoded.ok
    ? ({ ok: true, filter: filterOf(decoded.request), isWhole: decoded.request.AllAccounts } as const)
    : decoded
}

/** The records that the caller sees: those of its account, or all. */
const pageFor = (
  { realm, services }: Call,
  query: AuditQuery,
  isWhole: boolean
): Effect.Effect<AuditPage, UnknownPlace | CallError> => {
  if (!isWhole) return services.auditLog.ofAccount(realm.account, query)
  if (realm.account === services.serverAccount) return services.auditLog.whole(query)
  const hint = "Only the root access key of the server's own account may set AllAccounts."
  return Effect.fail(refuse("Forbidden.NoPermission", { resource: "*", hint }))
}

export const ListAuditRecords = operation({
  about:
    "Lists the account's audit records after a position in the log, oldest first or newest first. The root of the server's own account may list the records of all accounts.",
  errors: [],
  Request: {
    Order: defaulted(
      oneOf(auditOrders),
      "OldestFirst",
      "The order of the records: oldest first or newest first; oldest first if absent."
    ),
    AfterSeq: defaulted(place, 0, "The segment to continue from in that order; 0 to begin."),
    AfterLine: optional(place, "The line of that segment to continue from; without it, the whole segment is skipped."),
    Limit: defaulted(integer(auditPageSize), auditPageSize.default, "The most records to return; there may be fewer."),
    ...filterParameters
  },
  permission: { on: "root" },
  handle: Effect.fnUntraced(function* (request, call) {
    // A caller must find its earlier calls here, even if records are written in batches.
    yield* orRefused(call.services.audit.flush)
    const { AfterSeq: seq, AfterLine: line, Order: order } = request
    const query: AuditQuery = {
      after: line === undefined ? afterSegment(seq, order) : { seq, line },
      order,
      limit: request.Limit,
      filter: filterOf(request)
    }
    const page = yield* pageFor(call, query, request.AllAccounts).pipe(
      Effect.catchTag("UnknownPlace", () =>
        Effect.fail(invalid("AfterSeq", "a segment of the log, or no value to begin"))
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
