/** Collects records as lines for the log. A record that nearly repeats another one becomes a reference to it. */
import type { AuditRecord } from "../records/rows.ts"
import { lineOf, lineLike } from "../records/auditLine.ts"

/** The number of call kinds that are distinguished for each key; others are always written in full. */
const kindsMax = 8

/** A record that was written in full, and its position in the batch. */
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
  /** Adds a record of a call that changed nothing. Returns the number of lines. */
  readonly add: (record: AuditRecord) => number
  /** Returns the lines and empties the batch. The lines must stay together, in this order. */
  readonly take: () => ReadonlyArray<string>
}

/** Future lines: written in full if `backs` has 0, else the request of a record like the one that many lines back. */
interface Pending {
  readonly texts: Array<string>
  readonly instants: Array<number>
  readonly backs: Array<number>
}

const none = (): Pending => ({ texts: [], instants: [], backs: [] })

/**
 * Of a repeated record, only the differences are stored until the batch is taken. A line built at once would live
 * longer in memory, in pieces.
 */
export const makeAuditBatch = (): AuditBatch => {
  let pending = none()
  let told = new Map<string | null, Array<Told>>()
  const push = (text: string, at: number, back: number): number => {
    pending.instants.push(at)
    pending.backs.push(back)
    return pending.texts.push(text)
  }
  return {
    add: (record) => {
      const index = pending.texts.length
      const ofKey = told.get(record.keyId)
      const like = ofKey?.find((one) => isAlike(one.record, record))
      if (like !== undefined) return push(record.requestId, record.at, index - like.index)
      const one = { record, index }
      if (ofKey === undefined) told.set(record.keyId, [one])
      else if (ofKey.length < kindsMax) ofKey.push(one)
      return push(lineOf(record), record.at, 0)
    },
    take: () => {
      const { texts, instants, backs } = pending
      pending = none()
      told = new Map()
      return texts.map((text, i) => {
        const back = backs[i] ?? 0
        return back === 0 ? text : lineLike({ at: instants[i] ?? 0, requestId: text }, back)
      })
    }
  }
}
