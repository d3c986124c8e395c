/** Encrypted connections to a PostgreSQL server: the trusted certificate and its name. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigProvider, Console, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { keystateFor, layer } from "../../../src/cli/commands.ts"
import { startPostgres } from "../../../src/development/postgres.ts"
import type { PostgresServer } from "../../../src/development/postgres.ts"

let folder: string
let server: PostgresServer

const at = (name: string): string => join(folder, name)
/** Runs openssl with the words of a text as arguments. */
const openssl = (words: string): void =>
  void execFileSync("openssl", words.split(" "), { cwd: folder, stdio: "ignore" })

const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

/** An authority, as two files. */
const makeAuthority = (name: string): void =>
  openssl(`req -x509 ${newKey} -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.crt`)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keystate-tls-"))
  makeAuthority("trusted")
  makeAuthority("stranger")
  writeFileSync(at("names"), "subjectAltName = DNS:localhost\n")
  openssl(`req -new ${newKey} -subj /CN=database -keyout server.key -out server.csr`)
  openssl(
    "x509 -req -in server.csr -CA trusted.crt -CAkey trusted.key -CAcreateserial -days 2 -extfile names -out server.crt"
  )
  const [certificate, key] = ["server.crt", "server.key"].map((name) => readFileSync(at(name), "utf8"))
  server = await startPostgres(
    { ssl: "on", ssl_cert_file: "../server.crt", ssl_key_file: "../server.key" },
    { "server.crt": certificate ?? "", "server.key": key ?? "" }
  )
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Makes the tables over a connection to this host name. Returns the outcome as text. */
const migrated = async (host: string, ...flags: ReadonlyArray<string>): Promise<string> =>
  migratedOn(server, host, flags)

const migratedOn = async (on: PostgresServer, host: string, flags: ReadonlyArray<string>): Promise<string> => {
  const url = on.url("postgres").replace("127.0.0.1", host)
  const words = ["migrate", "--store", url, ...flags]
  const exit = await Command.runWith(await keystateFor(words), { version: "0" })(words).pipe(
    Effect.provide(layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
    Effect.provideService(Console.Console, { ...console, log: () => undefined, error: () => undefined }),
    Effect.exit,
    Effect.runPromise
  )
  return Exit.isSuccess(exit) ? "connected" : String(exit)
}

describe("a connection to the database", () => {
  it("a database connection is encrypted and its certificate checked by default", async () => {
    expect(await migrated("localhost", "--store-ca-file", at("trusted.crt"))).toBe("connected")
    expect(await migrated("localhost", "--store-tls", "verify-full", "--store-ca-file", at("trusted.crt"))).toBe(
      "connected"
    )
  })
  it("a database connection is refused if the certificate is for another name", async () => {
    const said = await migrated("127.0.0.1", "--store-ca-file", at("trusted.crt"))
    expect(said).toContain("The database cannot be reached")
    expect(said).toMatch(/127\.0\.0\.1.*(altnames|certificate)/i)
  })
  it("a database connection is refused if another authority signed the certificate", async () => {
    const said = await migrated("localhost", "--store-ca-file", at("stranger.crt"))
    expect(said).toContain("The database cannot be reached")
    expect(said).toMatch(/certificate|signature/i)
  })
  it("a database connection is refused if the system does not know the authority", async () => {
    expect(await migrated("localhost")).toMatch(/certificate/i)
  })
  it("a database connection with require is encrypted without a check", async () => {
    expect(await migrated("127.0.0.1", "--store-tls", "require")).toBe("connected")
  })
  it("a server without TLS is refused unless the flags disable encryption", async () => {
    const plain = await startPostgres()
    try {
      const said = await migratedOn(plain, "127.0.0.1", ["--store-tls", "require"])
      expect(said).toContain("The database cannot be reached")
      expect(await migratedOn(plain, "127.0.0.1", ["--store-tls", "off"])).toBe("connected")
    } finally {
      await plain.close()
    }
  })
})
