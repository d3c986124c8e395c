/** Reads a database file without changing any file: the database, its log, or their directory. */
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { StoreUnusable } from "../store.ts"
import { textOf } from "./columns.ts"
import { logOf, sizeOf } from "./files.ts"
import { logMarkName } from "./logMark.ts"
import { mayChangeSchema } from "./logSchema.ts"
import { assertOurs, isWithoutTables, schemaVersionOf } from "./migrate.ts"

export interface Inspection {
  /** No tables: a file of 0 bytes, or one whose creation was not finished. */
  readonly isEmpty: boolean
  readonly schema: number
  /** Rows of the table `meta`. */
  readonly meta: ReadonlyMap<string, string>
  /** Whether it has any key, access record or audit line. */
  readonly holdsData: boolean
  /** The log had changes when its writing process ended, and is missing now. */
  readonly isLogLost: boolean
}

const nothing: Inspection = { isEmpty: true, schema: 0, meta: new Map(), holdsData: false, isLogLost: false }

const tablesOf = (database: DatabaseSync): ReadonlySet<string> =>
  new Set(
    database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map((row) => textOf(row, "name"))
  )

const hasRows = (database: DatabaseSync, table: string): boolean =>
  database.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined

const inspect = (database: DatabaseSync): Inspection => {
  assertOurs(database)
  if (isWithoutTables(database)) return nothing
  const tables = tablesOf(database)
  const rows = database.prepare("SELECT name, value FROM meta").all()
  return {
    isEmpty: false,
    schema: schemaVersionOf(database),
    meta: new Map(rows.map((row) => [textOf(row, "name"), textOf(row, "value")])),
    holdsData: ["keys", "audit", "ram"].some((table) => tables.has(table) && hasRows(database, table)),
    isLogLost: false
  }
}

/** `immutable` keeps SQLite from locking the file, reading its log, and creating files beside it. */
const inspectFileAlone = (path: string): Inspection => {
  const url = pathToFileURL(path)
  url.searchParams.set("immutable", "1")
  const database = new DatabaseSync(url, { readOnly: true })
  try {
    return inspect(database)
  } finally {
    database.close()
  }
}

const copyChunkBytes = 1 << 20

const copyFrom = (source: number, copy: string): void => {
  const target = openSync(copy, "w", 0o600)
  try {
    const chunk = Buffer.alloc(copyChunkBytes)
    for (let at = 0; ;) {
      const read = readSync(source, chunk, 0, copyChunkBytes, at)
      if (read === 0) return
      writeSync(target, chunk, 0, read)
      at += read
    }
  } finally {
    closeSync(target)
  }
}

const copyLog = (log: string, copy: string): void => {
  rmSync(copy, { force: true })
  if (sizeOf(log) === 0) return
  const source = openSync(log, "r")
  try {
    copyFrom(source, copy)
  } finally {
    closeSync(source)
  }
}

/**
 * Opens a copy of the database and its log in the directory for temporary files. The copy's names are removed at once.
 */
export const onCopy = <A>(path: string, open: (copy: string) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-copy-"))
  try {
    const copy = join(folder, basename(path))
    // Never closed: closing would release every lock of this process on the file (POSIX fcntl).
    const source = openSync(path, "r")
    whileUnchanged(path, stateOfBoth, () => {
      copyFrom(source, copy)
      copyLog(logOf(path), logOf(copy))
    })
    return open(copy)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const logHeaderBytes = 32

/** The first bytes of the log change each time it is restarted (SQLite file format 4.1, the salts). */
const beginningOf = (log: string): string => {
  if (sizeOf(log) === 0) return ""
  const file = openSync(log, "r")
  try {
    const header = Buffer.alloc(logHeaderBytes)
    readSync(file, header, 0, logHeaderBytes, 0)
    return header.toString("hex")
  } finally {
    closeSync(file)
  }
}

type StateOf = (path: string) => string

const stateOfFile: StateOf = (path) => {
  const file = statSync(path, { bigint: true })
  return `${beginningOf(logOf(path))} ${file.size} ${file.mtimeNs} ${file.ino}`
}

/**
 * A server copies pages from the log into the file at any time; then both have the same content. Only a restarted or
 * emptied log has lost something.
 */
const stateOfBoth: StateOf = (path) => beginningOf(logOf(path)) || stateOfFile(path)

const attemptsMax = 100

/** Repeats `read` until no other process can have changed the files during it. */
const whileUnchanged = <A>(path: string, stateOf: StateOf, read: () => A): A => {
  let failure: unknown
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = stateOf(path)
    try {
      const found = read()
      if (stateOf(path) === before) return found
    } catch (thrown) {
      failure = thrown
      if (stateOf(path) === before) throw thrown
    }
  }
  throw (
    failure ?? new StoreUnusable({ message: "The file changes too often to be read; stop the process that uses it." })
  )
}

/**
 * Data that may be only in the log: everything of a store that was never closed, and migrations. A copy of a large store
 * takes minutes and its size in the directory for temporary files, so it is made only for these.
 */
const isToldByLog = (found: Inspection, path: string): boolean =>
  sizeOf(logOf(path)) > 0 && (!found.meta.has("rootKey.check") || mayChangeSchema(logOf(path), found.schema))

const assertPlain = (path: string): void => {
  const folder = statSync(dirname(path), { throwIfNoEntry: false })
  const file = folder?.isDirectory() === false ? undefined : statSync(path, { throwIfNoEntry: false })
  if (folder?.isDirectory() === false) throw new StoreUnusable({ message: `${dirname(path)} is not a directory.` })
  if (file?.isFile() === false) throw new StoreUnusable({ message: `${path} is not a file.` })
}

/**
 * A power loss while the log is copied back may leave pages of the file torn. The log holds all of them, and SQLite
 * reads them
 * there: the file alone proves nothing against the store.
 */
const aloneOrWithLog = (path: string): Inspection => {
  try {
    return sizeOf(path) === 0 ? nothing : inspectFileAlone(path)
  } catch (failure) {
    if (sizeOf(logOf(path)) === 0) throw failure
    return onCopy(path, inspectCopy)
  }
}

/** A missing or empty file has no data. Throws StoreUnusable for a file of another program. */
export const inspectDatabase = (path: string): Inspection => {
  assertPlain(path)
  if (!existsSync(path)) return nothing
  const { alone, isTold } = whileUnchanged(path, stateOfFile, () => {
    const found = aloneOrWithLog(path)
    const isLogLost = found.meta.get(logMarkName) === "open" && sizeOf(logOf(path)) === 0
    return { alone: { ...found, isLogLost }, isTold: isToldByLog(found, path) }
  })
  return isTold ? onCopy(path, inspectCopy) : alone
}

const inspectCopy = (copy: string): Inspection => {
  const database = new DatabaseSync(copy)
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE")
    return inspect(database)
  } finally {
    database.close()
  }
}
