/** Interprets an error of PostgreSQL for a caller of the store. */
import { Effect } from "effect"
import { StoreDamaged, StoreUnavailable } from "../driver.ts"
import type { StoreFailure } from "../driver.ts"
import type { SqlFailure } from "./session.ts"

/** SQLSTATE values, PostgreSQL Appendix A. Our own functions raise those that begin with KS. */
export const codes = {
  uniqueViolation: "23505",
  serializationFailure: "40001",
  deadlock: "40P01",
  lockTimeout: "55P03",
  undefinedTable: "42P01",
  undefinedSchema: "3F000",
  undefinedFunction: "42883",
  readOnly: "25006",
  diskFull: "53100",
  damagedPage: "XX001",
  damagedIndex: "XX002",
  /** The turn of a writer has ended: its plans were settled as not executed. */
  turnOver: "KS001",
  /** The server cannot keep the store's promises: it is a standby, or does not wait for the disk. */
  unfit: "KS002"
} as const

/** The same transaction may succeed if it is tried again, because two groups conflicted. */
const passing: ReadonlySet<string> = new Set([codes.serializationFailure, codes.deadlock, codes.lockTimeout])
export const isPassing = (failure: SqlFailure): boolean => failure._tag === "Refused" && passing.has(failure.code)

/** Whether a later attempt may end differently: the server is unreachable, starting, stopping or busy. */
export const passesWithTime = (failure: SqlFailure): boolean =>
  failure._tag === "Lost" ? failure.isFinal !== true : isPassing(failure) || /^(08|53|57|58)/.test(failure.code)

/**
 * Classes of SQLSTATE that do not concern the statement: connection, resources, operator intervention, system error.
 */
const ofServer = /^(08|25006|53|57|58|55P03|40|KS002)/

/** True if the statement or its values are wrong, which only a bug of the store causes. */
export const isOfStatement = (failure: SqlFailure): boolean =>
  failure._tag === "Refused" && !ofServer.test(failure.code) && !failure.code.startsWith("XX")

const ended = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`)

const reasons: Readonly<Record<string, StoreUnavailable["reason"]>> = {
  [codes.diskFull]: "DiskFull",
  [codes.readOnly]: "ReadOnly",
  [codes.unfit]: "Unreachable"
}

export const unavailable = (failure: SqlFailure, outcome?: "Unknown"): StoreUnavailable =>
  new StoreUnavailable({
    reason: (failure._tag === "Refused" ? reasons[failure.code] : undefined) ?? "Unreachable",
    message: ended(
      failure._tag === "Refused"
        ? `The database refuses: ${failure.message}`
        : `The database cannot be reached: ${failure.message}`
    ),
    ...(outcome === undefined ? {} : { outcome })
  })

const damaged: ReadonlySet<string> = new Set([codes.damagedPage, codes.damagedIndex])

/** Interprets the failure of a read. */
const readFailureOf = (failure: SqlFailure): StoreFailure =>
  failure._tag === "Refused" && damaged.has(failure.code)
    ? new StoreDamaged({ message: failure.message })
    : unavailable(failure)

export const orReadFailure = <A>(work: Effect.Effect<A, SqlFailure>): Effect.Effect<A, StoreFailure> =>
  Effect.mapError(work, readFailureOf)
