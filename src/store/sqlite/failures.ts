/** Interprets an error of SQLite: the fault of one statement, a file in use, or an unreliable disk. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs"
import { codeOf } from "../../platform/durableFiles.ts"
import { StoreDamaged, StoreUnavailable } from "../store.ts"
import type { StoreFailure } from "../store.ts"

/** Primary result codes (SQLite, "Result and Error Codes"); extended codes carry theirs in the low byte. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  range: 25,
  notADatabase: 26
} as const

const primaryCode = (failure: unknown): number | undefined =>
  failure instanceof Error && "errcode" in failure && typeof failure.errcode === "number"
    ? failure.errcode & 0xff
    : undefined

export const describeFailure = (failure: unknown): string => (failure instanceof Error ? failure.message : "an error")

export const isInUse = (failure: unknown): boolean => {
  const code = primaryCode(failure)
  return code === codes.busy || code === codes.locked
}

export const isNoDatabase = (failure: unknown): boolean => primaryCode(failure) === codes.notADatabase

const ofOneStatement: ReadonlySet<number> = new Set([codes.tooBig, codes.constraint, codes.mismatch, codes.range])

/**
 * True if only the statement was wrong, which is a bug: the others of its transaction may continue. All other errors of
 * SQLite (I/O, full, corrupt, no memory) mean that the disk is unreliable.
 */
export const isOfOneStatement = (failure: unknown): boolean => {
  const code = primaryCode(failure)
  return code === undefined || ofOneStatement.has(code)
}

/** The file was renamed or removed under the connection (SQLITE_READONLY_DBMOVED): further writes would be lost. */
const movedCode = 1032
/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: written pages may be lost. */
const syncCodes: ReadonlySet<number> = new Set([1034, 1290])

type Shortage = Extract<StoreUnavailable["reason"], "DiskFull" | "QuotaExceeded" | "FileTooLarge" | "ReadOnly">

const shortages: Readonly<Record<string, Shortage>> = {
  ENOSPC: "DiskFull",
  EDQUOT: "QuotaExceeded",
  EFBIG: "FileTooLarge",
  EROFS: "ReadOnly"
}

const sentences: Readonly<Record<Shortage, string>> = {
  DiskFull: "The disk of the data directory is full.",
  QuotaExceeded: "The disk quota of the data directory is used up.",
  FileTooLarge: "The write-ahead log has reached the largest size that this process may write.",
  ReadOnly: "The file system of the data directory is read-only."
}

const unavailable = (shortage: Shortage): StoreUnavailable =>
  new StoreUnavailable({ reason: shortage, message: sentences[shortage] })

const probeBytes = 4096

/**
 * SQLite does not report the system's error number. Writing a page past the end of the log, and cutting it off again,
 * gives the same number. SQLite never reads beyond the frames it knows.
 */
const shortageAt = (log: string): Shortage | undefined => {
  let file: number | undefined
  try {
    file = openSync(log, "r+")
    const end = fstatSync(file).size
    try {
      writeSync(file, new Uint8Array(probeBytes), 0, probeBytes, end)
    } finally {
      ftruncateSync(file, end)
    }
    return undefined
  } catch (failure) {
    return shortages[codeOf(failure) ?? ""]
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * The lack of space or permission that stopped a transaction: it was not committed, and may be retried. Undefined for
 * an unreliable disk. `log` is undefined for a database in memory.
 */
export const shortageOf = (failure: unknown, log: string | undefined): StoreUnavailable | undefined => {
  const extended = failure instanceof Error && "errcode" in failure ? failure.errcode : undefined
  const code = primaryCode(failure)
  if (code === codes.full) return unavailable("DiskFull")
  if (extended === movedCode || syncCodes.has(Number(extended))) return undefined
  if (code === codes.readOnly) return unavailable("ReadOnly")
  if ((code !== codes.io && code !== codes.cannotOpen) || log === undefined) return undefined
  const shortage = shortageAt(log)
  return shortage === undefined ? undefined : unavailable(shortage)
}

/** Node's code for a method of a database that was closed. */
const isClosed = (failure: unknown): boolean => codeOf(failure) === "ERR_INVALID_STATE"

/** Interprets an error of a read: a damaged row or page, or a file that cannot be read now. */
export const readFailureOf = (failure: unknown): StoreFailure => {
  if (isClosed(failure)) return new StoreUnavailable({ reason: "Closed", message: "The store is closed." })
  const code = primaryCode(failure)
  const message = describeFailure(failure)
  return code === undefined || code === codes.corrupt || code === codes.notADatabase
    ? new StoreDamaged({ message })
    : new StoreUnavailable({ reason: "Unreadable", message: `The database cannot be read: ${message}.` })
}
