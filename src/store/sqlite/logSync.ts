/** Syncs the write-ahead log in the background, while the loop decides and writes the next changes. */
import { close, fdatasync, openSync } from "node:fs"
import type { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Scope } from "effect"

type Done = (failure: Error | null) => void

export interface LogSync {
  /** Calls back when the present content of the log is on disk, or could not be written there. */
  readonly sync: (done: Done) => void
  /** The same for earlier requests to sync; calls back at once if all of them are complete. */
  readonly settled: (done: Done) => void
}

/**
 * SQLite does not sync the log (NORMAL) and still keeps it consistent. After a crash its synced beginning is valid, and
 * SQLite syncs it before it copies any of it back. The log is synced through a separate descriptor, which flushes all
 * writes to the file. Opening and closing it is harmless, because SQLite's locks are on the database file, not on its
 * log. It is opened with the first sync.
 */
export const openLogSync = (database: DatabaseSync): Effect.Effect<LogSync, never, Scope.Scope> =>
  Effect.gen(function* () {
    const path = database.location()
    let log: number | undefined
    /** Callbacks of the running sync and of the next one: a write during a sync may be too late for it. */
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
        // A system reports lost pages only once, so after a failure no later success can be trusted.
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
    // A database in memory has no log and no disk.
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
