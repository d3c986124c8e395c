/** What only a store in a file can promise: durability, privacy of the file, one process, forward schemas, erasure. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { it } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { describe, expect } from "vitest"
import { immortal } from "../crash/immortal.ts"
import { Failpoints, HostProcess } from "../../src/domain/outside.ts"
import { verifyStore } from "../../src/actor/verify.ts"
import { assertLibrary, openDatabase } from "../../src/store/sqlite/database.ts"
import { migrate, schemaVersionOf } from "../../src/store/sqlite/migrate.ts"
import { migrations } from "../../src/store/sqlite/schema.ts"
import { databaseFileName, makeSqliteStore } from "../../src/store/sqlite/sqliteStore.ts"
import { statementTexts } from "../../src/store/sqlite/statements.ts"
import { Store, StoreUnusable } from "../../src/store/store.ts"
import { born, keyIdOf, life, realm, sealedOf, start, told } from "./changes.ts"
import { commitAll, deletedLife, disabled } from "./laws/law.ts"
import { newDirectory, sqliteIn } from "./places.ts"

const fileIn = (directory: string): string => join(directory, databaseFileName)

/** A file in a fresh data directory, written by somebody else than the store. */
const writtenBy = (write: (database: DatabaseSync) => void): string => {
  const directory = newDirectory()
  mkdirSync(directory, { recursive: true })
  const database = new DatabaseSync(fileIn(directory))
  write(database)
  database.close()
  return directory
}

const refusalIn = (directory: string) => Effect.flip(Effect.provide(Store, Layer.fresh(sqliteIn(directory))))

describe("the file of a SQLite store", () => {
  it.effect("what was committed is there after the store is closed and opened again", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const written = Effect.gen(function* () {
        const store = yield* Store
        yield* commitAll([...life({ n: 1 }, disabled(start + 1)), ...deletedLife(2)])
        yield* store.appendAudit(["a line"])
        yield* store.appendNonces({ expiresAt: start, lines: ["a nonce"] })
        yield* store.setMeta("name", "value")
        return yield* contents
      })
      const contents = Effect.gen(function* () {
        const store = yield* Store
        return {
          rows: yield* Effect.forEach([keyIdOf(1), keyIdOf(2)], store.key),
          journal: yield* store.journal({ keyId: keyIdOf(2), afterSeq: 0, limit: 9 }),
          audit: yield* store.auditSegments({ afterSeq: 0, limit: 9 }),
          owed: yield* store.owed,
          nonces: yield* store.nonces(0),
          meta: yield* store.meta("name")
        }
      })
      const before = yield* Effect.provide(written, Layer.fresh(sqliteIn(directory)))
      const after = yield* Effect.provide(contents, Layer.fresh(sqliteIn(directory)))
      expect(after).toEqual(before)
      const sound = yield* Effect.provide(verifyStore(), Layer.fresh(sqliteIn(directory)))
      expect(sound).toMatchObject({ keys: 2, events: 5, findings: [] })
    })
  )

  it.effect("directory and files belong to their owner alone", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      yield* commitAll([born({ n: 1 })]).pipe(
        Effect.andThen(
          Effect.sync(() => {
            expect(statSync(directory).mode & 0o777).toBe(0o700)
            const names = readdirSync(directory)
            expect(names).toContain(`${databaseFileName}-wal`)
            for (const name of names)
              expect([name, statSync(join(directory, name)).mode & 0o777]).toEqual([name, 0o600])
          })
        ),
        Effect.provide(Layer.fresh(sqliteIn(directory)))
      )
      chmodSync(fileIn(directory), 0o644)
      yield* Effect.provide(Store, Layer.fresh(sqliteIn(directory)))
      expect(statSync(fileIn(directory)).mode & 0o777).toBe(0o600)
    })
  )

  it.effect("the connection syncs every commit, wipes what it deletes, keeps references whole and holds the lock", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase(fileIn(newDirectory()))
      const inForce = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
      expect({
        journal_mode: inForce("journal_mode"),
        synchronous: inForce("synchronous"),
        secure_delete: inForce("secure_delete"),
        foreign_keys: inForce("foreign_keys"),
        locking_mode: inForce("locking_mode"),
        temp_store: inForce("temp_store"),
        trusted_schema: inForce("trusted_schema")
      }).toEqual({
        journal_mode: "wal",
        synchronous: 2,
        secure_delete: 1,
        foreign_keys: 1,
        locking_mode: "exclusive",
        temp_store: 2,
        trusted_schema: 0
      })
    })
  )

  it.effect("a second opener is refused in a sentence, and opens once the first has let go", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const refusal = yield* refusalIn(directory).pipe(
        Effect.provide(Layer.fresh(sqliteIn(directory))) // holds the directory meanwhile
      )
      expect(refusal).toBeInstanceOf(StoreUnusable)
      expect(refusal.message).toContain("in use by another process")
      yield* Effect.provide(Store, Layer.fresh(sqliteIn(directory)))
    })
  )

  it("a library that can corrupt its log is refused", () => {
    expect(() => assertLibrary("3.51.2")).toThrow(StoreUnusable)
    expect(() => assertLibrary("3.9.99")).toThrow(StoreUnusable)
    expect(() => assertLibrary("3.51.3")).not.toThrow()
    expect(() => assertLibrary("4.0.0")).not.toThrow()
  })

  it("every read goes through an index and sorts nothing, whatever the size of the store", () => {
    const database = new DatabaseSync(":memory:")
    migrate(database)
    // By their meaning these read all there is, or sort the few rows of one key.
    const excepted = new Set(["owed", "nonces", "census", "versions"])
    const slow = /TEMP B-TREE|^SCAN (?!json_each|audit$|deadlines USING COVERING INDEX)/
    const found = Object.entries(statementTexts).flatMap(([name, sql]) => {
      if (!sql.startsWith("SELECT") || excepted.has(name)) return []
      const nothing = Array.from({ length: sql.split("?").length - 1 }, () => 0)
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...nothing)
      return plan
        .map(({ detail }) => `${name}: ${String(detail)}`)
        .filter((line) => slow.test(line.split(": ")[1] ?? ""))
    })
    expect(found).toEqual([])
    database.close()
  })
})

