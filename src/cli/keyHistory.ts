/** A key's journal as lines of JSON: asked of the service page by page, written to a file, read from one. */
import { readFileSync } from "node:fs"
import { Effect, Schema } from "effect"
import { keyEventsPage } from "../domain/limits.ts"
import { decodePayload } from "../store/records.ts"
import type { JournalPayload } from "../store/store.ts"
import { momentsOf } from "../visualizer/history.ts"
import { perform } from "./kms.ts"
import type { Target } from "./kms.ts"
import { userError } from "./settings.ts"

/** One line of the export. Payloads hold names and instants, never material. */
export interface HistoryLine {
  readonly seq: number
  /** Milliseconds. */
  readonly at: number
  readonly principal: string
  readonly requestId: string
  readonly payload: JournalPayload
}

const { Finite, String: Text } = Schema

const Page = Schema.Struct({
  LastSeq: Finite,
  Events: Schema.Struct({
    Event: Schema.Array(Schema.Struct({ Seq: Finite, At: Finite, Principal: Text, RequestId: Text, Payload: Text }))
  })
})
const decodePage = Schema.decodeUnknownEffect(Page)

const Line = Schema.Struct({ seq: Finite, at: Finite, principal: Text, requestId: Text, payload: Schema.Unknown })
const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(Line))

const lineOf = (event: (typeof Page.Type)["Events"]["Event"][number]) =>
  Effect.try({
    try: (): HistoryLine => ({
      seq: event.Seq,
      at: event.At,
      principal: event.Principal,
      requestId: event.RequestId,
      payload: decodePayload(`event ${event.Seq}`, event.Payload)
    }),
    catch: () => userError(`Event ${event.Seq} of the key is of a kind this version does not know.`)
  })

/** Asks for the whole journal, oldest first. */
export const askedHistory = Effect.fnUntraced(function* (target: Target, key: string) {
  const lines: Array<HistoryLine> = []
  for (;;) {
    const reply = yield* perform(target, "ListKeyEvents", {
      KeyId: key,
      AfterSeq: String(lines.at(-1)?.seq ?? 0),
      Limit: String(keyEventsPage.maximum)
    })
    const { Events, LastSeq } = yield* decodePage(reply).pipe(
      Effect.mapError(() => userError("What answers there lists no events of a key."))
    )
    lines.push(...(yield* Effect.forEach(Events.Event, lineOf)))
    if (Events.Event.length === 0 || (lines.at(-1)?.seq ?? 0) >= LastSeq) return lines
  }
})

export const written = (lines: ReadonlyArray<HistoryLine>): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("")

/** Reads an export back; every line has to be one. */
export const readHistory = Effect.fnUntraced(function* (file: string) {
  const text = yield* Effect.try({
    try: () => readFileSync(file, "utf8"),
    catch: () => userError(`The history ${file} cannot be read.`)
  })
  const rows = text.split("\n").filter((row) => row.trim() !== "")
  if (rows.length === 0) return yield* userError(`The history ${file} is empty.`)
  return yield* Effect.forEach(rows, (row, index) =>
    Effect.gen(function* () {
      const { payload, ...line } = yield* decodeLine(row)
      return { ...line, payload: decodePayload("", JSON.stringify(payload)) } satisfies HistoryLine
    }).pipe(
      Effect.catchCause(() => Effect.fail(userError(`Line ${index + 1} of ${file} is no event of a key's history.`)))
    )
  )
})

/** The moments of a history up to an event, or to its end. */
export const momentsUntil = Effect.fnUntraced(function* (lines: ReadonlyArray<HistoryLine>, at: number | undefined) {
  const last = lines.at(-1)?.seq ?? 0
  if (at !== undefined && !lines.some(({ seq }) => seq === at)) {
    return yield* userError(`--at takes the number of an event, 1 to ${last}, not ${at}.`)
  }
  const wanted = at === undefined ? lines : lines.filter(({ seq }) => seq <= at)
  const { moments, fault } = yield* Effect.try({
    try: () => momentsOf(wanted),
    catch: () => userError("The history is no history of a key: the machine does not take its events.")
  })
  return fault === undefined ? moments : yield* userError(fault)
})
