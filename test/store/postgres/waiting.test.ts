/** Starts that wait for their database, and starts that do not wait. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Logger, Redacted } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { Driver } from "../../../src/store/driver.ts"
import { migrations } from "../../../src/store/postgres/schema.ts"
import { postgresDriverLayer } from "../../../src/store/postgres/postgresDriver.ts"
import type { PostgresOptions } from "../../../src/store/postgres/postgresDriver.ts"
import { freePort } from "../../../src/development/processes.ts"
import { startProxy } from "./proxy.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const directory = mkdtempSync(join(tmpdir(), "keystate-waiting-"))
chmodSync(directory, 0o755)
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const accessFile = join(directory, "hba.conf")
writeFileSync(accessFile, "host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n", {
  mode: 0o644
})

const server = postgresForTests({ hba_file: accessFile })

/** Longer than a test, so that a start that waits for a permanent fault does not end. */
const hourMillis = 3_600_000

/** Opens a store, reads from it, and returns the log. `onLine` is called with each line. */
const open = (given: Partial<PostgresOptions> & { readonly url: string }, onLine: () => void = () => undefined) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => {
    lines.push(String(message))
    onLine()
  })
  const options = { tls: "off", timeoutMillis: patientMillis, startMillis: hourMillis, ...given } as const
  const read = Effect.flatMap(Driver, (driver) =>
    Effect.asVoid(driver.count({ table: "keys", index: "users", partition: ["1", "cn"] }))
  )
  return Effect.runPromise(
    read.pipe(
      Effect.provide(Layer.fresh(postgresDriverLayer(options))),
      Effect.as("opened"),
      Effect.catch(({ message }) => Effect.succeed(message)),
      Effect.map((outcome) => ({ outcome, lines })),
      Effect.provide(Logger.layer([logger]))
    )
  )
}

const withName = (url: string, change: (url: URL) => void): string => {
  const changed = new URL(url)
  change(changed)
  return changed.href
}

describe("a start without its database", () => {
  it("a start waits for its database, and says once what is missing", async () => {
    const url = await server.newDatabase()
    await server.get().crash({ isStarted: false })
    let started: Promise<void> | undefined
    const { lines, outcome } = await open({ url }, () => (started ??= server.get().start()))
    await started
    expect(outcome).toBe("opened")
    expect(lines[0]).toBe(
      `Waiting up to 3600 seconds for ${url}. The database cannot be reached: connect ECONNREFUSED 127.0.0.1:${new URL(url).port}.`
    )
    expect(new Set(lines).size).toBe(lines.length)
  })

  it("a start waits for a slow database longer than a call may take", async () => {
    const url = await server.newDatabase()
    const proxy = await startProxy(server.get().port)
    const slow = withName(url, (changed) => (changed.port = String(proxy.port)))
    proxy.hold()
    const opening = open({ url: slow, timeoutMillis: 2 }, () => proxy.release())
    const released = setTimeout(() => proxy.release(), 500)
    // After the opening, calls have their own limit, which none can keep here.
    expect((await opening).outcome).toMatch(/opened|did not answer within/)
    clearTimeout(released)
    proxy.close()
    expect(await runOn(url, ["SELECT version::int FROM keystate.schema_version"])).toEqual([
      { version: migrations.length }
    ])
  })

  it("a start fails when its waiting time is over, and prints that time", async () => {
    const url = `postgres://me:hidden@127.0.0.1:${await freePort()}/keys`
    const { lines, outcome } = await open({ url, startMillis: 1 })
    expect(outcome).toMatch(/^The database cannot be reached: .*ECONNREFUSED.* \(waited 1 seconds\)\.$/)
    expect(lines.join()).not.toContain("hidden")
  })

  it("a start tries once by default", async () => {
    const url = `postgres://me@127.0.0.1:${await freePort()}/keys`
    const { lines, outcome } = await open({ url, startMillis: 0 })
    expect([outcome, lines]).toEqual([expect.stringContaining("ECONNREFUSED"), []])
  })
})

describe("starts that do not wait", () => {
  it("a start does not wait with a wrong password, or for an absent database or role", async () => {
    const url = await server.newDatabase()
    await runOn(url, ["CREATE ROLE locked LOGIN PASSWORD 'right'"])
    const locked = withName(url, (changed) => (changed.username = "locked"))
    const wrong = await open({ url: locked, password: Redacted.make("wrong") })
    expect(wrong).toEqual({ outcome: expect.stringContaining("password authentication failed"), lines: [] })
    const without = await open({ url: locked, passwordFile: join(directory, "none") })
    expect(without).toEqual({ outcome: expect.stringContaining("password file"), lines: [] })
    const absent = await open({ url: withName(url, (changed) => (changed.pathname = "/nothing")) })
    expect(absent).toEqual({ outcome: expect.stringContaining('database "nothing" does not exist'), lines: [] })
    const stranger = await open({ url: withName(url, (changed) => (changed.username = "stranger")) })
    expect(stranger).toEqual({ outcome: expect.stringContaining('role "stranger" does not exist'), lines: [] })
  })

  it("a start does not wait for a server that is not PostgreSQL", async () => {
    const web = createServer()
    const port = await new Promise<number>((resolve) => {
      web.listen(0, "127.0.0.1", () => {
        const address = web.address()
        resolve(typeof address === "object" && address !== null ? address.port : 0)
      })
    })
    for (const tls of ["off", "require"] as const) {
      const { lines, outcome } = await open({ url: `postgres://me@127.0.0.1:${port}/keys`, tls })
      expect(outcome).toContain("The database cannot be reached")
      expect(lines).toEqual([])
    }
    web.close()
  })

  it("a start does not wait for encryption that the server lacks", async () => {
    const { lines, outcome } = await open({ url: await server.newDatabase(), tls: "require" })
    expect([outcome, lines]).toEqual([expect.stringContaining("does not support TLS"), []])
  })

  it("a start does not wait for another schema", async () => {
    const url = await server.emptyStore()
    await runOn(url, ["UPDATE keystate.schema_version SET version = 99, readable_by = 98"])
    const { lines, outcome } = await open({ url })
    expect([outcome, lines]).toEqual([expect.stringContaining("The database has schema 99"), []])
  })
})
