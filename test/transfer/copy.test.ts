/** `keystate copy`: a complete store at another place, and nothing after a failure or a kill. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { text as textOf } from "node:stream/consumers"
import { ConfigProvider, Console, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { keystateFor, layer } from "../../src/cli/commands.ts"
import { postgres } from "../../src/postgres.ts"
import { createKms } from "../../src/promise.ts"
import { runEndName } from "../../src/records/metaNames.ts"
import type { StorePlace } from "../../src/transfers.ts"
import { holdingRow, patientMillis, postgresForTests } from "../store/postgres/server.ts"
import { runOn } from "../store/postgres/statements.ts"
import { answersOf, importedMaterial, makeWorld, rowsOf } from "./world.ts"
import { commandFile } from "../programs.ts"

const server = postgresForTests()
const place = mkdtempSync(join(tmpdir(), "keystate-copy-test-"))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const at = (name: string): string => join(place, name)
const world = at("world")
const keyFile = at("root.key")
beforeAll(async () => {
  await makeWorld(world, 3, 10)
  renameSync(join(world, "root.key"), keyFile)
})

const directoryAt = (directory: string): StorePlace => ({ kind: "directory", directory })
const databaseAt = (url: string): StorePlace => ({
  kind: "database",
  options: { url, tls: "off", timeoutMillis: patientMillis }
})

/** Runs `keystate copy`. */
const copy = async (from: string, to: string, ...more: ReadonlyArray<string>) => {
  const words = ["copy", "--from", from, "--to", to, "--store-tls", "off", ...more]
  const out: Array<string> = []
  const err: Array<string> = []
  const into =
    (lines: Array<string>) =>
    (...said: ReadonlyArray<unknown>) =>
      void lines.push(said.map(String).join(" "))
  const exit = await Command.runWith(await keystateFor(words), { version: "0" })(words).pipe(
    Effect.provide(layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
    Effect.provideService(Console.Console, { ...console, log: into(out), error: into(err) }),
    Effect.exit,
    Effect.runPromise
  )
  return { failed: Exit.isFailure(exit), out: out.join("\n"), err: err.join("\n") }
}

const withKey = ["--root-key-file", ""]
withKey[1] = keyFile

const tablesIn = async (url: string): Promise<unknown> =>
  (await runOn(url, ["SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'keystate'"]))[0]?.["tables"]

describe("keystate copy", () => {
  it("a copy from a directory to a database and back is complete, without the root key", async () => {
    const url = await server.newDatabase()
    const there = await copy(world, url, ...withKey)
    expect(there).toMatchObject({
      failed: false,
      err: expect.stringContaining(`--store ${url} --root-key-file ${keyFile}`)
    })
    expect(JSON.parse(there.out)).toMatchObject({ from: world, copied: url, findings: [] })
    expect(await rowsOf(databaseAt(url))).toEqual(await rowsOf(directoryAt(world)))
    const key = Buffer.from(readFileSync(keyFile, "utf8").trim(), "hex")
    const everything = JSON.stringify(await rowsOf(databaseAt(url)))
    for (const secret of [key, importedMaterial]) {
      for (const form of ["hex", "base64"] as const)
        expect(everything).not.toContain(secret.toString(form).slice(0, -2))
    }
    const back = at("back")
    expect(await copy(url, back, ...withKey)).toMatchObject({ failed: false })
    expect(await rowsOf(directoryAt(back))).toEqual(await rowsOf(directoryAt(world)))
    expect(readdirSync(back)).toEqual(["keystate.db"])
    const rootKey = { kind: "bytes", bytes: key } as const
    const first = await createKms({
      store: { directory: back, create: false },
      clock: "virtual",
      hsm: "simulator",
      rootKey
    })
    const second = await createKms({
      store: postgres(url, { tls: "off", timeoutMillis: patientMillis }),
      clock: "virtual",
      hsm: "simulator",
      rootKey
    })
    expect(await answersOf(first)).toEqual(await answersOf(second))
    const besideServer = await copy(url, at("beside"), ...withKey)
    expect(besideServer).toMatchObject({
      failed: false,
      err: expect.stringMatching(/these servers still change the source: /)
    })
    await second.close()
    await first.close()
  })

  it("a copy of a directory that was served over HTTP refuses requests from before the copy", async () => {
    const served = at("over-http")
    cpSync(world, served, { recursive: true })
    const file = new DatabaseSync(join(served, "keystate.db"))
    file.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES (?, 'closed')").run(runEndName)
    file.close()
    const url = await server.newDatabase()
    expect(await copy(served, url, ...withKey)).toMatchObject({ failed: false })
    const [row] = await runOn(url, ["SELECT value FROM keystate.meta WHERE name = $1", runEndName])
    expect(row?.["value"]).toMatch(/^open \d+ 0$/)
  })

  it("a copy reads a directory at one instant while a server uses the store", async () => {
    const directory = at("served")
    const kms = await createKms({ store: { directory } })
    const { KeyMetadata } = await kms.createKey()
    const url = await server.newDatabase()
    expect(await copy(directory, url)).toMatchObject({ failed: false })
    await kms.disableKey({ KeyId: KeyMetadata.KeyId })
    await kms.close()
    expect(JSON.stringify(await rowsOf(databaseAt(url)))).toContain(KeyMetadata.KeyId)
  })
})

describe("refused copies", () => {
  it("copy refuses a target that holds a store, and changes nothing", async () => {
    const url = await server.newDatabase()
    await copy(world, url, ...withKey)
    const before = await rowsOf(databaseAt(url))
    expect(await copy(world, url, ...withKey)).toMatchObject({ failed: true })
    expect(await rowsOf(databaseAt(url))).toEqual(before)
    const files = readFileSync(join(world, "keystate.db"))
    for (const from of [url, world]) expect(await copy(from, world, ...withKey)).toMatchObject({ failed: true })
    expect(readFileSync(join(world, "keystate.db")).equals(files)).toBe(true)
  })

  it("copy refuses a source without a store, and creates nothing", async () => {
    const [empty, other] = [await server.newDatabase(), await server.newDatabase()]
    const target = at("from-nothing")
    for (const [from, to] of [
      [empty, target],
      [at("absent"), other],
      [at("absent"), target]
    ] as const) {
      expect(await copy(from, to, ...withKey)).toMatchObject({ failed: true, out: "" })
    }
    expect([existsSync(target), await tablesIn(other), await tablesIn(empty), existsSync(at("absent"))]).toEqual([
      false,
      0,
      0,
      false
    ])
  })

  it("copy refuses another root key and an absent root key, and creates nothing", async () => {
    const other = at("other.key")
    writeFileSync(other, `${"0123456789abcdef".repeat(4)}\n`, { mode: 0o600 })
    const url = await server.newDatabase()
    expect(await copy(world, url, "--root-key-file", other)).toMatchObject({ failed: true })
    expect(await copy(world, url)).toMatchObject({ failed: true })
    expect(await copy(url, at("keyless"))).toMatchObject({ failed: true })
    expect([await tablesIn(url), existsSync(at("keyless"))]).toEqual([0, false])
  })

  it("copy refuses a damaged store, and creates nothing", async () => {
    const damaged = at("damaged")
    cpSync(world, damaged, { recursive: true })
    const database = new DatabaseSync(join(damaged, "keystate.db"))
    database.exec("DELETE FROM events WHERE ordinal = (SELECT min(ordinal) FROM events)")
    database.close()
    const url = await server.newDatabase()
    const said = await copy(damaged, url, ...withKey)
    expect(said).toMatchObject({ failed: true, out: "", err: expect.stringContaining("finding") })
    expect(await tablesIn(url)).toBe(0)
  })

  it("copy refuses a target of an unknown kind", async () => {
    for (const to of ["mysql://me@db/keys", ""])
      expect(await copy(world, to, ...withKey)).toMatchObject({ failed: true })
  })
})

const command = await commandFile()

/** Kills a copy while it waits for the lock. A copy that ends before that fails the test. */
const killedWhileWaiting = async (
  from: string,
  to: string,
  lock: Awaited<ReturnType<typeof holdingRow>>
): Promise<void> => {
  const words = ["copy", "--from", from, "--to", to, "--store-tls", "off", ...withKey]
  const child = spawn(process.execPath, [command, ...words], { stdio: ["ignore", "ignore", "pipe"] })
  const exited = once(child, "exit")
  const said = textOf(child.stderr)
  const ended = exited.then(async () => {
    throw new Error(`keystate copy ended: ${await said}`)
  })
  await Promise.race([lock.someoneWaits(), ended])
  ended.catch(() => undefined)
  child.kill("SIGKILL")
  await exited
}

describe("a killed copy", () => {
  it("a killed copy leaves no row in the database, and can run again", async () => {
    const url = await server.emptyStore()
    // The last table of a transfer is locked, so the copy waits with all other rows written.
    const lock = await holdingRow(url, "LOCK TABLE keystate.nonces IN ACCESS EXCLUSIVE MODE")
    await killedWhileWaiting(world, url, lock)
    await lock.release()
    const [row] = await runOn(url, ["SELECT count(*)::int AS keys FROM keystate.keys"])
    expect(row).toEqual({ keys: 0 })
    expect(await copy(world, url, ...withKey)).toMatchObject({ failed: false })
    expect(await rowsOf(databaseAt(url))).toEqual(await rowsOf(directoryAt(world)))
  })

  it("a killed copy leaves no store in the directory, and the next copy removes what is left", async () => {
    const url = await server.newDatabase()
    await copy(world, url, ...withKey)
    const target = at("killed")
    mkdirSync(target)
    const lock = await holdingRow(url, "LOCK TABLE keystate.nonces IN ACCESS EXCLUSIVE MODE")
    await killedWhileWaiting(url, target, lock)
    await lock.release()
    expect(existsSync(join(target, "keystate.db"))).toBe(false)
    expect(await copy(url, target, ...withKey)).toMatchObject({ failed: false })
    expect(readdirSync(target)).toEqual(["keystate.db"])
  })
})
