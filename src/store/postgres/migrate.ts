/** Brings a database up to this program's schema, one transaction a step, and never down. */
import { Effect } from "effect"
import { StoreUnusable } from "../driver.ts"
import { integerOf } from "./columns.ts"
import { codes } from "./failures.ts"
import { migrations } from "./schema.ts"
import type { Session, SqlFailure } from "./session.ts"

/** "Keys": the advisory lock that migrations of several hosts take turns by. */
const lockNumber = 0x4b_65_79_73

/** Where no schema was made yet, the table is not there. */
const versionText = "SELECT version FROM keystate.schema_version"

const isAbsent = (failure: SqlFailure): boolean =>
  failure._tag === "Refused" && (failure.code === codes.undefinedTable || failure.code === codes.undefinedSchema)

/** How many migrations the database has seen. */
export const schemaVersionOf = (session: Session): Effect.Effect<number, SqlFailure> =>
  session.run(versionText, []).pipe(
    Effect.map(([row]) => (row === undefined ? 0 : integerOf(row, "version"))),
    Effect.catchIf(isAbsent, () => Effect.succeed(0))
  )

const tooNew = (version: number): StoreUnusable =>
  new StoreUnusable({
    message:
      `The database has schema ${version}, and this program knows schemas up to ${migrations.length}: ` +
      "it was written by a newer version. Use that version; nothing was changed."
  })

/** Fails if the database was written by a newer program. */
const assertKnown = (version: number): Effect.Effect<void, StoreUnusable> =>
  version > migrations.length ? Effect.fail(tooNew(version)) : Effect.void

/** Fails unless the database has the schema of this program. */
export const assertCurrent = (version: number): Effect.Effect<void, StoreUnusable> => {
  if (version === migrations.length) return Effect.void
  if (version > migrations.length) return Effect.fail(tooNew(version))
  return Effect.fail(
    new StoreUnusable({
      message:
        version === 0
          ? "The database holds no store. To make one, run: keystate migrate --store URL"
          : `The database has schema ${version}, and this program needs schema ${migrations.length}. ` +
            "Run: keystate migrate --store URL"
    })
  )
}

const step = (session: Session, statements: ReadonlyArray<string>, version: number): Effect.Effect<void, SqlFailure> =>
  Effect.gen(function* () {
    for (const text of statements) yield* session.run(text, [])
    yield* session.run("UPDATE keystate.schema_version SET version = $1::bigint", [String(version)])
  })

const prepare: ReadonlyArray<string> = [
  "CREATE SCHEMA IF NOT EXISTS keystate",
  `CREATE TABLE IF NOT EXISTS keystate.schema_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version bigint NOT NULL
  )`,
  "INSERT INTO keystate.schema_version (version) VALUES (0) ON CONFLICT DO NOTHING"
]

/**
 * Applies what the database has not seen, inside the open transaction, which other hosts wait for from here on. Answers the
 * version it found.
 */
export const bringUp = (session: Session): Effect.Effect<number, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    yield* session.run(`SELECT pg_advisory_xact_lock(${lockNumber})`, [])
    for (const text of prepare) yield* session.run(text, [])
    const found = yield* schemaVersionOf(session)
    yield* assertKnown(found)
    for (const [done, statements] of migrations.entries()) {
      if (done >= found) yield* step(session, statements, done + 1)
    }
    return found
  })

/**
 * Brings the database up to this program's schema in one transaction. A migration that fails, or is killed, leaves the
 * schema it started from. The session must be used for nothing else.
 */
export const migrate = (session: Session): Effect.Effect<number, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    yield* session.run("BEGIN", [])
    const found = yield* bringUp(session)
    yield* session.run("COMMIT", [])
    return found
  })
