/** What an error of SQLite means: the fault of one statement, a file in use, or a disk that cannot be trusted. */
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
 * True if only the statement was wrong, which a bug of ours makes it: the others of its transaction may still go on.
 * Everything else SQLite reports (I/O, full, corrupt, no memory) says that the disk cannot be relied on.
 */
export const isOfOneStatement = (failure: unknown): boolean => {
  const code = primaryCode(failure)
  return code === undefined || ofOneStatement.has(code)
}

/** The file was renamed or removed under the connection (SQLITE_READONLY_DBMOVED): what is written would be lost. */
const movedCode = 1032
/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: pages that were written may be lost. */
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
 * SQLite keeps the system's error number to itself. A page written past the end of the log, and cut off again, meets the
 * same one. SQLite never reads beyond the frames it knows.
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
 * What keeps a transaction from being written, if it is a want of room or of permission: it was not committed, and may be
 * tried again. Undefined for a disk that cannot be relied on. `log` is undefined for a database in memory.
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

/** What a read that threw means: a row or a page that is damaged, or a file that cannot be read now. */
export const readFailureOf = (failure: unknown): StoreFailure => {
  if (isClosed(failure)) return new StoreUnavailable({ reason: "Closed", message: "The store is closed." })
  const code = primaryCode(failure)
  const message = describeFailure(failure)
  return code === undefined || code === codes.corrupt || code === codes.notADatabase
    ? new StoreDamaged({ message })
    : new StoreUnavailable({ reason: "Unreadable", message: `The database cannot be read: ${message}.` })
}
