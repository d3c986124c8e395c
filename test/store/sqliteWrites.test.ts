/** Writes of a store in a file: grouped, atomic, and erased permanently. */
import { readFileSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Layer, Option } from "effect"
import { describe, expect } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { Failpoints, HostProcess } from "../../src/platform/services.ts"
import { openDatabase } from "../../src/store/sqlite/database.ts"
import { databaseFileName } from "../../src/store/sqlite/files.ts"
import { makeSqliteStore } from "../../src/store/sqlite/sqliteStore.ts"
import type { LogSync } from "../../src/store/sqlite/logSync.ts"
import { Store } from "../../src/store/store.ts"
import { immortal } from "../crash/immortal.ts"
import { born, keyIdOf, realm, sealedOf, start, told } from "../../src/conformance/store/changes.ts"
import { deletedLife, disabled } from "../../src/conformance/store/laws/law.ts"
import { fileIn, newDirectory, sqliteIn } from "./places.ts"

describe("the writes of a SQLite store", () => {
  it.effect("SQLite writes that are ready together become durable together", () =>
    Effect.gen(function* () {
      const store = yield* Store
      const births = Array.from({ length: 64 }, (_, n) => born({ n }).change)
      yield* Effect.forEach(births, store.commit, { concurrency: "unbounded", discard: true })
      // Each transaction adds one segment to the audit log. There are two, so one is written while the other is synced.
      const segments = yield* store.auditSegments({ afterSeq: 0, limit: 100 })
      expect(segments.map(({ lines }) => lines.length)).toEqual([32, 32])
    }).pipe(Effect.provide(sqliteIn(newDirectory())))
  )

  it.effect("a SQLite write fails alone with a defect if the tables refuse a row", () =>
    Effect.gen(function* () {
      const store = yield* Store
      const wrong = { ...born({ n: 2 }).change, deadlines: [{ kind: "RotationDue", dueAt: 0.5, epoch: 1 }] } as const
      const exits = yield* Effect.forEach(
        [born({ n: 1 }).change, wrong, born({ n: 3 }).change],
        (change) => Effect.exit(store.commit(change)),
        { concurrency: "unbounded" }
      )
      expect(exits.map(Exit.isSuccess)).toEqual([true, false, true])
      expect(yield* store.keys({ realm, offset: 0, limit: 9 })).toEqual({ total: 2, keyIds: [1, 3].map(keyIdOf) })
      expect((yield* verifyStore()).findings).toEqual([])
    }).pipe(Effect.provide(sqliteIn(newDirectory())))
  )

  it.effect("a refused row does not change the decisions of other writes in its group", () =>
    Effect.gen(function* () {
      const store = yield* Store
      const first = born({ n: 1 })
      yield* store.commit(first.change)
      const wrong = { ...born({ n: 2 }).change, deadlines: [{ kind: "RotationDue", dueAt: 0.5, epoch: 1 }] } as const
      const exits = yield* Effect.forEach(
        [told(first, disabled(start + 1)).change, wrong],
        (change) => Effect.exit(store.commit(change)),
        { concurrency: "unbounded" }
      )
      expect(exits.map(Exit.isSuccess)).toEqual([true, false])
      expect((yield* store.key(keyIdOf(1)))?.snapshot.context.epoch).toBe(2)
      expect((yield* verifyStore()).findings).toEqual([])
    }).pipe(Effect.provide(sqliteIn(newDirectory())))
  )

  /** A log whose syncs end when the test says so. */
  const slowLog = () => {
    const waiting: Array<(failure: Error | null) => void> = []
    const sync = (done: (failure: Error | null) => void): void => void waiting.push(done)
    const settled: LogSync["settled"] = (done) => (waiting.length === 0 ? done(null) : sync(done))
    const end = (failure: Error | null): void => {
      for (const done of waiting.splice(0)) done(failure)
    }
    return { waiting, log: Effect.succeed({ sync, settled }), end }
  }
  /** Turns of the event loop, enough for everything that does not wait for I/O. */
  const settle = Effect.promise(async () => {
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  })

  it.effect("SQLite writes are neither answered nor visible to a reader before they are durable", () =>
    Effect.gen(function* () {
      const { waiting, log, end } = slowLog()
      const database = yield* openDatabase(fileIn(newDirectory()))
      const store = yield* makeSqliteStore(database, log)
      const answers: Array<string> = []
      const noted = (name: string, asked: Effect.Effect<unknown, unknown>) =>
        Effect.forkChild(
          Effect.andThen(
            asked,
            Effect.sync(() => void answers.push(name))
          )
        )
      const [first, second] = [born({ n: 1 }), born({ n: 2 })]
      yield* noted("first", store.commit(first.change))
      yield* settle
      yield* noted("reader", store.key(keyIdOf(1)))
      // The next group is written during the sync.
      yield* noted("second", store.commit(second.change))
      yield* settle
      expect([answers, waiting.length]).toEqual([[], 3])
      expect(database.prepare("SELECT count(*) AS total FROM keys").get()).toEqual({ total: 2 })
      end(null)
      yield* settle
      expect(answers).toEqual(["first", "reader", "second"])
      expect(yield* store.key(keyIdOf(1))).toBeDefined()
    }).pipe(Effect.scoped, Effect.provide([immortal, Failpoints.layerNone]))
  )

  it.effect("SQLite writes are not visible between their transaction and the sync", () =>
    Effect.gen(function* () {
      const { log, end } = slowLog()
      const committed = Latch.makeUnsafe(false)
      const onwards = Latch.makeUnsafe(false)
      const reach = (name: string) =>
        name === "store.commit.afterCommit"
          ? Effect.andThen(
              Effect.sync(() => committed.openUnsafe()),
              onwards.await
            )
          : Effect.void
      const failpoints = Layer.succeed(Failpoints, { reach, reachSync: () => undefined })
      yield* Effect.gen(function* () {
        const store = yield* makeSqliteStore(yield* openDatabase(fileIn(newDirectory())), log)
        const written = yield* Effect.forkChild(store.commit(born({ n: 1 }).change))
        yield* committed.await
        const seen = yield* Effect.forkChild(store.key(keyIdOf(1)))
        yield* settle
        const early = [written.pollUnsafe(), seen.pollUnsafe()]
        onwards.openUnsafe()
        yield* settle
        end(null)
        yield* Fiber.join(written)
        expect(early).toEqual([undefined, undefined])
        expect(yield* Fiber.join(seen)).toBeDefined()
      }).pipe(Effect.scoped, Effect.provide(failpoints))
    }).pipe(Effect.provide(immortal))
  )

  it.effect("a failed sync of the log ends the process without acknowledging the write", () =>
    Effect.gen(function* () {
      const { log, end } = slowLog()
      const halts: Array<string> = []
      const host = Layer.succeed(HostProcess, {
        halt: () => Effect.never,
        haltSync: (reason) => {
          halts.push(reason)
          throw new Error("the process would be gone")
        }
      })
      const failures = yield* Effect.gen(function* () {
        const store = yield* makeSqliteStore(yield* openDatabase(fileIn(newDirectory())), log)
        const written = yield* Effect.forkChild(Effect.flip(store.commit(born({ n: 1 }).change)))
        yield* settle
        const seen = yield* Effect.forkChild(Effect.flip(store.key(keyIdOf(1))))
        yield* settle
        end(new Error("the disk is gone"))
        const later = Effect.flip(store.commit(born({ n: 2 }).change))
        return [yield* Fiber.join(written), yield* Fiber.join(seen), yield* later]
      }).pipe(Effect.scoped, Effect.provide([host, Failpoints.layerNone]))
      const closed = { _tag: "StoreUnavailable", reason: "Closed" }
      expect(failures).toMatchObject([{ ...closed, outcome: "Unknown" }, closed, closed])
      expect(halts).toEqual([expect.stringContaining("the disk is gone")])
    })
  )

  it.effect("SQLite leaves the sync of the log to the store while open", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase(fileIn(newDirectory()))
      yield* makeSqliteStore(database)
      // 1 is NORMAL: SQLite syncs the log only before a checkpoint.
      expect(database.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 1 })
    }).pipe(Effect.scoped, Effect.provide([immortal, Failpoints.layerNone]))
  )

  it.effect("a full disk refuses a whole group of writes, and later writes with space succeed", () =>
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
      const failures = exits.map((exit) => Exit.findErrorOption(exit))
      expect(failures.map(Option.getOrUndefined)).toEqual([
        ...Array.from({ length: 3 }, () => expect.objectContaining({ _tag: "StoreUnavailable", reason: "DiskFull" })),
        undefined
      ])
      expect([Exit.isSuccess(exits[3] ?? Exit.void), halts]).toEqual([true, []])
      const after = yield* Effect.provide(verifyStore(), Layer.fresh(sqliteIn(directory)))
      expect(after).toMatchObject({ keys: 2, events: 2, findings: [] })
    })
  )

  it.effect("a closed SQLite store refuses writes", () =>
    Effect.gen(function* () {
      const store = yield* Effect.provide(Store, Layer.fresh(sqliteIn(newDirectory())))
      expect(yield* Effect.flip(store.commit(born({ n: 1 }).change))).toMatchObject({
        _tag: "StoreUnavailable",
        reason: "Closed"
      })
    })
  )
})

describe("erased material in a SQLite store", () => {
  const births = 300
  /** The names of the files that contain any of these materials, completely or in part. */
  const filesHolding = (directory: string, materials: ReadonlyArray<Uint8Array>): ReadonlyArray<string> =>
    readdirSync(directory).filter((name) => {
      const bytes = readFileSync(join(directory, name))
      return materials.some((material) => {
        for (let i = 0; i + 16 <= material.length; i += 16)
          if (bytes.includes(material.subarray(i, i + 16))) return true
        return false
      })
    })

  it.effect("erased material is in no file after a scrub", () =>
    Effect.gen(function* () {
      const directory = newDirectory()
      const database = yield* openDatabase(fileIn(directory))
      const store = yield* makeSqliteStore(database)
      const steps = Array.from({ length: births }, (_, n) => born({ n }))
      yield* Effect.forEach(steps, ({ change }) => store.commit(change), { concurrency: "unbounded", discard: true })
      const gone = Array.from({ length: births / 3 }, (_, i) => i * 3)
      // The log alone shows that the search works; reading the database file of an open store drops its locks.
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

  it.effect("erased material is not in the log when the scrub has returned", () =>
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
