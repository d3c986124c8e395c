/** The list of the servers on one database: running, stopped and killed ones. */
import { ConfigProvider, Console, Effect } from "effect"
import { Command } from "effect/cli"
import { afterEach, describe, expect, it } from "vitest"
import { keystateFor, layer } from "../../../src/cli/commands.ts"
import { postgres, postgresSchema } from "../../../src/postgres.ts"
import { createKms } from "../../../src/promise.ts"
import type { PromiseKms } from "../../../src/promise.ts"
import { version } from "../../../src/domain/version.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()
const services: Array<PromiseKms> = []
afterEach(() => Promise.all(services.splice(0).map((kms) => kms.close())))

const start = async (url: string, node?: string): Promise<PromiseKms> => {
  const store = postgres(url, { tls: "off", timeoutMillis: patientMillis })
  const kms = await createKms({ store, node, rootKey: { kind: "bytes", bytes: new Uint8Array(32).fill(7) } })
  services.push(kms)
  return kms
}

const printed = async (url: string, ...flags: ReadonlyArray<string>): Promise<string> => {
  const lines: Array<string> = []
  const words = ["nodes", "--store", url, "--store-tls", "off", ...flags]
  await Command.runWith(await keystateFor(words), { version: "0" })(words).pipe(
    Effect.provide(layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
    Effect.provideService(Console.Console, {
      ...console,
      log: (...said: ReadonlyArray<unknown>) => void lines.push(said.map(String).join(" "))
    }),
    Effect.runPromise
  )
  return lines.join("\n")
}

/** The row of a killed server. */
const killed = (url: string, name: string, silence: string) =>
  runOn(
    url,
    ["DELETE FROM keystate.nodes WHERE id = $1", name],
    [
      "INSERT INTO keystate.nodes (id, name, since, seen, version, schema, clock_offset, hsm) SELECT $1, $1, instant, " +
        "instant, '0.1.0', 2, 0, 'none' FROM (SELECT floor(extract(epoch FROM clock_timestamp() - $2::text::interval) " +
        "* 1000)::bigint AS instant) AS past",
      name,
      silence
    ]
  )

describe("the list of nodes", () => {
  it("the list of nodes shows each server until its stop", async () => {
    const url = await server.newDatabase()
    const one = await start(url, "one")
    await start(url, "two")
    const { nodes } = JSON.parse(await printed(url, "--json"))
    expect(nodes).toMatchObject([
      { name: "one", version, schema: postgresSchema, hsm: "none", isAlive: true },
      { name: "two", version, schema: postgresSchema, hsm: "none", isAlive: true }
    ])
    await one.close()
    const [, , ...rows] = (await printed(url)).split("\n")
    expect(rows.map((line) => line.split(" ")[0])).toEqual(["name", "two"])
  })
  it("the list of nodes names a server without a name by its host and a random part", async () => {
    const url = await server.newDatabase()
    await start(url)
    await start(url)
    const { nodes } = JSON.parse(await printed(url, "--json"))
    expect(new Set(nodes.map(({ name }: { name: string }) => name)).size).toBe(2)
  })
  it("the list of nodes shows how long ago a killed server was seen", async () => {
    const url = await server.newDatabase()
    await start(url, "alive")
    await killed(url, "killed", "45 seconds")
    expect(await printed(url)).toMatch(/^killed .* not seen for (\d\d s|\d+ min)$/m)
    await killed(url, "killed", "190 minutes")
    expect(await printed(url)).toMatch(/^killed .* not seen for 3 h$/m)
  })
  it("the list of nodes forgets a server that was silent for a day when another starts", async () => {
    const url = await server.newDatabase()
    await start(url, "first")
    await killed(url, "killed", "25 hours")
    expect(await printed(url)).toMatch(/^killed .* not seen for 25 h$/m)
    await start(url, "next")
    expect(await printed(url)).not.toContain("killed")
  })
  it("the list of nodes is empty without a server", async () => {
    const url = await server.newDatabase()
    await (await start(url)).close()
    expect(await printed(url)).toMatch(/\nNo server uses this database\.$/)
  })
  it("the list of nodes identifies the database cluster", async () => {
    const url = await server.newDatabase()
    await (await start(url)).close()
    const [row] = await runOn(url, ["SELECT system_identifier::text AS id FROM pg_control_system()"])
    const systemIdentifier = row?.["id"]
    expect(JSON.parse(await printed(url, "--json")).cluster).toEqual({ systemIdentifier, timeline: 1 })
    expect(await printed(url)).toContain(`PostgreSQL cluster ${String(systemIdentifier)}, timeline 1\n`)
  })
})
