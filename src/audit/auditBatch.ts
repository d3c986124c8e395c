/** Records on their way to the log, as lines: what was said already in the same batch is referred to, not said again. */
import type { AuditRecord } from "../store/store.ts"
import { lineOf, lineLike } from "./auditLine.ts"

/** Kinds of call that are told apart for each key; the others are spelled out each time. */
const kindsMax = 8

/** A record that was spelled out, and where it stands in the batch. */
interface Told {
  readonly record: AuditRecord
  readonly index: number
}

const isAlike = (a: AuditRecord, b: AuditRecord): boolean =>
  a.operation === b.operation &&
  a.outcome === b.outcome &&
  a.principal === b.principal &&
  a.before === b.before &&
  a.after === b.after &&
  a.alarm === b.alarm &&
  a.subject === b.subject

export interface AuditBatch {
  /** Adds a record of a call that changed nothing. Answers how many lines there are now. */
  readonly add: (record: AuditRecord) => number
  /** The lines so far; the batch is empty then. They have to stay together, in this order. */
  readonly take: () => ReadonlyArray<string>
}

export const makeAuditBatch = (): AuditBatch => {
  let lines: Array<string> = []
  let told = new Map<string | null, Array<Told>>()
  return {
    add: (record) => {
      const ofKey = told.get(record.keyId)
      const like = ofKey?.find((one) => isAlike(one.record, record))
      if (like !== undefined) return lines.push(lineLike(record, lines.length - like.index))
      const one = { record, index: lines.length }
      if (ofKey === undefined) told.set(record.keyId, [one])
      else if (ofKey.length < kindsMax) ofKey.push(one)
      return lines.push(lineOf(record))
    },
    take: () => {
      const taken = lines
      lines = []
      told = new Map()
      return taken
    }
  }
}
