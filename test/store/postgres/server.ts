/** A PostgreSQL server for one test file, and databases in it. */
import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import { startPostgres } from "../../../src/development/postgres.ts"
import type { PostgresServer } from "../../../src/development/postgres.ts"
import { migratePostgres } from "../../../src/store/postgres/postgresDriver.ts"
import type { Parameter } from "../../../src/store/postgres/session.ts"
import { openOn, runOn } from "./statements.ts"

const waiting = "SELECT count(*) AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

/** Holds the locks of a statement on a separate connection. */
export const holdingRow = async (url: string, text: string, ...parameters: ReadonlyArray<Parameter>) => {
  const scope = Scope.makeUnsafe()
  const session = await Effect.runPromise(Scope.provide(openOn(url), scope))
  for (const [statement, values] of [["BEGIN", []] as const, [text, parameters] as const]) {
    await Effect.runPromise(session.run(statement, values))
  }
  return {
    /** Resolves when this number of other connections waits for a lock. */
    someoneWaits: async (count = 1): Promise<void> => {
      for (;;) {
        const [row] = await runOn(url, [waiting])
        if (Number(row?.["waiting"]) >= count) return
      }
    },
    release: async (): Promise<void> => {
      await Effect.runPromise(session.run("COMMIT", []))
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

export interface TestServer {
  /** Undefined outside of tests. */
  readonly get: () => PostgresServer
  /** The URL of a new, empty database. */
  readonly newDatabase: () => Promise<string>
  /** The URL of an empty store: the same one each time, emptied, which takes less time than a new database. */
  readonly emptyStore: () => Promise<string>
}

const tableList =
  "SELECT string_agg('keystate.' || tablename, ', ') AS tables FROM pg_tables " +
  "WHERE schemaname = 'keystate' AND tablename <> 'schema_version'"

/** Deletes every row of a store that is not in use. */
const empty = async (url: string): Promise<void> => {
  const [row] = await runOn(url, [tableList])
  await runOn(
    url,
    [`TRUNCATE ${String(row?.["tables"])} RESTART IDENTITY`],
    ["INSERT INTO keystate.audit_tail (seq, hash) VALUES (0, repeat('0', 64))"],
    ["INSERT INTO keystate.signature_era (era) VALUES (0)"]
  )
}

/** Started before the tests of the file, and stopped after them. */
export const postgresForTests = (settings?: Readonly<Record<string, string>>): TestServer => {
  let server: PostgresServer | undefined
  let made = 0
  beforeAll(async () => {
    server = await startPostgres(settings)
  })
  afterAll(() => server?.close())
  const get = (): PostgresServer => {
    if (server === undefined) throw new Error("the server runs only during tests")
    return server
  }
  const newDatabase = async (): Promise<string> => {
    const name = `test_${++made}`
    await runOn(get().url("postgres"), [`CREATE DATABASE ${name}`])
    return get().url(name)
  }
  let kept: string | undefined
  const emptyStore = async (): Promise<string> => {
    if (kept === undefined) {
      kept = await newDatabase()
      await Effect.runPromise(migratePostgres({ url: kept, tls: "off" }))
    } else await empty(kept)
    return kept
  }
  return { get, newDatabase, emptyStore }
}

/** Long enough on any machine; only tests of the limit itself set another. */
export const patientMillis = 60_000
