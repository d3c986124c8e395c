/** Commands that only read a PostgreSQL database see one instant, while a service uses the database. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigProvider, Console, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { keystateFor, layer } from "../../../src/cli/commands.ts"
import { postgres, postgresSchema } from "../../../src/postgres.ts"
import { createKms } from "../../../src/promise.ts"
import type { PromiseKms } from "../../../src/promise.ts"
import { patientMillis, postgresForTests } from "./server.ts"

const server = postgresForTests()
let folder: string
let url: string
let kms: PromiseKms
let KeyId: string

const rootKeyFile = (): string => join(folder, "root.key")

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keystate-looking-"))
  writeFileSync(rootKeyFile(), `${"07".repeat(32)}\n`, { mode: 0o600 })
  url = await server.newDatabase()
  const rootKey = { kind: "file", path: rootKeyFile() } as const
  kms = await createKms({ store: postgres(url, { tls: "off", timeoutMillis: patientMillis }), rootKey })
  KeyId = (await kms.createKey({ Description: "kept" })).KeyMetadata.KeyId
  await kms.createAlias({ KeyId, AliasName: "alias/kept" })
  await kms.disableKey({ KeyId })
})
afterAll(async () => {
  await kms.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = async (...args: ReadonlyArray<string>) => {
  const out: Array<string> = []
  const err: Array<string> = []
  const into =
    (lines: Array<string>) =>
    (...said: ReadonlyArray<unknown>) =>
      void lines.push(said.map(String).join(" "))
  const exit = await Command.runWith(await keystateFor(args), { version: "0" })(args).pipe(
    Effect.provide(layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
    Effect.provideService(Console.Console, { ...console, log: into(out), error: into(err) }),
    Effect.exit,
    Effect.runPromise
  )
  return { isDone: Exit.isSuccess(exit), out: out.join("\n"), said: `${err.join("\n")}${String(exit)}` }
}

const database = () => ["--store", url, "--store-tls", "off"]

describe("commands with --store postgres://", () => {
  it("audit prints the records of a PostgreSQL store, and checks their chain", async () => {
    const { out } = await run("audit", "--operation", "DisableKey", ...database())
    expect(JSON.parse(out)).toMatchObject({ operation: "DisableKey", keyId: KeyId, after: "Disabled" })
    const checked = await run("audit", "--verify", ...database())
    expect(JSON.parse(checked.out)).toMatchObject({ segments: expect.any(Number) })
  })
  it("history prints the events of a key in a PostgreSQL store, found by its alias", async () => {
    const file = join(folder, "history.ndjson")
    expect(await run("history", "alias/kept", "-o", file, ...database())).toMatchObject({ isDone: true })
    const events = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).payload)
    expect(events.map((payload) => payload.event?.type ?? payload.type)).toEqual([
      "CreateKey",
      "CreateAlias",
      "DisableKey"
    ])
  })
  it("history names the database, without its password, if the store has no such key", async () => {
    const secret = url.replace("keystate@", "keystate:secret@")
    const { isDone, said } = await run("history", "alias/lost", "--store", secret, "--store-tls", "off")
    expect(isDone).toBe(false)
    expect(said).toContain(`Forbidden.AliasNotFound (404): ${url} holds no key alias/lost of this account and region.`)
    expect(said).not.toContain("secret")
  })
  it("diagram draws the states that a key in a PostgreSQL store went through", async () => {
    const file = join(folder, "key.txt")
    const drawn = await run("diagram", "--key", KeyId, "--format", "text", "-o", file, ...database())
    expect(drawn).toMatchObject({ isDone: true })
  })
  it("seed export prints the keys of a PostgreSQL store, and needs the root key", async () => {
    const { out } = await run("seed", "export", "--root-key-file", rootKeyFile(), ...database())
    expect(JSON.stringify(JSON.parse(out))).toContain("kept")
    expect(await run("seed", "export", ...database())).toMatchObject({
      isDone: false,
      said: expect.stringContaining("A PostgreSQL store needs --root-key-file")
    })
  })
  it("verify prints the schema of a PostgreSQL store, and has no findings", async () => {
    const { out } = await run("verify", "--root-key-file", rootKeyFile(), ...database())
    expect(JSON.parse(out)).toMatchObject({ schema: postgresSchema, keys: 1, findings: [] })
  })
  it("explain answers from a PostgreSQL store", async () => {
    const asked = ["--as", "root", "--operation", "Encrypt", "--KeyId", KeyId, "--root-key-file", rootKeyFile()]
    expect((await run("explain", ...asked, ...database())).out).toContain("the key is Disabled")
  })
})

describe("commands that only read", () => {
  it.each([["audit"], ["history"], ["verify"], ["seed"]])("%s refuses a memory store", async (name) => {
    const words = { history: ["alias/kept"], seed: ["export"] }[name] ?? []
    expect(await run(name, ...words, "--store", "memory")).toMatchObject({
      isDone: false,
      said: expect.stringContaining("--store memory keeps nothing that another command could read.")
    })
  })
  it("audit refuses a --store that names no store", async () => {
    expect(await run("audit", "--store", "mysql://db")).toMatchObject({
      isDone: false,
      said: expect.stringContaining('--store takes sqlite, memory or postgres://user@host/database, not "mysql://db".')
    })
  })
})
