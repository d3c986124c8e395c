/** The end of the audit chain: the lines of one group of writes become one segment. */
import { auditBeginning, segmentAfter } from "../../plan/execute.ts"
import type { AuditEnd } from "../../plan/execute.ts"
import type { HashText } from "../../records/hashChain.ts"
import { integerOf, textOf } from "./columns.ts"
import type { Statements } from "./statements.ts"

export interface AuditTail {
  readonly add: (line: string) => void
  /** Writes the collected lines inside the open transaction. */
  readonly write: () => void
  /** Called when the transaction is durable: the written segment is the new end. */
  readonly advance: () => void
  /** Called after a rollback: drops the collected and written lines. */
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
