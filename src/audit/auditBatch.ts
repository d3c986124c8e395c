/** Records on their way to the log, as lines: what was said already in the same batch is referred to, not said again. */
import type { AuditRecord } from "../records/rows.ts"
import { lineOf, lineLike } from "../records/auditLine.ts"

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

/** Lines to come: spelled out already where `backs` has 0, else the request of one that is like the one so far back. */
interface Pending {
  readonly texts: Array<string>
  readonly instants: Array<number>
  readonly backs: Array<number>
}

const none = (): Pending => ({ texts: [], instants: [], backs: [] })

/**
 * Of a record that repeats another only what differs is kept until the batch is taken: a line made at once would be
 * carried about by the collector, in pieces.
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
