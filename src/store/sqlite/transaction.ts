/** One transaction for a group of writes; a write that only a bug can have made wrong is set aside, alone. */
import type { Purpose } from "../../plan/plan.ts"
import type { AuditTail } from "./auditTail.ts"
import type { StoreUnavailable } from "../store.ts"
import { describeFailure, isOfOneStatement, shortageOf } from "./failures.ts"
import type { LogMark } from "./logMark.ts"
import type { Positions } from "./positions.ts"
import type { Statements } from "./statements.ts"

export type WriteKind = Purpose | "scrub"

/** A write that waits for its group. */
export interface Waiting {
  readonly kind: WriteKind
  /** Runs the statements and keeps the outcome. */
  readonly apply: () => void
  /** Answers with the outcome, once it is durable. */
  readonly answer: () => void
  readonly die: (defect: unknown) => void
  /** Nothing was written. */
  readonly fail: (failure: StoreUnavailable) => void
}

export interface Setting {
  readonly statements: Statements
  readonly tail: AuditTail
  readonly positions: Positions
  readonly mark: LogMark
  /** The path of the log; undefined for a database in memory. */
  readonly log: string | undefined
  /** Told of each group whether there was room for it. */
  readonly noteShortage: (shortage: StoreUnavailable | undefined) => void
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

/** Takes the open transaction back, which SQLite may have done already. */
const rollBack = ({ statements, tail, positions }: Setting): void => {
  tail.retract()
  positions.retract()
  try {
    statements("rollback").run()
  } catch (failure) {
    if (!/no transaction is active/.test(describeFailure(failure))) throw failure
  }
}

/**
 * Writes the group, or tells all of it that there is no room: a transaction that was not committed can be taken back. Any
 * other failure is thrown. Returns what was written, for the caller to sync.
 */
export const transact = (setting: Setting, group: ReadonlyArray<Waiting>): ReadonlyArray<Waiting> => {
  let written: ReadonlyArray<Waiting>
  try {
    written = commit(setting, group)
  } catch (failure) {
    const shortage = shortageOf(failure, setting.log)
    if (shortage === undefined) throw failure
    rollBack(setting)
    setting.noteShortage(shortage)
    for (const waiting of group) waiting.fail(shortage)
    return []
  }
  const unscrubbed = written.some(({ kind }) => kind === "scrub") ? scrub(setting) : undefined
  setting.noteShortage(unscrubbed)
  if (unscrubbed === undefined) return written
  for (const waiting of written) if (waiting.kind === "scrub") waiting.fail(unscrubbed)
  return written.filter(({ kind }) => kind !== "scrub")
}

/** Writes the group and returns what of it was written; the rest has been told its defect. */
const commit = (setting: Setting, group: ReadonlyArray<Waiting>): ReadonlyArray<Waiting> => {
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
  return rest
}

/**
 * The log still holds pages as they were; copying it back and cutting it to nothing leaves only the newest. Answers what
 * there is no room for; the log is then as it was.
 */
const scrub = ({ statements, log }: Setting): StoreUnavailable | undefined => {
  try {
    const outcome = statements("scrub").get()
    if (outcome?.["busy"] !== 0) throw new Error("the log could not be cut: something else reads the database")
    return undefined
  } catch (failure) {
    const shortage = shortageOf(failure, log)
    if (shortage === undefined) throw failure
    return shortage
  }
}
