/** Transfers from and to a SQLite file: every row of a copy, and a new file that gets its name when it is complete. */
import { chmodSync, closeSync, existsSync, openSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Stream } from "effect"
import type { Scope } from "effect"
import { beginFile, makeDirectory, removeEmptyDirectories, removeLeftovers } from "../../platform/durableFiles.ts"
import type { FileInTheMaking } from "../../platform/durableFiles.ts"
import type { StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreUnavailable, StoreUnusable } from "../driver.ts"
import type { StoreFailure } from "../driver.ts"
import { pageOf, transferOrder } from "../transfer.ts"
import type { Page, Rows, RowTarget } from "../transfer.ts"
import { assertLibrary, libraryVersion, openCopy } from "./database.ts"
import { openCounts } from "./counts.ts"
import { databaseIn, logOf } from "./files.ts"
import { describeFailure, readFailureOf } from "./failures.ts"
import { logMarkName } from "./logMark.ts"
import type { LogSync } from "./logSync.ts"
import { migrate } from "./migrate.ts"
import { openPositions } from "./positions.ts"
import { makeReads } from "./reads.ts"
import { openRows } from "./rows.ts"
import { prepareStatements } from "./statements.ts"
import { sqlTables } from "./tables.ts"

/** The order of creation of a table's rows, or another fixed order where creation does not matter. */
const orders: { readonly [T in TableName]: string } = {
  keys: "ordinal",
  versions: "versions.ordinal",
  events: "events.ordinal",
  deadlines: "key, kind",
  owed: "commands.ordinal",
  aliases: "aliases.ordinal",
  importSessions: "import_sessions.ordinal",
  invocations: "key, version",
  ram: "account, kind, name",
  audit: "seq",
  nonces: "ordinal",
  meta: "name"
}

/** The mark of the log belongs to the file rather than the store. */
const conditions: Readonly<Partial<Record<TableName, string>>> = { meta: `WHERE name <> '${logMarkName}'` }

const pageSize = 256

const readRows = <T extends TableName>(database: DatabaseSync, table: T): Stream.Stream<Page, StoreFailure> =>
  Stream.suspend(() => {
    const { columns, from, read } = sqlTables[table]
    const text = `SELECT ${columns} FROM ${from} ${conditions[table] ?? ""} ORDER BY ${orders[table]}`
    const found = database.prepare(text).iterate()
    const next = (): Page | undefined => {
      const rows: Array<StoredRow<T>> = []
      while (rows.length < pageSize) {
        const { done, value } = found.next()
        if (done === true) break
        rows.push(read(value))
      }
      return rows.length === 0 ? undefined : pageOf(table, rows)
    }
    return Stream.unfold(undefined, () =>
      Effect.map(Effect.try({ try: next, catch: readFailureOf }), (page) => page && ([page, undefined] as const))
    )
  })

/** The present rows of a data directory, with or without a running server. No file of the directory is changed. */
export const openSqliteRows = (options: {
  readonly directory: string
}): Effect.Effect<Rows, StoreUnusable, Scope.Scope> =>
  Effect.map(openCopy(databaseIn(options.directory)), (database) =>
    Stream.flatMap(Stream.fromIterable(transferOrder), (table) => readRows(database, table))
  )

const readOnly = new StoreUnavailable({ reason: "ReadOnly", message: "The store is not complete yet." })

/** Does not sync: no caller gets an answer before the file has its name. */
const unsynced: LogSync = { sync: (done) => done(null), settled: (done) => done(null) }

const taken = (path: string): StoreUnusable =>
  new StoreUnusable({
    message: `${path} exists already. Nothing was changed; choose a directory without a store.`
  })

const attempt = <A>(path: string, work: () => A): Effect.Effect<A, StoreUnusable> =>
  Effect.try({
    try: work,
    catch: (failure) =>
      failure instanceof StoreUnusable
        ? failure
        : new StoreUnusable({ message: `${path} cannot be written: ${describeFailure(failure)}.` })
  })

/** A rollback is the removal of the file. Ids are random, so the cache should hold the whole index of many keys: 256 MB. */
const pragmas =
  "PRAGMA cache_size = -262144; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; " +
  "PRAGMA ignore_check_constraints = ON; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF"

const openNew = (path: string): DatabaseSync => {
  closeSync(openSync(path, "wx", 0o600))
  chmodSync(path, 0o600)
  const database = new DatabaseSync(path)
  try {
    database.exec(pragmas)
    migrate(database)
    database.exec("BEGIN")
    return database
  } catch (failure) {
    database.close()
    throw failure
  }
}

/** Without its tables, for example on a full disk, the file is removed at once: no later step discards it. */
const openIn = (file: FileInTheMaking): DatabaseSync => {
  try {
    return openNew(file.aside)
  } catch (failure) {
    file.discard()
    throw failure
  }
}

interface Making {
  readonly path: string
  readonly database: DatabaseSync
  /** Gives the file its name; false if the name is taken. */
  readonly keep: () => boolean
  readonly discard: () => void
}

const begin = (path: string): Making => {
  assertLibrary(libraryVersion())
  if (existsSync(path)) throw taken(path)
  if (existsSync(logOf(path))) throw taken(logOf(path))
  const made = makeDirectory(dirname(path), 0o700)
  let isKept = false
  try {
    const file = beginFile(path)
    const database = openIn(file)
    return {
      path,
      database,
      keep: () => {
        isKept = file.keep()
        return isKept
      },
      discard: () => {
        if (database.isOpen) database.close()
        file.discard()
        if (!isKept) removeEmptyDirectories(made)
      }
    }
  } catch (failure) {
    removeEmptyDirectories(made)
    throw failure
  }
}

const finish = ({ path, database, keep }: Making): void => {
  database.exec("COMMIT; PRAGMA journal_mode = WAL")
  database.close()
  if (!keep()) throw taken(path)
  removeLeftovers(path)
}

/** A new store in a directory without one. */
export const openSqliteTarget = (options: {
  readonly directory: string
}): Effect.Effect<RowTarget, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const path = databaseIn(options.directory)
    const making = yield* Effect.acquireRelease(
      attempt(path, () => begin(path)),
      ({ discard }) => Effect.sync(discard)
    )
    const statements = prepareStatements(making.database)
    const counts = openCounts(statements)
    const rows = openRows({ statements, positions: openPositions(statements), counts })
    const { faults, ...reads } = makeReads(statements, unsynced)
    const put = ({ table, rows: given }: Page): void => {
      // The compiler does not connect a table's rows with the table's name.
      for (const row of given) rows.write({ op: "put", table, row } as Parameters<typeof rows.write>[0])
    }
    return {
      put: (page) => attempt(path, () => put(page)),
      driver: { ...reads, commit: () => Effect.fail(readOnly), abilities: { faults } },
      finish: attempt(path, () => {
        counts.write()
        finish(making)
      })
    }
  })
