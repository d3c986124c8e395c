/** The growing end of the audit chain: lines gathered by one group of writes become one segment. */
import { chainText, genesis } from "../../records/hashChain.ts"
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
  let end = last === undefined ? { seq: 0, hash: genesis } : { seq: integerOf(last, "seq"), hash: textOf(last, "hash") }
  let next = end
  let lines: Array<string> = []
  return {
    add: (line) => {
      lines.push(line)
    },
    write: () => {
      if (lines.length === 0) return
      const text = JSON.stringify(lines)
      next = { seq: end.seq + 1, hash: chainText(end.hash, text, hash) }
      statements("addAudit").run(next.seq, text, end.hash, next.hash)
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
