/** Properties of a store in a file: durability, permissions, one process at a time, indexed reads. */
import { chmodSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { describe, expect } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { assertLibrary, openDatabase } from "../../src/store/sqlite/database.ts"
import { migrate } from "../../src/store/sqlite/migrate.ts"
import { databaseFileName } from "../../src/store/sqlite/files.ts"
import { allStatements } from "../../src/store/sqlite/statements.ts"
import { Store, StoreUnusable } from "../../src/store/store.ts"
import { born, keyIdOf, life, start } from "../../src/conformance/store/changes.ts"
import { commitAll, deletedLife, disabled } from "../../src/conformance/store/laws/law.ts"
import { fileIn, newDirectory, refusalIn, sqliteIn } from "./places.ts"

describe("the file of a SQLite store", () => {
  it.effect("a SQLite store has its committed rows after closing and reopening", () =>
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

  it.effect("the file of a SQLite store is readable only by its owner, like its directory", () =>
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

  it.effect("a SQLite store syncs every commit, wipes deleted rows, checks references and holds the lock", () =>
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

  it.effect("a SQLite store refuses a second opener, and opens after the first one has closed", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const refusal = yield* refusalIn(directory).pipe(
        Effect.provide(Layer.fresh(sqliteIn(directory))) // holds the directory during the attempt
      )
      expect(refusal).toBeInstanceOf(StoreUnusable)
      expect(refusal.message).toContain("in use by another process")
      yield* Effect.provide(Store, Layer.fresh(sqliteIn(directory)))
    })
  )

  it("a SQLite store is refused with a SQLite release that can corrupt its log", () => {
    expect(() => assertLibrary("3.51.2")).toThrow(StoreUnusable)
    expect(() => assertLibrary("3.9.99")).toThrow(StoreUnusable)
    expect(() => assertLibrary("3.51.3")).not.toThrow()
    expect(() => assertLibrary("4.0.0")).not.toThrow()
  })

  it("a SQLite store reads through an index without sorting, at any size", () => {
    const database = new DatabaseSync(":memory:")
    migrate(database)
    // These queries read everything, or sort the few rows of one key.
    const excepted = new Set([
      "owed.all",
      "owed.all.count",
      "versions.ofKey",
      "versions.ofKey.newest",
      "ram.byName",
      "ram.byName.count",
      "importSessions.all",
      "importSessions.all.count",
      "derived",
      "miscounted",
      "mislisted",
      "misnamed",
      "strays"
    ])
    // The numbers on a page of a journal are computed, not stored; only that page is sorted.
    // There are few blocks and kinds of keys, and the page of a list is found by adding their numbers.
    const counted = String.raw`known|wanted|CONSTANT ROW|start$|key_counts$|\(subquery`
    const slow = new RegExp(`TEMP B-TREE|^SCAN (?!json_each|audit$|${counted}|deadlines USING COVERING INDEX)`)
    const found = [...allStatements].flatMap(([name, sql]) => {
      if (!/^(SELECT|WITH)/.test(sql) || excepted.has(name)) return []
      const nothing = Array.from(
        { length: new Set(sql.match(/\?\d/g)).size + sql.split(/\?(?!\d)/).length - 1 },
        () => 0
      )
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...nothing)
      return plan
        .map(({ detail }) => `${name}: ${String(detail)}`)
        .filter((line) => slow.test(line.split(": ")[1] ?? ""))
    })
    expect(found).toEqual([
      "keys.live: USE TEMP B-TREE FOR ORDER BY",
      "events.ofKey: USE TEMP B-TREE FOR ORDER BY",
      "aliases.inRealm: USE TEMP B-TREE FOR ORDER BY"
    ])
    database.close()
  })

  it("a SQLite store reads only the keys that a filter names, and counts keys of a state without reading them", () => {
    const database = new DatabaseSync(":memory:")
    migrate(database)
    const tablesOf = (name: string): ReadonlyArray<string> =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${allStatements.get(name)}`)
        .all()
        .map(({ detail }) => String(detail))
        .filter((detail) => /^SEARCH|^SCAN (?!json_each)/.test(detail))
    for (const name of ["keys.live.named", "keys.live.count.named"]) {
      expect(tablesOf(name)).toEqual([
        "SEARCH keys USING INDEX keys_in_realm (account=? AND region=? AND ordinal=?)",
        "SEARCH keys USING COVERING INDEX sqlite_autoindex_keys_1 (id=?)"
      ])
    }
    expect(tablesOf("keys.live.count.kinds")).toEqual(["SEARCH key_counts USING PRIMARY KEY (account=? AND region=?)"])
    database.close()
  })
})
