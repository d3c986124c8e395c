/** One transaction for a group of writes; a write that only a bug can have made wrong is set aside, alone. */
import type { AuditTail } from "./auditTail.ts"
import { isOfOneStatement } from "./failures.ts"
import type { LogMark } from "./logMark.ts"
import type { Positions } from "./positions.ts"
import type { Statements } from "./statements.ts"

export type WriteKind = "commit" | "audit" | "nonces" | "settle" | "meta" | "scrub" | "import" | "ram" | "invocations"

/** A write that waits for its group. */
export interface Waiting {
  readonly kind: WriteKind
  /** Runs the statements and keeps the outcome. */
  readonly apply: () => void
  /** Answers with the outcome, once it is durable. */
  readonly answer: () => void
  readonly die: (defect: unknown) => void
}

export interface Setting {
  readonly statements: Statements
  readonly tail: AuditTail
  readonly positions: Positions
  readonly mark: LogMark
  /** Called when every statement has run and nothing is committed yet. */
  readonly beforeCommit: () => void
}

interface Fault {
  readonly waiting: Waiting
  readonly defect: unknown
}

/** The first write whose statements fail by its own fault; every other failure is the disk's and is thrown. */
const firstFault = (group: ReadonlyArray<Waiting>): Fault | undefined => {
  for (const waiting of group) {
    try {
      waiting.apply()
    } catch (defect) {
      if (isOfOneStatement(defect)) return { waiting, defect }
      throw defect
    }
  }
  return undefined
}

/** Writes the group and returns what of it was written, for whoever calls this to sync; the rest has been told its defect. */
export const transact = (setting: Setting, group: ReadonlyArray<Waiting>): ReadonlyArray<Waiting> => {
  const { statements, tail, mark } = setting
  mark.open()
  let rest = group
  for (;;) {
    statements("begin").run()
    const fault = firstFault(rest)
    if (fault === undefined) break
    // Nothing was committed, so that running the others once more is not a second try of anything.
    statements("rollback").run()
    tail.retract()
    setting.positions.retract()
    fault.waiting.die(fault.defect)
    rest = rest.filter((waiting) => waiting !== fault.waiting)
  }
  const isCut = rest.some(({ kind }) => kind === "scrub")
  tail.write()
  if (isCut) mark.closeWithCut()
  setting.beforeCommit()
  statements("commit").run()
  tail.advance()
  if (isCut) scrub(statements)
  return rest
}

/** The log still holds pages as they were; copying it back and cutting it to nothing leaves only the newest. */
const scrub = (statements: Statements): void => {
  const outcome = statements("scrub").get()
  if (outcome?.["busy"] !== 0) throw new Error("the log could not be cut: something else reads the database")
}
