/** Writes of a store in a file: together when ready together, all or nothing, and erased for good. */
import { readFileSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Exit, Layer } from "effect"
import { describe, expect } from "vitest"
import { verifyStore } from "../../src/actor/verify.ts"
import { Failpoints, HostProcess } from "../../src/domain/outside.ts"
import { openDatabase } from "../../src/store/sqlite/database.ts"
import { databaseFileName, makeSqliteStore } from "../../src/store/sqlite/sqliteStore.ts"
import { Store } from "../../src/store/store.ts"
import { immortal } from "../crash/immortal.ts"
import { born, keyIdOf, realm, sealedOf, start, told } from "../../src/conformance/store/changes.ts"
import { deletedLife } from "../../src/conformance/store/laws/law.ts"
import { fileIn, newDirectory, sqliteIn } from "./places.ts"

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

  it.effect("a change is on the disk when its transaction ends, records of uses when they are answered", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase(fileIn(newDirectory()))
      const levels: Array<string> = []
      const level = () => database.prepare("PRAGMA synchronous").get()?.["synchronous"]
      const seen = {
        reach: (name: string) => Effect.sync(() => seen.reachSync(name)),
        reachSync: (name: string) => {
          levels.push(`${name} ${String(level())}`)
        }
      }
      const store = yield* makeSqliteStore(database).pipe(Effect.provideService(Failpoints, seen))
      yield* store.commit(born({ n: 1 }).change)
      yield* store.appendAudit(["a use"])
      yield* Effect.all([store.commit(born({ n: 2 }).change), store.appendAudit(["another"])], { concurrency: 2 })
      // 2 is FULL. What is unsynced by itself is synced with a change that it shares a transaction with.
      expect(levels.filter((line) => line.startsWith("store.commit.afterStatements"))).toEqual([
        "store.commit.afterStatements 2",
        "store.commit.afterStatements 2"
      ])
      expect(level()).toBe(2)
    }).pipe(Effect.scoped, Effect.provide(immortal))
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
