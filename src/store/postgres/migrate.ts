/** Migrates a database to this program's schema in one transaction, and never back. */
import { Effect } from "effect"
import { nodeLostMillis } from "../../domain/limits.ts"
import { StoreUnusable } from "../driver.ts"
import { integerOf, textOf } from "./columns.ts"
import { codes } from "./failures.ts"
import { migrations as ours } from "./schema.ts"
import type { Migration } from "./schema.ts"
import type { Session, SqlFailure } from "./session.ts"

/** "Keys": the number of the advisory lock for migrations, so that several hosts take turns. */
const lockNumber = 0x4b_65_79_73

/** The schema information in a database. */
export interface FoundSchema {
  /** The number of applied migrations; 0 without a store. */
  readonly version: number
  /** The lowest schema that a program must know to use the database. */
  readonly readableBy: number
}

const noSchema: FoundSchema = { version: 0, readableBy: 0 }

/** The first schema lacks the column `readable_by`. Without any schema, the table does not exist. */
const foundText =
  "SELECT version, coalesce(to_jsonb(s) ->> 'readable_by', '1')::bigint AS readable_by FROM keystate.schema_version s"

const isAbsent = (failure: SqlFailure): boolean =>
  failure._tag === "Refused" && (failure.code === codes.undefinedTable || failure.code === codes.undefinedSchema)

export const schemaOf = (session: Session): Effect.Effect<FoundSchema, SqlFailure> =>
  session.run(foundText, []).pipe(
    Effect.map(([row]) =>
      row === undefined ? noSchema : { version: integerOf(row, "version"), readableBy: integerOf(row, "readable_by") }
    ),
    Effect.catchIf(isAbsent, () => Effect.succeed(noSchema))
  )

const tooNew = (version: number, known: number): StoreUnusable =>
  new StoreUnusable({
    message:
      `The database has schema ${version}, and this program knows schemas up to ${known}: ` +
      "it was written by a newer version. Use that version; nothing was changed."
  })

/** Why a program that knows schemas up to `known` cannot use a database; undefined if it can. */
export const schemaFault = ({ version, readableBy }: FoundSchema, known = ours.length): StoreUnusable | undefined => {
  if (version === 0) {
    return new StoreUnusable({ message: "The database holds no store. To make one, run: keystate migrate --store URL" })
  }
  if (version > known) return readableBy <= known ? undefined : tooNew(version, known)
  if (version >= known - 1) return undefined
  return new StoreUnusable({
    message:
      `The database has schema ${version}, and this program needs schema ${known} or ${known - 1}. ` +
      "Run: keystate migrate --store URL"
  })
}

/** Fails unless this program can use the database. */
export const assertUsable = (found: FoundSchema): Effect.Effect<void, StoreUnusable> => {
  const fault = schemaFault(found)
  return fault === undefined ? Effect.void : Effect.fail(fault)
}

const olderText = `SELECT name, version FROM keystate.nodes
WHERE schema < $1::bigint AND seen > floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - ${nodeLostMillis}
ORDER BY name LIMIT 1`

/** Fails while an older program uses something that the migration removes. */
const assertNoneOlder = (
  session: Session,
  version: number,
  readableBy: number
): Effect.Effect<void, SqlFailure | StoreUnusable> =>
  Effect.flatMap(session.run(olderText, [String(readableBy)]), ([row]) =>
    row === undefined
      ? Effect.void
      : Effect.fail(
          new StoreUnusable({
            message:
              `Schema ${version} cannot be used by Keystate ${textOf(row, "version")}, and node ${textOf(row, "name")} ` +
              "runs it. Update or stop that node, and run the command again; nothing was changed."
          })
        )
  )

const step = (
  session: Session,
  { readableBy, statements }: Migration,
  version: number
): Effect.Effect<void, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    if (readableBy !== undefined) yield* assertNoneOlder(session, version, readableBy)
    for (const text of statements) yield* session.run(text, [])
    yield* session.run("UPDATE keystate.schema_version SET version = $1::bigint", [String(version)])
    if (readableBy === undefined) return
    yield* session.run("UPDATE keystate.schema_version SET readable_by = $1::bigint", [String(readableBy)])
  })

const prepare: ReadonlyArray<string> = [
  "CREATE SCHEMA IF NOT EXISTS keystate",
  `CREATE TABLE IF NOT EXISTS keystate.schema_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version bigint NOT NULL
  )`,
  "INSERT INTO keystate.schema_version (version) VALUES (0) ON CONFLICT DO NOTHING"
]

/** The schema before a migration, and after it. */
export interface Migrated {
  readonly from: number
  readonly to: number
}

/**
 * Applies the missing migrations inside the open transaction. Other hosts wait for it from here on. A database of a
 * newer program that this one can use is left unchanged.
 */
export const bringUp = (
  session: Session,
  migrations: ReadonlyArray<Migration> = ours
): Effect.Effect<Migrated, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    yield* session.run(`SELECT pg_advisory_xact_lock(${lockNumber})`, [])
    for (const text of prepare) yield* session.run(text, [])
    const { readableBy, version } = yield* schemaOf(session)
    if (version > migrations.length && readableBy > migrations.length) return yield* tooNew(version, migrations.length)
    for (const [done, migration] of migrations.entries()) {
      if (done >= version) yield* step(session, migration, done + 1)
    }
    return { from: version, to: Math.max(version, migrations.length) }
  })

/**
 * Migrates the database to this program's schema in one transaction. A migration that fails or is killed leaves the
 * previous schema. Use the session for nothing else.
 */
export const migrate = (
  session: Session,
  migrations: ReadonlyArray<Migration> = ours
): Effect.Effect<Migrated, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    yield* session.run("BEGIN", [])
    const migrated = yield* bringUp(session, migrations)
    yield* session.run("COMMIT", [])
    return migrated
  })
