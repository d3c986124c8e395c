/** Reads the schema version in the log of a database without SQLite (SQLite file format, sections 1.3 and 4.1). */
import { closeSync, openSync, readSync } from "node:fs"

const logHeaderBytes = 32
const logPageSizeAt = 8
const logSaltsAt = 16
const frameHeaderBytes = 24
const frameSaltsAt = 8
const saltBytes = 8
const userVersionAt = 60
/** The number in the header for pages of 65,536 bytes, which its field in the file cannot hold. */
const largestPage = 1

const readAt = (file: number, at: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes)
  return buffer.subarray(0, readSync(file, buffer, 0, bytes, at))
}

const saltsIn = (header: Buffer, at: number): string => header.toString("hex", at, at + saltBytes)

/**
 * Whether a frame of the log may give the database another schema version. The first page has the version. Frames that
 * were not committed count too, so the answer may be yes for a version that SQLite ignores. It is never no for a version
 * that SQLite reads.
 */
export const mayChangeSchema = (log: string, schema: number): boolean => {
  const file = openSync(log, "r")
  try {
    const header = readAt(file, 0, logHeaderBytes)
    // SQLite ignores a log without a whole header.
    if (header.length < logHeaderBytes) return false
    const given = header.readUInt32BE(logPageSizeAt)
    const pageBytes = given === largestPage ? 65_536 : given
    const salts = saltsIn(header, logSaltsAt)
    for (let at = logHeaderBytes; ; at += frameHeaderBytes + pageBytes) {
      const frame = readAt(file, at, frameHeaderBytes)
      // A frame with other salts, and all after it, are left from an earlier log.
      if (frame.length < frameHeaderBytes || saltsIn(frame, frameSaltsAt) !== salts) return false
      if (frame.readUInt32BE(0) !== 1) continue
      const version = readAt(file, at + frameHeaderBytes + userVersionAt, 4)
      if (version.length === 4 && version.readUInt32BE(0) !== schema) return true
    }
  } finally {
    closeSync(file)
  }
}
