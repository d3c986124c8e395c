/** A row of the database file that says whether the file needs its log, so that a copy without the log is detected. */
import type { DatabaseSync } from "node:sqlite"
import type { Statements } from "./statements.ts"

/** The name of the row in `meta`: `open` while the log may have changes that the file lacks, otherwise `closed`. */
export const logMarkName = "log.mark"

export interface LogMark {
  /** Must be called before any write. When a log has content, the file itself says `open`. */
  readonly open: () => void
  /** Within a transaction whose log is then emptied: afterwards the file is complete without it. */
  readonly closeWithCut: () => void
}

export const makeLogMark = (database: DatabaseSync, statements: Statements): LogMark => {
  // A database in memory has no log.
  let isOpen = database.location() === null
  return {
    open: () => {
      if (isOpen) return
      statements("setMeta").run(logMarkName, "open")
      statements("checkpoint").get()
      isOpen = true
    },
    closeWithCut: () => {
      if (database.location() === null) return
      statements("setMeta").run(logMarkName, "closed")
      isOpen = false
    }
  }
}

const setClosed = (database: DatabaseSync): void => {
  database.prepare("UPDATE meta SET value = 'closed' WHERE name = ? AND value = 'open'").run(logMarkName)
}

/**
 * Closes the connection. SQLite copies the log into the file and removes it; before that the file must say `closed`. On
 * a full disk there may be space for that row only after the log was copied. Without that space the connection stays
 * open: closing it could remove the log of a file that says `open`.
 */
export const closeWithMark = (database: DatabaseSync): void => {
  try {
    setClosed(database)
  } catch {
    try {
      if (database.isTransaction) database.exec("ROLLBACK")
      database.exec("PRAGMA wal_checkpoint(PASSIVE)")
      setClosed(database)
    } catch {
      return
    }
  }
  database.close()
}
