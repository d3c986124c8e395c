/** A backup contains the whole store without plaintext material, restores an equal store, and is refused if damaged. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { verifiedOn } from "../../src/cli/data/verified.ts"
import { createKms } from "../../src/promise.ts"
import { postgres } from "../../src/postgres.ts"
import { rowsOfBackup } from "../../src/transfer/readBackup.ts"
import { transferRows } from "../../src/transfer/transferRows.ts"
import { openTargetAt } from "../../src/transfers.ts"
import type { StorePlace } from "../../src/transfers.ts"
import { transferOrder } from "../../src/store/transfer.ts"
import { patientMillis, postgresForTests } from "../store/postgres/server.ts"
import { answersOf, backupBytes, future, importedMaterial, makeWorld, rowsOf } from "./world.ts"

const server = postgresForTests()
const place = mkdtempSync(join(tmpdir(), "keystate-backup-test-"))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const directoryAt = (name: string): StorePlace & { readonly directory: string } => ({
  kind: "directory",
  directory: join(place, name)
})
const databaseAt = (url: string): StorePlace => ({
  kind: "database",
  options: { url, tls: "off", timeoutMillis: patientMillis }
})

const world = directoryAt("world")
let backup: Buffer
beforeAll(async () => {
  await makeWorld(world.directory, 1)
  backup = await backupBytes(world)
})

const restore = (bytes: Uint8Array, at: StorePlace, chunk = 1 << 16) =>
  Effect.gen(function* () {
    const parts: Array<Uint8Array> = []
    for (let from = 0; from < bytes.length; from += chunk) parts.push(bytes.subarray(from, from + chunk))
    const target = yield* openTargetAt(at)
    const counts = yield* transferRows(rowsOfBackup(Stream.fromIterable(parts)), target)
    const { findings } = yield* verifiedOn(target.driver, undefined)
    yield* target.finish
    return { counts, findings }
  }).pipe(Effect.scoped)

const rootKey = (): Uint8Array => Buffer.from(readFileSync(join(world.directory, "root.key"), "utf8").trim(), "hex")

const kmsIn = async (directory: string) => {
  const options = { clock: "virtual", hsm: "simulator" } as const
  return createKms({ store: { directory, create: false }, ...options, rootKey: { kind: "bytes", bytes: rootKey() } })
}

/** A copy of the first store that may be changed. */
const firstStore = (name: string): string => {
  const { directory } = directoryAt(name)
  cpSync(world.directory, directory, { recursive: true })
  return directory
}

describe("a backup", () => {
  it("the store of the backup tests has rows in every table", async () => {
    expect(Object.keys(await rowsOf(world)).toSorted()).toEqual(transferOrder.toSorted())
    const { counts } = await Effect.runPromise(restore(backup, directoryAt("counted")))
    expect(Object.keys(counts)).toEqual(transferOrder)
  })

  it("a backup contains neither the root key nor any plaintext material", () => {
    const text = backup.toString("latin1")
    for (const secret of [Buffer.from(rootKey()), importedMaterial]) {
      for (const form of ["latin1", "hex", "base64"] as const) {
        const found = secret.toString(form).replace(/=+$/, "").slice(0, -2)
        expect([form, text.includes(found)]).toEqual([form, false])
      }
    }
  })

  it("a backup restores into a directory with the same rows, answers and hashes", async () => {
    const restored = directoryAt("restored")
    const { findings } = await Effect.runPromise(restore(backup, restored))
    expect(findings).toEqual([])
    expect(await rowsOf(restored)).toEqual(await rowsOf(world))
    const [first, second] = [await kmsIn(firstStore("first")), await kmsIn(restored.directory)]
    expect(await answersOf(second)).toEqual(await answersOf(first))
    expect(await future(second)).toEqual(await future(first))
    await first.close()
    await second.close()
  })

  it("a backup restores into a PostgreSQL database, whose backup restores into a directory", async () => {
    const database = databaseAt(await server.newDatabase())
    const { findings } = await Effect.runPromise(restore(backup, database))
    expect(findings).toEqual([])
    expect(await rowsOf(database)).toEqual(await rowsOf(world))
    const back = directoryAt("back")
    expect((await Effect.runPromise(restore(await backupBytes(database), back))).findings).toEqual([])
    expect(await rowsOf(back)).toEqual(await rowsOf(world))
    if (database.kind !== "database") throw new Error("a database is a database")
    const { url, ...options } = database.options
    const key = { kind: "bytes", bytes: rootKey() } as const
    const shared = await createKms({ store: postgres(url, options), clock: "virtual", hsm: "simulator", rootKey: key })
    const first = await kmsIn(firstStore("second"))
    expect(await answersOf(shared)).toEqual(await answersOf(first))
    expect(await future(shared)).toEqual(await future(first))
    await first.close()
    await shared.close()
  })

  it("restore does not depend on how the bytes of the backup arrive", async () => {
    const restored = directoryAt("byParts")
    await Effect.runPromise(restore(backup, restored, 777))
    expect(await rowsOf(restored)).toEqual(await rowsOf(world))
  })
})

