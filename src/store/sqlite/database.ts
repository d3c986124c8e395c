/** Opens the one connection to the database file: private, locked, durable on every commit, wiping what it deletes. */
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Scope } from "effect"
import { StoreUnusable } from "../store.ts"
import { textOf } from "./columns.ts"
import { describeFailure, isInUse } from "./failures.ts"
import { assertOurs, migrate } from "./migrate.ts"

/** The first release in which resetting the write-ahead log cannot corrupt the file (SQLite 3.51.3, release notes). */
export const libraryVersionMinimum = "3.51.3"

/** The Nodes that bring such a library; the same as `engines` in package.json. */
export const nodesWithLibrary = "^22.22.3 || ^24.15.0 || >=26.0.0"

/** How long a process that is just ending may hold the file before the next one is refused. */
const busyMillis = 500

/**
 * The lock is the operating system's and lasts as long as the connection: it goes with the process however it ends.
 * FULL until the tables are there; then the store syncs the log itself before it answers (logSync.ts). The log is copied
 * back less often than by default, because most of what is copied is written again soon. What the tables check of a
 * snapshot costs three readings of its JSON a row: a tenth of a change, for columns that are written from that snapshot.
 * `keystate verify` compares them instead.
 */
const pragmas = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA secure_delete = ON;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = ON;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
`

const orderOf = (version: string): number =>
  version.split(".").reduce((order, part) => order * 1000 + Number.parseInt(part, 10), 0)

export const assertLibrary = (version: string): void => {
  if (orderOf(version) >= orderOf(libraryVersionMinimum)) return
  throw new StoreUnusable({
    message: `SQLite ${version}, which this Node brings, can corrupt a write-ahead log. Use Node ${nodesWithLibrary}.`
  })
}

/** Asked of a database in memory, so that a refusal makes no file. */
const libraryVersion = (): string => {
  const database = new DatabaseSync(":memory:")
  try {
    const row = database.prepare("SELECT sqlite_version() AS version").get()
    return row === undefined ? "0" : textOf(row, "version")
  } finally {
    database.close()
  }
}

/** Looks before anything is written: a file of a newer schema or of another program stays as it is, to the byte. */
const probe = (path: string): void => {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyMillis })
  try {
    assertOurs(database)
  } finally {
    database.close()
  }
}

/** Each missing directory on the way, one by one: Node's own recursion never ends where the system lets none be made. */
const makeDirectory = (path: string): void => {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** The file is made by us, not by SQLite, so that nobody else may read it even for a moment. Its log inherits 0600. */
const makePrivate = (path: string): void => {
  makeDirectory(dirname(path))
  // An existing file is never opened here: closing it would drop every lock the process holds on it (POSIX fcntl).
  if (existsSync(path)) probe(path)
  else closeSync(openSync(path, "wx", 0o600))
  chmodSync(path, 0o600)
}

const connect = (path: string): DatabaseSync => {
  assertLibrary(libraryVersion())
  makePrivate(path)
  const database = new DatabaseSync(path, { timeout: busyMillis })
  try {
    database.exec(pragmas)
    database.exec("BEGIN EXCLUSIVE; COMMIT")
    migrate(database)
    return database
  } catch (failure) {
    database.close()
    throw failure
  }
}

const refusalOf = (path: string, failure: unknown): StoreUnusable => {
  if (failure instanceof StoreUnusable) return new StoreUnusable({ message: `${path}: ${failure.message}` })
  if (isInUse(failure)) {
    return new StoreUnusable({ message: `${path} is in use by another process; stop it, or choose another directory.` })
  }
  return new StoreUnusable({ message: `${path} cannot be opened: ${describeFailure(failure)}.` })
}

export const openDatabase = (path: string): Effect.Effect<DatabaseSync, StoreUnusable, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({ try: () => connect(path), catch: (failure) => refusalOf(path, failure) }),
    (database) => Effect.sync(() => database.close())
  )
