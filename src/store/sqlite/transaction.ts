/** One transaction for a group of writes. A write that fails because of a bug is excluded alone. */
import type { Purpose } from "../../plan/plan.ts"
import type { AuditTail } from "./auditTail.ts"
import type { Counts } from "./counts.ts"
import type { StoreUnavailable } from "../store.ts"
import { describeFailure, isOfOneStatement, shortageOf } from "./failures.ts"
import type { LogMark } from "./logMark.ts"
import type { Positions } from "./positions.ts"
import type { Statements } from "./statements.ts"

export type WriteKind = Purpose | "scrub"

/** A write that waits for its group. */
export interface Waiting {
  readonly kind: WriteKind
  /** Runs the statements and stores the outcome. */
  readonly apply: () => void
  /** Answers with the outcome after it is durable. */
  readonly answer: () => void
  readonly die: (defect: unknown) => void
  /** Fails the write: nothing was written. */
  readonly fail: (failure: StoreUnavailable) => void
}

export interface Setting {
  readonly statements: Statements
  readonly tail: AuditTail
  readonly positions: Positions
  readonly counts: Counts
  readonly mark: LogMark
  /** The path of the log; undefined for a database in memory. */
  readonly log: string | undefined
  /** Called for each group with the lack of space, if any. */
  readonly noteShortage: (shortage: StoreUnavailable | undefined) => void
  /** Called after every statement has run and before the commit. */
  readonly beforeCommit: () => void
}

interface Fault {
  readonly waiting: Waiting
  readonly defect: unknown
}

/** The first write whose statements fail by their own fault; every other failure is one of the disk and is thrown. */
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

/** Rolls back the open transaction, which SQLite may already have done. */
const rollBack = ({ statements, tail, positions, counts }: Setting): void => {
  tail.retract()
  positions.retract()
  counts.retract()
  try {
    statements("rollback").run()
  } catch (failure) {
    if (!/no transaction is active/.test(describeFailure(failure))) throw failure
  }
}

/**
 * Writes the group, or fails all of it for lack of space: an uncommitted transaction can be rolled back. Any other
 * failure is thrown. Returns the written writes, for the caller to sync.
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

/** Writes the group and returns the successful writes; the others have failed with their defect. */
const commit = (setting: Setting, group: ReadonlyArray<Waiting>): ReadonlyArray<Waiting> => {
  const { statements, tail, mark } = setting
  mark.open()
  let rest = group
  for (;;) {
    statements("begin").run()
    const fault = firstFault(rest)
    if (fault === undefined) break
    // Nothing was committed, so running the other writes again repeats no effect.
    statements("rollback").run()
    tail.retract()
    setting.positions.retract()
    setting.counts.retract()
    fault.waiting.die(fault.defect)
    rest = rest.filter((waiting) => waiting !== fault.waiting)
  }
  const isCut = rest.some(({ kind }) => kind === "scrub")
  tail.write()
  setting.counts.write()
  if (isCut) mark.closeWithCut()
  setting.beforeCommit()
  statements("commit").run()
  tail.advance()
  return rest
}

/**
 * The log still has old pages; copying it back and emptying it leaves only the newest ones. Returns the lack of space,
 * if any; the log is then unchanged.
 */
const scrub = ({ statements, log }: Setting): StoreUnavailable | undefined => {
  try {
    const outcome = statements("scrub").get()
    if (outcome?.["busy"] !== 0) throw new Error("the log could not be emptied: another process reads the database")
    return undefined
  } catch (failure) {
    const shortage = shortageOf(failure, log)
    if (shortage === undefined) throw failure
    return shortage
  }
}
