/** The audit log's unit: one record as one line of JSON, its members always in the same order. */
import { Result, Schema } from "effect"
import type { AuditRecord } from "./rows.ts"

/** JSON.stringify leaves out what is undefined: alarm and subject stand only where there is one. */
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

/** A record that differs from the one spelled out `back` lines before it in nothing but its instant and its request. */
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

/** Where a record stands in the log: its segment, and which line of it, both counted from 1. */
export interface AuditPlace {
  readonly seq: number
  readonly line: number
}

/** A record as whoever reads the log sees it. */
export type AuditEntry = AuditPlace & { readonly time: string } & typeof Line.Type

/** The line, counted from 1, that spells out what a line says: itself, unless it only refers to an earlier one. */
export const spelledAt = (line: number, lines: ReadonlyArray<string>): number => {
  const back = likeness.exec(lines[line - 1] ?? "")?.[3]
  return back === undefined ? line : line - Number(back)
}

/** A line of the audit log that does not decode. */
export class DamagedLine extends Error {}

/** The record at a place, from the lines of its segment. Throws DamagedLine. */
export const entryOf = (place: AuditPlace, lines: ReadonlyArray<string>): AuditEntry => {
  const text = lines[place.line - 1] ?? ""
  const [like, at, requestId, back] = likeness.exec(text) ?? []
  const decoded = decodeLine(like === undefined ? text : lines[place.line - 1 - Number(back)])
  if (Result.isFailure(decoded)) throw new DamagedLine(`audit segment ${place.seq}, line ${place.line} does not decode`)
  const record = requestId === undefined ? decoded.success : { ...decoded.success, at: Number(at), requestId }
  return { ...place, time: new Date(record.at).toISOString(), ...record }
}

/** Which records are wanted: those that have every property given. */
export interface AuditFilter {
  readonly keyId?: string | undefined
  readonly principal?: string | undefined
  readonly operation?: string | undefined
  readonly outcome?: string | undefined
  /** At this instant or after it, milliseconds. */
  readonly since?: number | undefined
  /** Before this instant, milliseconds. */
  readonly until?: number | undefined
  /** Only records that carry an alarm. */
  readonly alarms?: boolean | undefined
  /** Only records of what did not succeed. */
  readonly refused?: boolean | undefined
}

const named = ["keyId", "principal", "operation", "outcome"] as const

export const isWanted = (entry: AuditEntry, filter: AuditFilter): boolean =>
  named.every((name) => filter[name] === undefined || filter[name] === entry[name]) &&
  entry.at >= (filter.since ?? -Infinity) &&
  entry.at < (filter.until ?? Infinity) &&
  (filter.alarms !== true || entry.alarm !== undefined) &&
  (filter.refused !== true || entry.outcome !== "Success")
