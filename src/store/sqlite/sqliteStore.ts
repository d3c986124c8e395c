/** The store in one SQLite file: durable before it answers, one process at a time. */
import { hash as nodeHash } from "node:crypto"
import type { DatabaseSync } from "node:sqlite"
import { Effect, Exit, Layer } from "effect"
import type { Scope } from "effect"
import type { HashText } from "../../records/hashChain.ts"
import { execute } from "../../plan/execute.ts"
import type { Plan } from "../../plan/plan.ts"
import type { Failpoints, HostProcess } from "../../platform/services.ts"
import { Driver, StoreConflict } from "../driver.ts"
import type { StoreDriver, StoreUnavailable, StoreUnusable } from "../driver.ts"
import { makeStore, storeLayer } from "../makeStore.ts"
import { Store } from "../store.ts"
import { openAuditTail } from "./auditTail.ts"
import { openCopy, openDatabase } from "./database.ts"
import { openCounts } from "./counts.ts"
import { databaseIn, logOf } from "./files.ts"
import { makeWriter } from "./groupCommit.ts"
import { openLogSync } from "./logSync.ts"
import type { LogSync } from "./logSync.ts"
import { makeLogMark } from "./logMark.ts"
import { openPositions } from "./positions.ts"
import { makeReads } from "./reads.ts"
import { openRows } from "./rows.ts"
import { prepareStatements } from "./statements.ts"

/** OpenSSL's SHA-256 is six times as fast as the portable one for entries of a journal's size. */
const nativeHash: HashText = (text) => nodeHash("sha256", text)

/** A driver over an open database without other writers. */
export const makeSqliteDriver = (
  database: DatabaseSync,
  opened: Effect.Effect<LogSync, never, Scope.Scope> = openLogSync(database)
): Effect.Effect<StoreDriver, never, Failpoints | HostProcess | Scope.Scope> =>
  Effect.gen(function* () {
    const statements = prepareStatements(database)
    const tail = openAuditTail(statements, nativeHash)
    const positions = openPositions(statements)
    const counts = openCounts(statements)
    const rows = openRows({ statements, positions, counts })
    const log = yield* opened
    const mark = makeLogMark(database, statements)
    let shortage: StoreUnavailable | undefined
    const path = database.location()
    const noteShortage = (found: StoreUnavailable | undefined): void => {
      shortage = found
    }
    const setting = {
      statements,
      tail,
      positions,
      counts,
      mark,
      noteShortage,
      log: path === null ? undefined : logOf(path)
    }
    const write = yield* makeWriter(setting, log)
    const { faults, page, ...reads } = makeReads(statements, log)
    const apply = (plan: Plan): Exit.Exit<void, StoreConflict> => {
      const conflict = execute(rows, plan)
      if (conflict !== undefined) return Exit.fail(new StoreConflict(conflict))
      for (const line of plan.lines) tail.add(line)
      return Exit.void
    }
    return {
      ...reads,
      commit: (plan) => write(plan.purpose, () => apply(plan)),
      abilities: { page, faults, shortage: () => shortage, scrub: write("scrub", () => Exit.void), hash: nativeHash }
    }
  })

/** A store over an open database without other writers. */
export const makeSqliteStore = (
  database: DatabaseSync,
  opened?: Effect.Effect<LogSync, never, Scope.Scope>
): Effect.Effect<Store["Service"], never, Failpoints | HostProcess | Scope.Scope> =>
  Effect.map(makeSqliteDriver(database, opened), makeStore)

/** The driver of a data directory. Creates a missing directory and database. */
export const sqliteDriverLayer = (options: {
  readonly directory: string
}): Layer.Layer<Driver, StoreUnusable, Failpoints | HostProcess> =>
  Layer.effect(
    Driver,
    Effect.flatMap(openDatabase(databaseIn(options.directory)), (database) => makeSqliteDriver(database))
  )

/** The store in a data directory. */
export const sqliteStoreLayer = (options: {
  readonly directory: string
}): Layer.Layer<Store, StoreUnusable, Failpoints | HostProcess> =>
  storeLayer.pipe(Layer.provide(sqliteDriverLayer(options)))

/** Does not sync: writes to a copy are lost with it. */
const unsynced: LogSync = { sync: (done) => done(null), settled: (done) => done(null) }

/**
 * A copy of the present store, with or without a running server. No file of the data directory is changed. An older
 * schema is migrated only in the copy.
 */
export const sqliteCopyLayer = (options: {
  readonly directory: string
}): Layer.Layer<Store, StoreUnusable, Failpoints | HostProcess> =>
  Layer.effect(
    Store,
    Effect.flatMap(openCopy(databaseIn(options.directory)), (database) =>
      makeSqliteStore(database, Effect.succeed(unsynced))
    )
  )
