/** Migrations of a store: one atomic step at a time, and unknown files are not changed. */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { inspected } from "../../src/store/sqlite/database.ts"
import { migrate, schemaVersionOf } from "../../src/store/sqlite/migrate.ts"
import { migrations } from "../../src/store/sqlite/schema.ts"
import { databaseFileName } from "../../src/store/sqlite/files.ts"
import { Store, StoreUnusable } from "../../src/store/store.ts"
import { born, keyIdOf, life, start } from "../../src/conformance/store/changes.ts"
import { commitAll, disabled } from "../../src/conformance/store/laws/law.ts"
import { fileIn, newDirectory, refusalIn, sqliteIn } from "./places.ts"
import { populate } from "./tampers.ts"

/** A file in a new data directory that another program wrote. */
const writtenBy = (write: (database: DatabaseSync) => void): string => {
  const directory = newDirectory()
  mkdirSync(directory, { recursive: true })
  const database = new DatabaseSync(fileIn(directory))
  write(database)
  database.close()
  return directory
}

/** The tables that also exist in the older version. */
const inBoth =
  "SELECT name FROM source.sqlite_schema WHERE type = 'table' AND name IN (SELECT name FROM main.sqlite_schema)"

describe("the schema of a SQLite store", () => {
  it.effect("a newer schema is refused, and no byte of the file changes", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      yield* Effect.provide(commitAll([born({ n: 1 })]), Layer.fresh(sqliteIn(directory)))
      const newer = new DatabaseSync(fileIn(directory))
      newer.exec(`PRAGMA user_version = ${migrations.length + 1}`)
      newer.close()
      const before = readFileSync(fileIn(directory))
      const refusal = yield* refusalIn(directory)
      expect(refusal).toBeInstanceOf(StoreUnusable)
      expect(refusal.message).toContain(`schema ${migrations.length + 1}`)
      expect(readFileSync(fileIn(directory)).equals(before)).toBe(true)
    })
  )

  it.effect("a newer schema is refused if only the log of a killed process has that schema", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      yield* Effect.provide(commitAll([born({ n: 1 })]), Layer.fresh(sqliteIn(directory)))
      const newer = new DatabaseSync(fileIn(directory))
      newer.exec(`PRAGMA user_version = ${migrations.length + 1}`)
      const killed = newDirectory()
      mkdirSync(killed, { recursive: true })
      const names = [databaseFileName, `${databaseFileName}-wal`]
      for (const name of names) copyFileSync(join(directory, name), join(killed, name))
      newer.close()
      const bytes = () => names.map((name) => readFileSync(join(killed, name)).toString("hex"))
      const before = bytes()
      expect((yield* refusalIn(killed)).message).toContain(`schema ${migrations.length + 1}`)
      expect(bytes()).toEqual(before)
    })
  )

  it.effect(
    "a store of an older schema with a log is copied for its inspection only if the log changes the schema",
    () =>
      Effect.gen(function* () {
        const directory = newDirectory()
        mkdirSync(directory, { recursive: true })
        const older = new DatabaseSync(fileIn(directory))
        migrate(older, migrations.slice(0, 6))
        older.exec("PRAGMA journal_mode = WAL; INSERT INTO meta (name, value) VALUES ('rootKey.check', 'a check')")
        older.exec("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO meta (name, value) VALUES ('later', 'in the log')")
        const killed = (): string => {
          const copy = newDirectory()
          mkdirSync(copy, { recursive: true })
          const names = [databaseFileName, `${databaseFileName}-wal`]
          for (const name of names) copyFileSync(join(directory, name), join(copy, name))
          return fileIn(copy)
        }
        const [before, temporary] = [killed(), process.env["TMPDIR"]]
        // No copy can be made in a directory that does not exist.
        process.env["TMPDIR"] = join(directory, "missing")
        const alone = yield* Effect.ensuring(
          inspected(before),
          Effect.sync(() => {
            if (temporary === undefined) delete process.env["TMPDIR"]
            else process.env["TMPDIR"] = temporary
          })
        )
        expect([alone.schema, alone.meta.get("rootKey.check")]).toEqual([6, "a check"])
        older.exec("PRAGMA user_version = 99; INSERT INTO meta (name, value) VALUES ('last', 'in the log')")
        expect((yield* Effect.flip(inspected(killed()))).message).toContain("schema 99")
        older.close()
      })
  )

  it.effect("a database of another program is refused, and no byte changes", () =>
    Effect.gen(function* () {
      const directory = writtenBy((database) => database.exec("CREATE TABLE books (title TEXT)"))
      const before = readFileSync(fileIn(directory))
      expect((yield* refusalIn(directory)).message).toContain("another program")
      expect(readFileSync(fileIn(directory)).equals(before)).toBe(true)
    })
  )

  it.effect("a file that is not a database is refused as a store", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      mkdirSync(fileIn(directory), { recursive: true })
      expect(yield* refusalIn(directory)).toBeInstanceOf(StoreUnusable)
    })
  )

  it.effect("a migration extends the schema once", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      yield* Effect.provide(commitAll(life({ n: 1 }, disabled(start + 1))), Layer.fresh(sqliteIn(directory)))
      const database = new DatabaseSync(fileIn(directory))
      const next = [...migrations, "ALTER TABLE keys ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"]
      migrate(database, next)
      migrate(database, next)
      expect(schemaVersionOf(database)).toBe(next.length)
      expect(database.prepare("SELECT id, epoch, note FROM keys").all()).toEqual([
        { id: keyIdOf(1), epoch: 2, note: "none" }
      ])
      database.close()
      expect((yield* refusalIn(directory)).message).toContain("newer version")
    })
  )

  it.effect("a migration keeps every event of the fourth schema", () =>
    Effect.gen(function* () {
      const source = newDirectory()
      yield* Effect.provide(populate, Layer.fresh(sqliteIn(source)))
      const directory = writtenBy((database) => {
        migrate(database, migrations.slice(0, 4))
        database.exec(`PRAGMA foreign_keys = OFF; ATTACH '${fileIn(source)}' AS source`)
        const tables = database.prepare(inBoth).all()
        for (const { name } of tables) {
          const columns = database.prepare(`PRAGMA source.table_info(${String(name)})`).all()
          const names = columns.map((column) => String(column["name"])).join(", ")
          database.exec(`INSERT INTO main.${String(name)} (${names}) SELECT ${names} FROM source.${String(name)}`)
        }
      })
      const told = Effect.gen(function* () {
        const store = yield* Store
        const { findings, keys } = yield* verifyStore()
        const journal = yield* Effect.forEach([1, 2, 3, 4, 5, 6], (n) =>
          store.journal({ keyId: keyIdOf(n), afterSeq: 0, limit: 100 })
        )
        return { findings, keys, journal }
      })
      const before = yield* Effect.provide(told, Layer.fresh(sqliteIn(source)))
      const after = yield* Effect.provide(told, Layer.fresh(sqliteIn(directory)))
      expect(after.findings).toEqual([])
      expect(after).toEqual(before)
      expect(after.journal.flat().length).toBeGreaterThan(9)
    })
  )

  it("a failed migration does not change the schema", () => {
    const database = new DatabaseSync(":memory:")
    migrate(database)
    const bad = [...migrations, "CREATE TABLE half (a TEXT); CREATE TABLE keys (a TEXT)"]
    expect(() => migrate(database, bad)).toThrow("already exists")
    expect(schemaVersionOf(database)).toBe(migrations.length)
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").get()).toBeUndefined()
    migrate(database)
    database.close()
  })
})