describe("the schema of a SQLite store", () => {
  it.effect("a newer schema is refused and the file keeps every byte", () =>
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

  it.effect("a newer schema is refused even if only the log of a killed process knows of it", () =>
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

  it.effect("a database of another program is refused and keeps every byte", () =>
    Effect.gen(function* () {
      const directory = writtenBy((database) => database.exec("CREATE TABLE books (title TEXT)"))
      const before = readFileSync(fileIn(directory))
      expect((yield* refusalIn(directory)).message).toContain("another program")
      expect(readFileSync(fileIn(directory)).equals(before)).toBe(true)
    })
  )

  it.effect("a file that is no database is refused", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      mkdirSync(fileIn(directory), { recursive: true })
      expect(yield* refusalIn(directory)).toBeInstanceOf(StoreUnusable)
    })
  )

  it.effect("a migration adds to what is there and is applied once", () =>
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

  it("a migration that fails leaves the schema it started from", () => {
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

describe("the writes of a SQLite store", () => {
  it.effect("changes that are ready together become durable together", () =>
    Effect.gen(function* () {
      const store = yield* Store
      const births = Array.from({ length: 64 }, (_, n) => born({ n }).change)
      yield* Effect.forEach(births, store.commit, { concurrency: "unbounded", discard: true })
      // Each transaction adds one segment to the audit log.
      const segments = yield* store.auditSegments({ afterSeq: 0, limit: 100 })
      expect(segments.map(({ lines }) => lines.length)).toEqual([64])
    }).pipe(Effect.provide(sqliteIn(newDirectory())))
  )

  it.effect("a row the tables refuse is the defect of its change alone", () =>
    Effect.gen(function* () {
      const store = yield* Store
      const deadline = { kind: "RotationDue", dueAt: start, epoch: 1 } as const
      const twice = { ...born({ n: 2 }).change, deadlines: [deadline, deadline] }
      const exits = yield* Effect.forEach(
        [born({ n: 1 }).change, twice, born({ n: 3 }).change],
        (change) => Effect.exit(store.commit(change)),
        { concurrency: "unbounded" }
      )
      expect(exits.map(Exit.isSuccess)).toEqual([true, false, true])
      expect(yield* store.keys({ realm, offset: 0, limit: 9 })).toEqual({ total: 2, keyIds: [1, 3].map(keyIdOf) })
      expect((yield* verifyStore()).findings).toEqual([])
    }).pipe(Effect.provide(sqliteIn(newDirectory())))
  )

  it.effect("a full disk ends the process: nothing is acknowledged, tried again or half there", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const birth = born({ n: 1 })
      const huge = { ...birth.change.metadata, description: "x".repeat(1_000_000) }
      const outcome = Effect.gen(function* () {
        const database = yield* openDatabase(fileIn(directory))
        const store = yield* makeSqliteStore(database)
        yield* store.commit(birth.change)
        database.exec("PRAGMA max_page_count = 60")
        const renamed = told(birth, { type: "UpdateKeyDescription", at: start + 1 }, { metadata: huge })
        const exits = yield* Effect.forEach(
          [store.commit(born({ n: 2 }).change), store.commit(renamed.change), store.setMeta("a", "b")],
          (write) => Effect.exit(Effect.asVoid(write)),
          { concurrency: "unbounded" }
        )
        return [...exits, yield* Effect.exit(Effect.asVoid(store.commit(born({ n: 3 }).change)))]
      })
      const halts: Array<string> = []
      const host = Layer.succeed(HostProcess, {
        halt: () => Effect.never,
        haltSync: (reason) => {
          halts.push(reason)
          throw new Error("the process would be gone")
        }
      })
      const exits = yield* outcome.pipe(Effect.scoped, Effect.provide([host, Failpoints.layerNone]))
      expect(exits.map((exit) => Exit.hasDies(exit))).toEqual([true, true, true, true])
      expect(halts).toEqual([expect.stringContaining("full")])
      const after = yield* Effect.provide(verifyStore(), Layer.fresh(sqliteIn(directory)))
      expect(after).toMatchObject({ keys: 1, events: 1, findings: [] })
    })
  )

  it.effect("a closed store refuses to write", () =>
    Effect.gen(function* () {
      const store = yield* Effect.provide(Store, Layer.fresh(sqliteIn(newDirectory())))
      expect(Exit.hasDies(yield* Effect.exit(store.commit(born({ n: 1 }).change)))).toBe(true)
    })
  )
})

describe("erased material in a SQLite store", () => {
  const births = 300
  /** The names of the files in which any of these materials can be found, whole or in part. */
  const filesHolding = (directory: string, materials: ReadonlyArray<Uint8Array>): ReadonlyArray<string> =>
    readdirSync(directory).filter((name) => {
      const bytes = readFileSync(join(directory, name))
      return materials.some((material) => {
        for (let i = 0; i + 16 <= material.length; i += 16)
          if (bytes.includes(material.subarray(i, i + 16))) return true
        return false
      })
    })

  it.effect("is nowhere in the files after a scrub, though it was there before", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const database = yield* openDatabase(fileIn(directory))
      const store = yield* makeSqliteStore(database)
      const steps = Array.from({ length: births }, (_, n) => born({ n }))
      yield* Effect.forEach(steps, ({ change }) => store.commit(change), { concurrency: "unbounded", discard: true })
      const gone = Array.from({ length: births / 3 }, (_, i) => i * 3)
      // The log is enough to show that the search sees; reading the database file of an open store drops its locks.
      const before = readFileSync(`${fileIn(directory)}-wal`)
      expect(gone.every((n) => before.includes(sealedOf(n * 1000).subarray(16, 32)))).toBe(true)
      for (const n of gone) for (const { change } of deletedLife(n).slice(1)) yield* store.commit(change)
      yield* store.scrub
      return { directory, gone }
    }).pipe(
      Effect.scoped,
      Effect.provide([immortal, Failpoints.layerNone]),
      Effect.map(({ directory, gone }) => {
        expect(
          filesHolding(
            directory,
            gone.map((n) => sealedOf(n * 1000))
          )
        ).toEqual([])
        expect(filesHolding(directory, [sealedOf(1000)])).toEqual([databaseFileName])
      })
    )
  )

  it.effect("is gone from the log as soon as the scrub has returned", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const database = yield* openDatabase(fileIn(directory))
      const store = yield* makeSqliteStore(database)
      for (const { change } of deletedLife(1)) yield* store.commit(change)
      expect(readFileSync(`${fileIn(directory)}-wal`).includes(sealedOf(1000))).toBe(true)
      yield* store.scrub
      expect(statSync(`${fileIn(directory)}-wal`).size).toBe(0)
    }).pipe(Effect.scoped, Effect.provide([immortal, Failpoints.layerNone]))
  )
})
