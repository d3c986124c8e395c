/** One audit record as one line of JSON, with its members always in the same order. */
import { Result, Schema } from "effect"
import { isReadOperation } from "./readOperations.ts"
import type { AuditRecord, Segment } from "./rows.ts"

/** JSON.stringify omits undefined members, so alarm and subject appear only if they exist. */
export const lineOf = ({ at, requestId, principal, operation, keyId, outcome, before, after, ...more }: AuditRecord) =>
  JSON.stringify({
    at,
    requestId,
    principal,
    operation,
    keyId,
    outcome,
    before,
    after,
    alarm: more.alarm,
    subject: more.subject
  })

/** A short line for a record that differs from the record `back` lines earlier only in its time and request. */
export const lineLike = ({ at, requestId }: Pick<AuditRecord, "at" | "requestId">, back: number): string =>
  `${at} ${requestId} ${back}`

const likeness = /^([0-9]+) (.*) ([0-9]+)$/s

const { Number: Finite, NullOr, String } = Schema

const Line = Schema.fromJsonString(
  Schema.Struct({
    at: Finite,
    requestId: String,
    principal: String,
    operation: String,
    keyId: NullOr(String),
    outcome: String,
    before: NullOr(String),
    after: NullOr(String),
    alarm: Schema.optionalKey(String),
    subject: Schema.optionalKey(String)
  })
)
const decodeLine = Schema.decodeUnknownResult(Line)

/** The position of a record in the log: its segment, and its line in the segment, both counted from 1. */
export interface AuditPlace {
  readonly seq: number
  readonly line: number
}

/** A record as readers of the log see it. */
export type AuditEntry = AuditPlace & { readonly time: string } & typeof Line.Type

/**
 * The number, from 1, of the line that contains a record in full: the line itself, or the earlier line to which it
 * refers.
 */
export const spelledAt = (line: number, lines: ReadonlyArray<string>): number => {
  const back = likeness.exec(lines[line - 1] ?? "")?.[3]
  return back === undefined ? line : line - Number(back)
}

/** A line of the audit log that does not decode. */
export class DamagedLine extends Error {}

/** The record at a position, from the lines of its segment. Throws DamagedLine. */
export const entryOf = (place: AuditPlace, lines: ReadonlyArray<string>): AuditEntry => {
  const text = lines[place.line - 1] ?? ""
  const [like, at, requestId, back] = likeness.exec(text) ?? []
  const decoded = decodeLine(like === undefined ? text : lines[place.line - 1 - Number(back)])
  if (Result.isFailure(decoded)) throw new DamagedLine(`audit segment ${place.seq}, line ${place.line} does not decode`)
  const record = requestId === undefined ? decoded.success : { ...decoded.success, at: Number(at), requestId }
  return { ...place, time: new Date(record.at).toISOString(), ...record }
}

/** One line of a segment. A short line shares its record with the earlier line to which it refers. */
export interface LogLine {
  readonly line: number
  /** The time of this line's own record. */
  readonly at: number
  readonly requestId: string
  /** The record of the line that is written in full. Only its time and its request are those of another line. */
  readonly full: AuditEntry
}

/** Every line of a segment, in order. A line that many others refer to is decoded once. Throws DamagedLine. */
export function* logLinesOf({ seq, lines }: Pick<Segment, "seq" | "lines">): Generator<LogLine> {
  const decoded = new Map<number, AuditEntry>()
  for (const [index, text] of lines.entries()) {
    const line = index + 1
    const [like, at, request = "", back] = text.startsWith("{") ? [] : (likeness.exec(text) ?? [])
    const spelled = like === undefined ? line : line - Number(back)
    const full = decoded.get(spelled) ?? entryOf({ seq, line: spelled }, lines)
    decoded.set(spelled, full)
    yield {
      line,
      at: like === undefined ? full.at : Number(at),
      requestId: like === undefined ? full.requestId : request,
      full
    }
  }
}

/** Selects the records that have every given property. */
export interface AuditFilter {
  readonly keyId?: string | undefined
  readonly principal?: string | undefined
  readonly operation?: string | undefined
  readonly outcome?: string | undefined
  /** At this time or later, in milliseconds. */
  readonly since?: number | undefined
  /** Before this time, in milliseconds. */
  readonly until?: number | undefined
  /** Only records that carry an alarm. */
  readonly alarms?: boolean | undefined
  /** Only records of calls that failed. */
  readonly refused?: boolean | undefined
  /** No records of calls that only read. */
  readonly withoutReads?: boolean | undefined
}

/** The members of a record that a filter can require to have one exact value. */
export const filterNames = ["operation", "outcome", "principal", "keyId"] as const
export type FilterName = (typeof filterNames)[number]

/** Whether a record has the exact value that the filter requires, if it requires one. */
export const agrees = (entry: AuditEntry, filter: AuditFilter, name: FilterName): boolean =>
  filter[name] === undefined || filter[name] === entry[name]

/** Whether a record with this time passes all other conditions of a filter. */
export const isInScope = (entry: AuditEntry, filter: AuditFilter, at = entry.at): boolean =>
  at >= (filter.since ?? -Infinity) &&
  at < (filter.until ?? Infinity) &&
  (filter.alarms !== true || entry.alarm !== undefined) &&
  (filter.refused !== true || entry.outcome !== "Success") &&
  (filter.withoutReads !== true || !isReadOperation(entry.operation))

export const isWanted = (entry: AuditEntry, filter: AuditFilter): boolean =>
  filterNames.every((name) => agrees(entry, filter, name)) && isInScope(entry, filter)
