/** A row of the database file that says whether the file needs its log: a copy without the log is then recognised. */
import type { DatabaseSync } from "node:sqlite"
import type { Statements } from "./statements.ts"

/** The name of the row in `meta`: `open` while the log may hold changes that the file lacks, `closed` otherwise. */
export const logMarkName = "log.mark"

export interface LogMark {
  /** To be called before anything is written. Whatever a log holds is written when the file itself says `open`. */
  readonly open: () => void
  /** Within a transaction whose log is then cut to nothing: from then on the file is whole without it. */
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
 * Closes the connection. SQLite copies the log into the file and removes it; before that the file must say `closed`. On a
 * full disk there may be room for that row only once the log was copied. Where there is none the connection stays open:
 * closing it could remove the log from a file that says `open`.
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
