/** `/readyz` and `/metrics` of a store that several servers share, and of one with many keys. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { makeCensus } from "../../src/monitoring/census.ts"
import type { Store } from "../../src/store/store.ts"
import { postgres } from "../../src/postgres.ts"
import { at, send, startConsole } from "../console/startConsole.ts"
import type { RunningConsole } from "../console/startConsole.ts"
import { rootKey } from "../console/sharedStores.ts"
import { holdingRow, patientMillis, postgresForTests } from "../store/postgres/server.ts"
import { runOn } from "../store/postgres/statements.ts"

const database = postgresForTests()

const start = (url: string) =>
  startConsole({ store: postgres(url, { tls: "off", timeoutMillis: patientMillis }), rootKey })

const readiness = async ({ url }: RunningConsole) => {
  const { status, text } = await send(url, "/readyz")
  const checks: unknown = at(JSON.parse(text), "checks")
  const check = (name: string): unknown =>
    Array.isArray(checks) ? checks.find((one: unknown) => at(one, "name") === name) : undefined
  return { status, check }
}

const metric = async ({ url }: RunningConsole, name: string): Promise<number> => {
  const { text } = await send(url, "/metrics")
  const line = text.split("\n").find((one) => one.startsWith(`${name} `))
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1))
}

describe("/readyz of a server on PostgreSQL", () => {
  it("/readyz shows that the store is reachable, primary, durable and of the right schema", async () => {
    await using server = await start(await database.newDatabase())
    const { check, status } = await readiness(server)
    expect(status).toBe(200)
    for (const name of [
      "store",
      "primary",
      "cluster",
      "durable",
      "replicas",
      "schema",
      "timers",
      "clock",
      "clock offset"
    ]) {
      expect([name, at(check(name), "ok")]).toEqual([name, true])
    }
    expect(at(check("cluster"), "detail")).toMatch(/^system identifier \d{15,20}, timeline 1$/)
    expect(at(check("clock offset"), "detail")).toMatch(/^the machine's clock is -?\d+ ms ahead of the store's clock/)
  })

  it("/readyz answers 503 and names the command if the database has another schema", async () => {
    const url = await database.newDatabase()
    await using server = await start(url)
    await runOn(url, ["UPDATE keystate.schema_version SET version = version + 1"])
    // A newer schema names the oldest programs that can use it.
    expect((await readiness(server)).check("schema")).toMatchObject({ ok: true })
    await runOn(url, ["UPDATE keystate.schema_version SET readable_by = version"])
    const newer = await readiness(server)
    expect(newer.status).toBe(503)
    expect(newer.check("schema")).toMatchObject({ ok: false, hint: "Replace this server by one of the newer version." })
    await runOn(url, ["UPDATE keystate.schema_version SET version = 0"])
    expect((await readiness(server)).check("schema")).toMatchObject({
      ok: false,
      hint: "Run: keystate migrate --store URL"
    })
  })

  it("/readyz answers 503 and names the setting if a crash could lose acknowledged changes", async () => {
    const url = await database.newDatabase()
    await using server = await start(url)
    const set = async (value: string): Promise<void> => {
      await runOn(url, [`ALTER SYSTEM SET full_page_writes = ${value}`], ["SELECT pg_reload_conf()"])
      await expect
        .poll(async () => (await readiness(server)).status, { timeout: patientMillis })
        .toBe(value === "on" ? 200 : 503)
    }
    try {
      await set("off")
      expect((await readiness(server)).check("durable")).toEqual({
        name: "durable",
        ok: false,
        detail: "full_page_writes off: a crash may lose or damage what was acknowledged",
        hint: "Set full_page_writes = on, and reload the server."
      })
    } finally {
      await set("on")
    }
  })
})

describe("/metrics of a server on PostgreSQL", () => {
  it("/metrics counts the questions to the store, and the commits of other servers", async () => {
    const url = await database.newDatabase()
    await using one = await start(url)
    await using other = await start(url)
    const page = await one.page()
    const there = other.pageWith(page.cookie)
    const KeyId = String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    await there.call("DescribeKey", { KeyId })
    const held = await holdingRow(url, "SELECT FROM keystate.keys WHERE id = $1::text FOR UPDATE", KeyId)
    // Both decide on the same row, and wait for it.
    const racing = [page.call("DisableKey", { KeyId }), there.call("DisableKey", { KeyId })]
    await held.someoneWaits(2)
    await held.release()
    for (const answer of await Promise.all(racing)) expect(at(answer, "ok")).toBe(true)
    const sums = async (name: string) => (await metric(one, name)) + (await metric(other, name))
    expect(await sums("keystate_commit_conflicts_total")).toBe(1)
    expect(await sums("keystate_adoptions_total")).toBeGreaterThanOrEqual(1)
    for (const server of [one, other]) {
      expect(await metric(server, "keystate_store_up")).toBe(1)
      const questions = await metric(server, "keystate_proof_seconds_count")
      expect(questions).toBeGreaterThan(0)
      expect(await metric(server, "keystate_proof_batch_size_count")).toBeGreaterThanOrEqual(questions)
      expect(await metric(server, 'keystate_proof_batch_size_bucket{le="256"}')).toBeGreaterThanOrEqual(questions)
      expect(await metric(server, 'keystate_keys{state="Disabled"}')).toBe(1)
    }
  })
})

describe("the count of keys in /metrics", () => {
  it("/metrics counts keys exactly up to 10,000, and at most 30 seconds late beyond", async () => {
    await using server = await startConsole()
    const time = { elapsed: 0 }
    const real = await Effect.runPromise(Effect.clockWith(Effect.succeed))
    const clock = Object.assign(Object.create(real), {
      monotonicTimeNanosUnsafe: () => BigInt(time.elapsed) * 1_000_000n
    })
    let enabled = 9_999
    let counts = 0
    const none = { PendingImport: 0, Disabled: 0, PendingDeletion: 0, Deleted: 0 }
    const store: Store["Service"] = {
      ...server.store,
      census: Effect.sync(() => {
        counts++
        return { ...none, Enabled: ++enabled }
      })
    }
    const census = makeCensus(store, clock)
    const look = () => Effect.runPromise(census)
    expect((await look()).states.Enabled).toBe(10_000)
    expect((await look()).states.Enabled).toBe(10_001)
    time.elapsed += 29_000
    expect(await look()).toEqual({ states: { ...none, Enabled: 10_001 }, ageMillis: 29_000 })
    time.elapsed += 1000
    expect(await look()).toEqual({ states: { ...none, Enabled: 10_002 }, ageMillis: 0 })
    expect(counts).toBe(3)
  })
})
