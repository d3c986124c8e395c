/** `keystate audit`: prints the audit log as lines of JSON, or checks its hash chain. */
import { Effect, Option, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import type { AuditEntry, AuditFilter, AuditPlace } from "../../records/auditLine.ts"
import { auditPageSize } from "../../domain/limits.ts"
import { parseMoment } from "../../domain/time.ts"
import { askServer } from "../calls/client.ts"
import { userError } from "../output/userError.ts"
import { printRecords } from "./auditPrinting.ts"
import type { Page, Wanted } from "./auditPrinting.ts"
import { dataFlag, endpointFlag, keptStoreFlags } from "../settings/engineFlags.ts"

const wanted = (flag: string, about: string) => Flag.String(flag).pipe(Flag.withDescription(about), Flag.optional)

const onlyIf = (flag: string, about: string) =>
  Flag.Boolean(flag).pipe(Flag.withDescription(about), Flag.withDefault(false))

const flags = {
  data: dataFlag,
  ...keptStoreFlags,
  endpoint: endpointFlag("URL of a running server (default: read the data directory or the database)"),
  verify: onlyIf("verify", "Check the hash chain of a data directory or a database instead of printing records"),
  key: wanted("key", "Only records of this key id"),
  principal: wanted("principal", "Only records of this principal: an ARN, or clock"),
  operation: wanted("operation", "Only records of this operation"),
  outcome: wanted("outcome", "Only records with this outcome: Success, or an error code"),
  since: wanted("since", "Only records at or after this time: 2026-11-24, 2026-11-24T10:00:00Z"),
  until: wanted("until", "Only records before this time"),
  alarms: onlyIf("alarms", "Only records with an alarm"),
  refused: onlyIf("refused", "Only records of calls that failed"),
  withoutReads: onlyIf("without-reads", "No records of calls that only read, such as DescribeKey and ListKeys"),
  allAccounts: onlyIf(
    "all-accounts",
    "With --endpoint: records of every account, for the root of the server's account"
  ),
  newestFirst: onlyIf("newest-first", "Print the newest record first")
} as const

type Settings = Command.Command.Config.Infer<typeof flags>

const momentOf = (flag: string, given: Option.Option<string>) => {
  if (Option.isNone(given)) return Effect.succeed(undefined)
  const millis = parseMoment(given.value)
  return millis === undefined
    ? Effect.fail(userError(`--${flag} takes a time such as 2026-11-24T10:00:00Z, not "${given.value}".`))
    : Effect.succeed(millis)
}

const filterOf = Effect.fnUntraced(function* (settings: Settings) {
  const filter: AuditFilter = {
    keyId: Option.getOrUndefined(settings.key),
    principal: Option.getOrUndefined(settings.principal),
    operation: Option.getOrUndefined(settings.operation),
    outcome: Option.getOrUndefined(settings.outcome),
    since: yield* momentOf("since", settings.since),
    until: yield* momentOf("until", settings.until),
    alarms: settings.alarms,
    refused: settings.refused,
    withoutReads: settings.withoutReads
  }
  return filter
})

const wantedOf = Effect.fnUntraced(function* (settings: Settings) {
  const order = settings.newestFirst ? "NewestFirst" : "OldestFirst"
  const wanted: Wanted = { order, filter: yield* filterOf(settings), allAccounts: settings.allAccounts }
  return wanted
})

const { Finite, optionalKey, String } = Schema

/** The printed part of the server's answer. */
const Reply = Schema.Struct({
  Records: Schema.Struct({
    Record: Schema.Array(
      Schema.Struct({
        Seq: Finite,
        Line: Finite,
        Time: String,
        At: Finite,
        RequestId: String,
        Principal: String,
        Operation: String,
        Outcome: String,
        KeyId: optionalKey(String),
        Before: optionalKey(String),
        After: optionalKey(String),
        Alarm: optionalKey(String),
        Subject: optionalKey(String)
      })
    )
  }),
  NextAfterSeq: Finite,
  NextAfterLine: Finite,
  HasMore: Schema.Boolean
})
const decodeReply = Schema.decodeUnknownEffect(Reply)

const entryIn = (record: (typeof Reply.Type)["Records"]["Record"][number]): AuditEntry => ({
  seq: record.Seq,
  line: record.Line,
  time: record.Time,
  at: record.At,
  requestId: record.RequestId,
  principal: record.Principal,
  operation: record.Operation,
  keyId: record.KeyId ?? null,
  outcome: record.Outcome,
  before: record.Before ?? null,
  after: record.After ?? null,
  ...(record.Alarm === undefined ? {} : { alarm: record.Alarm }),
  ...(record.Subject === undefined ? {} : { subject: record.Subject })
})

const instant = (millis: number): string => new Date(millis).toISOString()

const parametersOf = ({ allAccounts, filter, order }: Wanted, after: AuditPlace): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({
      // The parameter is sent only for a reversed order, because older servers do not know it.
      Order: order === "OldestFirst" ? undefined : order,
      AfterSeq: `${after.seq}`,
      AfterLine: `${after.line}`,
      Limit: `${auditPageSize.maximum}`,
      KeyId: filter.keyId,
      Principal: filter.principal,
      Operation: filter.operation,
      Outcome: filter.outcome,
      Since: filter.since === undefined ? undefined : instant(filter.since),
      Until: filter.until === undefined ? undefined : instant(filter.until),
      AlarmsOnly: filter.alarms === true ? "true" : undefined,
      RefusedOnly: filter.refused === true ? "true" : undefined,
      WithoutReads: filter.withoutReads === true ? "true" : undefined,
      AllAccounts: allAccounts ? "true" : undefined
    }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  )

const askedPage = (endpoint: string, wanted: Wanted) =>
  Effect.fnUntraced(function* (after: AuditPlace) {
    const asked = { operation: "ListAuditRecords", parameters: parametersOf(wanted, after) }
    const answer = yield* askServer(endpoint, asked, process.env)
    const { Records, NextAfterSeq, NextAfterLine, HasMore } = yield* decodeReply(answer)
    const end = { seq: NextAfterSeq, line: NextAfterLine }
    const page: Page = { entries: Records.Record.map(entryIn), end, hasMore: HasMore }
    return page
  })

/** Only a call without a server loads the store. */
const readStore = Effect.fnUntraced(function* (settings: Settings) {
  const wanted = yield* wantedOf(settings)
  const { readStored } = yield* Effect.promise(() => import("./storedAudit.ts"))
  return yield* readStored(settings, settings.verify ? undefined : wanted)
})

const readServer = Effect.fnUntraced(function* (endpoint: string, settings: Settings) {
  if (settings.verify)
    return yield* userError(
      "--verify reads a data directory or a database. Leave out --endpoint; the server may keep running."
    )
  const wanted = yield* wantedOf(settings)
  return yield* printRecords(askedPage(endpoint, wanted)).pipe(
    Effect.catchTag("SchemaError", () =>
      Effect.fail(userError(`${endpoint} did not answer with audit records. Is it a Keystate server?`))
    ),
    Effect.catch((error) => Effect.fail(userError(error.message)))
  )
})

export const audit = Command.make("audit", flags, (settings) =>
  Option.isSome(settings.endpoint) ? readServer(settings.endpoint.value, settings) : readStore(settings)
).pipe(
  Command.withExamples([
    { command: "keystate audit --alarms", description: "Who still uses keys that are scheduled for deletion" },
    { command: "keystate audit --refused --newest-first | head", description: "The latest failed calls" },
    { command: "keystate audit --verify", description: "Whether a record was changed, removed or inserted" }
  ])
)
