/** One transaction over the rows of a database that no server uses. */
import { Effect, Schedule } from "effect"
import type { Scope } from "effect"
import type { TableName } from "../../records/storedRows.ts"
import { StoreUnavailable, StoreUnusable } from "../driver.ts"
import type { Page, RowChange } from "../transfer.ts"
import { integerOf } from "./columns.ts"
import { faultsOf } from "./faults.ts"
import { assertUsable, schemaOf } from "./migrate.ts"
import type { PostgresOptions } from "./opening.ts"
import { encoded, insertText, openRowSession, orUnusable, readTable } from "./postgresRows.ts"
import { makeReads } from "./reads.ts"
import type { Session, SqlFailure } from "./session.ts"
import { sqlTables } from "./tables.ts"
import type { Column } from "./tables.ts"

const replaceText = (table: TableName): string => {
  const { id, columns } = sqlTables[table]
  const set = Object.values<Column>(columns)
    .filter(({ name }) => !id.includes(name))
    .map(({ name }) => `${name} = excluded.${name}`)
  return `${insertText(table)} ON CONFLICT (${id.join(", ")}) DO UPDATE SET ${set.join(", ")}`
}

/** Every connection of Keystate has this application name. A pooler may hide it. */
const othersText = `SELECT count(*) AS others FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'keystate' AND pid <> pg_backend_pid()`

const inUse = new StoreUnusable({
  reason: "InUse",
  message: "Nothing was changed: the database is in use by a server. Stop every server on it, and try again."
})

const readOnly = new StoreUnavailable({ reason: "ReadOnly", message: "The store is being changed by one command." })

const isAlone = (session: Session): Effect.Effect<boolean, SqlFailure> =>
  Effect.map(session.run(othersText, []), ([row]) => row !== undefined && integerOf(row, "others") === 0)

/** PostgreSQL lists the connections of a stopped server until their processes end, usually for a few milliseconds. */
const endMillis = 5000

const waitUntilAlone = (session: Session): Effect.Effect<void, SqlFailure> =>
  isAlone(session).pipe(
    Effect.repeat({
      until: (alone) => alone,
      schedule: Schedule.upTo(Schedule.spaced("50 millis"), { duration: endMillis })
    }),
    Effect.asVoid
  )

const begin = (session: Session): Effect.Effect<void, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    yield* Effect.flatMap(schemaOf(session), assertUsable)
    yield* waitUntilAlone(session)
    yield* session.run("BEGIN", [])
    // A server that starts now waits for the end of the transaction.
    yield* session.run("LOCK TABLE keystate.meta, keystate.keys IN ACCESS EXCLUSIVE MODE", [])
    if (!(yield* isAlone(session))) return yield* inUse
  })

/** Rewrites the tables that contained secrets, so that no page of them keeps an earlier row. */
const rewriteText = "VACUUM FULL keystate.versions, keystate.import_sessions, keystate.ram, keystate.meta"

/** Fails if a server uses the database. */
export const openPostgresChange = (options: PostgresOptions): Effect.Effect<RowChange, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* openRowSession(options)
    yield* orUnusable(begin(session))
    const put = (page: Page) =>
      Effect.flatMap(encoded(page), (text) => orUnusable(session.run(replaceText(page.table), [text])))
    return {
      rows: (table) => readTable(session, table),
      put: (page) => (page.rows.length === 0 ? Effect.void : Effect.asVoid(put(page))),
      dropMeta: (names) =>
        Effect.asVoid(orUnusable(session.run("DELETE FROM keystate.meta WHERE name = ANY ($1::text[])", [names]))),
      driver: {
        ...makeReads(session.run),
        commit: () => Effect.fail(readOnly),
        abilities: { faults: faultsOf(session.run) }
      },
      finish: Effect.asVoid(orUnusable(Effect.andThen(session.run("COMMIT", []), session.run(rewriteText, []))))
    }
  })