describe("a damaged backup", () => {
  const refusalOf = async (bytes: Uint8Array): Promise<string> => {
    const at = directoryAt("refused/inner")
    const exit = await Effect.runPromiseExit(restore(bytes, at))
    expect([existsSync(join(place, "refused")), exit._tag]).toEqual([false, "Failure"])
    return Exit.isFailure(exit) ? String(exit.cause) : ""
  }

  it("restore refuses a backup with any changed byte, and writes nothing", async () => {
    const lines = backup.toString("latin1").split("\n")
    const header = (lines[0] ?? "").length + 1
    const end = backup.length - (lines.at(-2) ?? "").length - 1
    const spread = Array.from({ length: 60 }, (_, n) => Math.floor(((n + 0.5) * backup.length) / 60))
    const edges = [0, 1, header - 1, header, end - 1, end, end + 1, backup.length - 2, backup.length - 1]
    for (const at of [...edges, ...spread]) {
      const changed = Buffer.from(backup)
      changed[at] = (changed[at] ?? 0) ^ (at % 2 === 0 ? 0x01 : 0x20)
      expect([at, await refusalOf(changed)]).toEqual([at, expect.stringMatching(/damaged|not a backup|format/)])
    }
  })

  it("restore refuses a backup that was cut or extended", async () => {
    for (let n = 0; n < 20; n++) {
      const length = Math.floor((n * backup.length) / 20)
      expect(await refusalOf(backup.subarray(0, length))).toMatch(/damaged|not a backup/)
    }
    expect(await refusalOf(backup.subarray(0, -1))).toMatch(/its end is missing/)
    expect(await refusalOf(Buffer.concat([backup, Buffer.from("\n")]))).toMatch(/there is data after its end/)
    expect(await refusalOf(Buffer.concat([backup, backup]))).toMatch(/there is data after its end/)
  })

  it("restore refuses a backup of another format, and names both formats", async () => {
    const newer = Buffer.from(backup.toString("utf8").replace('"version":1', '"version":2'))
    expect(await refusalOf(newer)).toMatch(/has format 2, and this program reads format 1/)
    expect(await refusalOf(Buffer.from("SQLite format 3\u0000"))).toMatch(/not a backup of Keystate/)
    expect(await refusalOf(Buffer.alloc(100_000))).toMatch(/not a backup of Keystate/)
  })
})

describe("a restore", () => {
  it("restore changes nothing where there is a store", async () => {
    const before = readFileSync(join(world.directory, "keystate.db"))
    const exit = await Effect.runPromiseExit(restore(backup, world))
    expect(String(Exit.isFailure(exit) ? exit.cause : "")).toMatch(/exists already/)
    expect(readFileSync(join(world.directory, "keystate.db"))).toEqual(before)
    const database = databaseAt(await server.newDatabase())
    await Effect.runPromise(restore(backup, database))
    const rows = await rowsOf(database)
    const again = await Effect.runPromiseExit(restore(backup, database))
    expect(String(Exit.isFailure(again) ? again.cause : "")).toMatch(/holds a store already/)
    expect(await rowsOf(database)).toEqual(rows)
  })

  it("restore leaves no data of a refused backup in a directory or a database", async () => {
    const cut = backup.subarray(0, backup.length - 10)
    const { directory } = directoryAt("kept")
    cpSync(join(world.directory, "root.key"), join(directory, "root.key"), { recursive: true })
    await Effect.runPromiseExit(restore(cut, directoryAt("kept")))
    expect(readdirSync(directory)).toEqual(["root.key"])
    const database = databaseAt(await server.newDatabase())
    await Effect.runPromiseExit(restore(cut, database))
    expect((await Effect.runPromise(restore(backup, database))).findings).toEqual([])
  })
})
