/** The journal of a key as lines of JSON: read from a server or a store, written to a file and read back. */
import { Effect, Option, Schema } from "effect"
import { parseReference } from "../../requests/keyReference.ts"
import type { KeyId, Realm } from "../../domain/ids.ts"
import { keyEventsPage } from "../../domain/limits.ts"
import { decodePayload } from "../../records/schemas.ts"
import { orUnusable } from "../../store/unavailable.ts"
import { Store } from "../../store/store.ts"
import type { JournalPayload } from "../../records/rows.ts"
import { momentsOf } from "../../visualizer/keys/history.ts"
import { performAt } from "../calls/kms.ts"
import type { ReadTarget } from "../calls/target.ts"
import { readText } from "../output/input.ts"
import { userError } from "../output/userError.ts"
import { defaultRegion } from "../settings/engineFlags.ts"
import { realmOf } from "../settings/engineOptions.ts"
import { lookedRows } from "../settings/looked.ts"

/** One line of the export. Payloads contain names and times, never material. */
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
    catch: () => userError(`This version of keystate does not know the kind of event ${event.Seq}.`)
  })

const noSuchKey = (key: string, place: string) => {
  const code = key.includes("alias/") ? "Forbidden.AliasNotFound" : "Forbidden.KeyNotFound"
  return userError(`${code} (404): ${place} holds no key ${key} of this account and region.`)
}

/** The key's id, if the store has this key in this realm. */
const keyIdIn = Effect.fnUntraced(function* (realm: Realm, key: string) {
  const store = yield* Store
  const reference = parseReference(realm, key)
  if (reference._tag === "Alias") return yield* store.alias(realm, reference.aliasName)
  if (reference._tag === "Unknown") return undefined
  const row = yield* store.key(reference.keyId)
  return row?.realm.account === realm.account && row.realm.region === realm.region ? row.keyId : undefined
})

const wholeJournal = Effect.fnUntraced(function* (keyId: KeyId) {
  const store = yield* Store
  const lines: Array<HistoryLine> = []
  for (;;) {
    const page = yield* store.journal({ keyId, afterSeq: lines.at(-1)?.seq ?? 0, limit: keyEventsPage.maximum })
    for (const { seq, at, principal, requestId, payload } of page)
      lines.push({ seq, at, principal, requestId, payload })
    if (page.length < keyEventsPage.maximum) return lines
  }
})

/** Reads the whole journal as it is now, also while a server runs. Writes no audit record. */
const storedHistory = (target: ReadTarget, key: string) =>
  Effect.gen(function* () {
    const { layer, name } = yield* lookedRows(target)
    const realm = yield* realmOf({ ...target, region: Option.getOrElse(target.region, () => defaultRegion) })
    return yield* Effect.gen(function* () {
      const keyId = yield* keyIdIn(realm, key)
      return keyId === undefined ? yield* noSuchKey(key, name) : yield* wholeJournal(keyId)
    }).pipe(
      orUnusable,
      Effect.provide(layer),
      Effect.catchTag("StoreUnusable", ({ message }) => Effect.fail(userError(message)))
    )
  })

/** The whole journal of a key, oldest first. */
export const historyOf = (target: ReadTarget, key: string) =>
  Option.isNone(target.endpoint) ? storedHistory(target, key) : askedHistory(target.endpoint.value, target, key)

const askedHistory = Effect.fnUntraced(function* (endpoint: string, { region }: ReadTarget, key: string) {
  const lines: Array<HistoryLine> = []
  for (;;) {
    const reply = yield* performAt(endpoint, region, {
      api: "kms",
      operation: "ListKeyEvents",
      parameters: { KeyId: key, AfterSeq: String(lines.at(-1)?.seq ?? 0), Limit: String(keyEventsPage.maximum) }
    })
    const { Events, LastSeq } = yield* decodePage(reply).pipe(
      Effect.mapError(() => userError("The server did not answer with events of a key. Is it a Keystate server?"))
    )
    lines.push(...(yield* Effect.forEach(Events.Event, lineOf)))
    if (Events.Event.length === 0 || (lines.at(-1)?.seq ?? 0) >= LastSeq) return lines
  }
})

export const written = (lines: ReadonlyArray<HistoryLine>): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("")

/** Parses an export. Every line must be an event. */
export const readHistory = Effect.fnUntraced(function* (file: string) {
  const text = yield* readText(file, `The history file ${file}`)
  const rows = text.split("\n").filter((row) => row.trim() !== "")
  if (rows.length === 0) return yield* userError(`The history file ${file} is empty.`)
  return yield* Effect.forEach(rows, (row, index) =>
    Effect.gen(function* () {
      const { payload, ...line } = yield* decodeLine(row)
      return { ...line, payload: decodePayload("", JSON.stringify(payload)) } satisfies HistoryLine
    }).pipe(
      Effect.catchCause(() => Effect.fail(userError(`Line ${index + 1} of ${file} is not an event of a key history.`)))
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
    catch: () => userError("The events of the history do not follow from each other. Was it edited?")
  })
  return fault === undefined ? moments : yield* userError(fault)
})
