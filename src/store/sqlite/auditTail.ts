/** The growing end of the audit chain: lines gathered by one group of writes become one segment. */
import { auditBeginning, segmentAfter } from "../../plan/execute.ts"
import type { AuditEnd } from "../../plan/execute.ts"
import type { HashText } from "../../records/hashChain.ts"
import { integerOf, textOf } from "./columns.ts"
import type { Statements } from "./statements.ts"

export interface AuditTail {
  readonly add: (line: string) => void
  /** Writes what was gathered, inside the open transaction. */
  readonly write: () => void
  /** The transaction is durable: what was written is the new end. */
  readonly advance: () => void
  /** The transaction was rolled back: nothing was gathered or written. */
  readonly retract: () => void
}

export const openAuditTail = (statements: Statements, hash: HashText): AuditTail => {
  const last = statements("auditTail").get()
  let end: AuditEnd = last === undefined ? auditBeginning : { seq: integerOf(last, "seq"), hash: textOf(last, "hash") }
  let next = end
  let lines: Array<string> = []
  return {
    add: (line) => {
      lines.push(line)
    },
    write: () => {
      if (lines.length === 0) return
      const segment = segmentAfter(end, lines, hash)
      statements("addAudit").run(segment.seq, segment.lines, segment.previous, segment.hash)
      next = segment
    },
    advance: () => {
      end = next
      lines = []
    },
    retract: () => {
      next = end
      lines = []
    }
  }
}
