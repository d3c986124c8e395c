/** Opens the only connection to the database file: private, locked, durable on every commit, wiping deleted data. */
import { accessSync, chmodSync, closeSync, constants, existsSync, openSync, rmSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Scope } from "effect"
import {
  codeOf,
  makeDirectory,
  makeWhole,
  removeEmptyDirectories,
  removeLeftovers,
  syncDirectory
} from "../../platform/durableFiles.ts"
import { StoreUnusable } from "../store.ts"
import { textOf } from "./columns.ts"
import { describeFailure, isInUse, isNoDatabase } from "./failures.ts"
import { inspectDatabase, onCopy } from "./inspection.ts"
import type { Inspection } from "./inspection.ts"
import { closeWithMark } from "./logMark.ts"
import { migrate } from "./migrate.ts"

/** The first release in which resetting the write-ahead log cannot corrupt the file (SQLite 3.51.3, release notes). */
export const libraryVersionMinimum = "3.51.3"

/** The Node versions with such a library; the same as `engines` in package.json. */
export const nodesWithLibrary = "^22.22.3 || ^24.15.0 || >=26.0.0"

/** How long an ending process may keep the file before the next one is refused. */
const busyMillis = 500

/**
 * The lock belongs to the operating system and lasts as long as the connection, so it ends with the process in every
 * case. `synchronous` is FULL until the tables exist; afterwards the store syncs the log itself before it answers
 * (logSync.ts). The log is copied back less often than by default, because most copied pages are written again soon.
 * CHECK constraints are off: they parse a row's JSON three times, a tenth of a change's cost, for columns that are
 * written from that snapshot. `keystate verify` compares these columns instead.
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
    message: `SQLite ${version} of this Node can corrupt a write-ahead log. Use Node ${nodesWithLibrary}.`
  })
}

/** The SQLite version of this Node. Read from a database in memory, so that a refusal creates no file. */
export const libraryVersion = (): string => {
  const database = new DatabaseSync(":memory:")
  try {
    const row = database.prepare("SELECT sqlite_version() AS version").get()
    return row === undefined ? "0" : textOf(row, "version")
  } finally {
    database.close()
  }
}

const connect = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: busyMillis })
  try {
    database.exec(pragmas)
    database.exec("BEGIN EXCLUSIVE; COMMIT")
    // SQLite creates the log with the mode of the database. Its directory entry must be as durable as its content.
    syncDirectory(dirname(path))
    migrate(database)
    return database
  } catch (failure) {
    database.close()
    throw failure
  }
}

/** Creates a database without rows. It becomes visible only after all of it is on disk, in its final mode. */
const writeEmpty = (path: string): void => {
  closeSync(openSync(path, "wx", 0o600))
  chmodSync(path, 0o600)
  const database = new DatabaseSync(path)
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
    migrate(database)
    database.exec("PRAGMA journal_mode = WAL")
  } finally {
    database.close()
  }
}

/**
 * Removes the remains of a killed first start of an earlier version, and files that SQLite would treat as this file's.
 */
const removeUnfinished = (path: string): void => {
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true })
}

/** Of two services that start at once, one creates the database; the other's is dropped. */
const makeDatabase = (path: string): void => {
  const made = makeDirectory(dirname(path), 0o700)
  try {
    if (existsSync(path)) removeUnfinished(path)
    makeWhole(path, writeEmpty)
  } catch (failure) {
    removeEmptyDirectories(made)
    throw failure
  }
}

const assertWritable = (path: string): void => {
  try {
    accessSync(path, constants.W_OK)
    accessSync(dirname(path), constants.W_OK)
  } catch (failure) {
    throw new StoreUnusable({
      message:
        codeOf(failure) === "EROFS"
          ? "It is on a read-only file system. Only verify, audit, history and seed export work there."
          : `This user may not write to it (${codeOf(failure) ?? "unknown"}).`
    })
  }
}

const refusalOf = (path: string, failure: unknown): StoreUnusable => {
  if (failure instanceof StoreUnusable) return new StoreUnusable({ ...failure, message: `${path}: ${failure.message}` })
  if (isInUse(failure)) {
    return new StoreUnusable({
      reason: "InUse",
      message: `${path} is in use by another process; stop it, or choose another directory.`
    })
  }
  if (isNoDatabase(failure)) {
    return new StoreUnusable({
      message: `${path} is not a database of Keystate, or its first page is damaged. Restore it, or choose another directory.`
    })
  }
  return new StoreUnusable({ message: `${path} cannot be opened: ${describeFailure(failure)}.` })
}

const attempt = <A>(path: string, work: () => A): Effect.Effect<A, StoreUnusable> =>
  Effect.try({ try: work, catch: (failure) => refusalOf(path, failure) })

const acquire = (path: string, open: () => DatabaseSync): Effect.Effect<DatabaseSync, StoreUnusable, Scope.Scope> =>
  Effect.acquireRelease(attempt(path, open), (database) => Effect.sync(() => closeWithMark(database)))

/** The data that can be read from a database before it is opened. Changes no file. */
export const inspected = (path: string): Effect.Effect<Inspection, StoreUnusable> =>
  attempt(path, () => {
    assertLibrary(libraryVersion())
    return inspectDatabase(path)
  })

/** Opens the database. Creates it first if it is missing or has no tables. */
export const openDatabase = (path: string): Effect.Effect<DatabaseSync, StoreUnusable, Scope.Scope> =>
  acquire(path, () => {
    assertLibrary(libraryVersion())
    // An existing file is never opened here: closing it would release every lock of this process on it (POSIX fcntl).
    if (!existsSync(path) || inspectDatabase(path).isEmpty) makeDatabase(path)
    assertWritable(path)
    const database = connect(path)
    // The lock is held, so no other first start can be running here.
    chmodSync(path, 0o600)
    removeLeftovers(path)
    return database
  })

/** A copy of the present database, migrated to this program's schema. It lasts as long as the connection. */
export const openCopy = (path: string): Effect.Effect<DatabaseSync, StoreUnusable, Scope.Scope> =>
  acquire(path, () => onCopy(path, connect))
