/** One transaction over the rows of a SQLite store that only this process uses. */
import type { DatabaseSync } from "node:sqlite"
import { Effect, Stream } from "effect"
import type { Scope } from "effect"
import type { StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreUnavailable, StoreUnusable } from "../driver.ts"
import type { StoreFailure } from "../driver.ts"
import type { Page, RowChange } from "../transfer.ts"
import { integerOf } from "./columns.ts"
import { openCounts } from "./counts.ts"
import { openDatabase } from "./database.ts"
import { databaseIn } from "./files.ts"
import { describeFailure, readFailureOf } from "./failures.ts"
import { makeLogMark } from "./logMark.ts"
import type { LogMark } from "./logMark.ts"
import type { LogSync } from "./logSync.ts"
import { openPositions } from "./positions.ts"
import { makeReads } from "./reads.ts"
import { openRows } from "./rows.ts"
import { prepareStatements } from "./statements.ts"
import type { Statements } from "./statements.ts"
import { sqlTables } from "./tables.ts"

const readOnly = new StoreUnavailable({ reason: "ReadOnly", message: "The store is being changed by one command." })

/** Does not sync: no caller gets an answer before the commit, which syncs the log itself. */
const unsynced: LogSync = { sync: (done) => done(null), settled: (done) => done(null) }

const pageSize = 256

/** Reads pages by ordinal, because rows may be changed between two pages but retain their ordinals. */
const versionPages = (database: DatabaseSync) => {
  const { columns, from, read } = sqlTables.versions
  const statement = database.prepare(
    `SELECT versions.ordinal AS place, ${columns} FROM ${from} WHERE versions.ordinal > ? ORDER BY versions.ordinal LIMIT ?`
  )
  return Stream.unfold(0, (after) =>
    Effect.try({
      try: () => {
        const found = statement.all(after, pageSize)
        const last = found.at(-1)
        return last === undefined ? undefined : ([found.map(read), integerOf(last, "place")] as const)
      },
      catch: readFailureOf
    })
  )
}

/** Tables other than that of versions are small. */
const wholeTable = <T extends TableName>(database: DatabaseSync, table: T) =>
  Stream.suspend(() =>
    Stream.fromEffect(
      Effect.try({
        try: () => {
          const { columns, from, read } = sqlTables[table]
          return database.prepare(`SELECT ${columns} FROM ${from}`).all().map(read)
        },
        catch: readFailureOf
      })
    )
  )

const rowsOf =
  (database: DatabaseSync) =>
  <T extends TableName>(table: T): Stream.Stream<ReadonlyArray<StoredRow<T>>, StoreFailure> =>
    // The compiler does not connect a table's rows with the table's name.
    (table === "versions" ? versionPages(database) : wholeTable(database, table)) as Stream.Stream<
      ReadonlyArray<StoredRow<T>>,
      StoreFailure
    >

const attempt = <A>(path: string, work: () => A): Effect.Effect<A, StoreUnusable> =>
  Effect.try({
    try: work,
    catch: (failure) =>
      new StoreUnusable({ message: `${path} cannot be changed: ${describeFailure(failure)}. Nothing was changed.` })
  })

/** The log still has old pages, so it is copied back and emptied. secure_delete overwrites the pages of the file. */
const finish = (database: DatabaseSync, statements: Statements, mark: LogMark): void => {
  mark.closeWithCut()
  database.exec("COMMIT")
  statements("scrub").get()
}

const rollBack = (database: DatabaseSync): void => {
  if (database.isOpen && database.isTransaction) database.exec("ROLLBACK")
}

/** Takes the store's lock, and begins the transaction. The directory must have a store. */
export const openSqliteChange = (options: {
  readonly directory: string
}): Effect.Effect<RowChange, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const path = databaseIn(options.directory)
    const database = yield* openDatabase(path)
    const statements = prepareStatements(database)
    const mark = makeLogMark(database, statements)
    yield* Effect.acquireRelease(
      attempt(path, () => {
        mark.open()
        database.exec("BEGIN IMMEDIATE")
      }),
      () => Effect.sync(() => rollBack(database))
    )
    const counts = openCounts(statements)
    const rows = openRows({ statements, positions: openPositions(statements), counts })
    const { faults, ...reads } = makeReads(statements, unsynced)
    const put = ({ table, rows: given }: Page): void => {
      // The compiler does not connect a table's rows with the table's name.
      for (const row of given) rows.write({ op: "put", table, row } as Parameters<typeof rows.write>[0])
    }
    return {
      rows: rowsOf(database),
      put: (page) => attempt(path, () => put(page)),
      dropMeta: (names) =>
        attempt(path, () => {
          for (const name of names) rows.write({ op: "delete", table: "meta", id: [name] })
        }),
      driver: { ...reads, commit: () => Effect.fail(readOnly), abilities: { faults } },
      finish: attempt(path, () => {
        counts.write()
        finish(database, statements, mark)
      })
    }
  })
