/** When the write-ahead log reaches the disk: beside the loop, which meanwhile decides and writes what comes next. */
import { close, fdatasync, openSync } from "node:fs"
import type { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Scope } from "effect"

type Done = (failure: Error | null) => void

export interface LogSync {
  /** Calls back once everything in the log by now is on the disk, or could not be brought there. */
  readonly sync: (done: Done) => void
  /** The same for what somebody asked to sync already; at once if all of that is on the disk. */
  readonly settled: (done: Done) => void
}

/**
 * SQLite leaves the log unsynced (NORMAL) and keeps it whole all the same: after a crash its synced beginning is what
 * counts, and it is synced before any of it is copied back. The log is synced through a descriptor of its own: what is
 * flushed is the file's, whoever wrote it. Opening and closing it is harmless, as SQLite's locks are on the database file
 * and not on its log. It is opened when there is one to sync.
 */
export const openLogSync = (database: DatabaseSync): Effect.Effect<LogSync, never, Scope.Scope> =>
  Effect.gen(function* () {
    const path = database.location()
    let log: number | undefined
    /** Served by the sync that runs, and by the next one: what is written while one runs may be too late for it. */
    let syncing: ReadonlyArray<Done> = []
    let waiting: Array<Done> = []
    let isSyncing = false
    let broken: Error | null = null

    const start = (): void => {
      isSyncing = true
      syncing = waiting
      waiting = []
      log ??= openSync(`${path}-wal`, "r+")
      fdatasync(log, (failure) => {
        // A system reports lost pages once: after a failure no later success can be believed.
        broken ??= failure
        const served = syncing
        syncing = []
        isSyncing = false
        if (waiting.length > 0) start()
        for (const done of served) done(broken)
      })
    }
    const settled = (done: Done): void => {
      if (waiting.length > 0) waiting.push(done)
      else if (isSyncing) syncing = [...syncing, done]
      else done(broken)
    }
    yield* Effect.addFinalizer(() =>
      Effect.callback<void>((resume) =>
        settled(() => {
          if (log === undefined) return resume(Effect.void)
          return close(log, () => resume(Effect.void))
        })
      )
    )
    // A database in memory has no log and nothing to bring to a disk.
    if (path === null) return { sync: (done) => done(null), settled: (done) => done(null) }
    database.exec("PRAGMA synchronous = NORMAL")
    return {
      sync: (done) => {
        waiting.push(done)
        if (!isSyncing) start()
      },
      settled
    }
  })
