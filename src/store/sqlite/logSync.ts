/** When the write-ahead log reaches the disk: with each transaction, or beside the loop for writes that nobody waits for. */
import { close, fdatasync, openSync } from "node:fs"
import type { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Scope } from "effect"

export interface LogSync {
  /** Whether transactions from now on are on the disk when they end. They are, unless told otherwise. */
  readonly syncEach: (each: boolean) => void
  /** Calls back once everything in the log by now is on the disk, or could not be brought there. */
  readonly syncNow: (done: (failure: Error | null) => void) => void
}

/**
 * The log is synced through a descriptor of its own: what is flushed is the file's, whoever wrote it. Opening and closing
 * it is harmless, as SQLite's locks are on the database file and not on its log. It is opened when there is one to sync.
 */
export const openLogSync = (database: DatabaseSync): Effect.Effect<LogSync, never, Scope.Scope> =>
  Effect.gen(function* () {
    const path = database.location()
    let log: number | undefined
    yield* Effect.addFinalizer(() =>
      Effect.callback<void>((resume) => {
        if (log === undefined) return resume(Effect.void)
        close(log, () => resume(Effect.void))
      })
    )
    return {
      // Not a prepared statement: this pragma takes effect when it is compiled, and only then (SQLite, "PRAGMA").
      syncEach: (each) => database.exec(`PRAGMA synchronous = ${each ? "FULL" : "NORMAL"}`),
      syncNow: (done) => {
        // A database in memory has no log and nothing to bring to a disk.
        if (path === null) return done(null)
        log ??= openSync(`${path}-wal`, "r+")
        fdatasync(log, done)
      }
    }
  })
