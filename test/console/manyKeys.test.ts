/** A list of 100,000 keys: the rows that the server reads for a page, and the bytes that it sends. Time is not measured. */
import { Effect, Layer } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { Plan } from "../../src/plan/plan.ts"
import type { StoredRow } from "../../src/records/storedRows.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { rootKey } from "./sharedStores.ts"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

const many = 100_000

/** Rows of keys that the store gave to the engine. */
let given = 0

const counting = (driver: StoreDriver): StoreDriver => {
  const counted = <A>(rows: ReadonlyArray<A>, table: string): ReadonlyArray<A> => {
    if (table === "keys") given += rows.length
    return rows
  }
  const { shared: _shared, ...abilities } = driver.abilities ?? {}
  return {
    ...driver,
    get: (table, id) => Effect.tap(driver.get(table, id), (row) => Effect.sync(() => counted([row], table))),
    scan: (scan) => Effect.map(driver.scan(scan), (rows) => counted(rows, scan.table)),
    abilities: {
      ...abilities,
      page: (scan) =>
        Effect.map(driver.abilities?.page?.(scan) ?? Effect.die("no page"), (page) => {
          counted(page.rows, scan.table)
          return page
        })
    }
  }
}

const keyRows = (one: StoredRow<"keys">, count: number): Plan => ({
  purpose: "commit",
  checks: [],
  writes: Array.from({ length: count }, (_, n) => {
    const metadata = one.metadata.replace("the first", `key number ${n}`)
    // Ascending ids are appended to the index, which is fast.
    const keyId = `ffffffff-0000-4000-8000-${String(n).padStart(12, "0")}`
    return { op: "put", table: "keys", row: { ...one, keyId, metadata } } as const
  }),
  lines: []
})

let server: RunningConsole
let page: Page
beforeAll(async () => {
  const driver = await Effect.runPromise(sharedMemoryDriver)
  server = await startConsole({
    clock: "virtual",
    store: Layer.succeed(Driver, counting(driver)),
    rootKey
  })
  page = await server.page()
  await page.call("CreateKey", { Description: "the first" })
  const scan = { table: "keys", index: "byId", partition: [], limit: 1 } as const
  const [one] = await Effect.runPromise(driver.scan(scan))
  if (one === undefined) throw new Error("the key was not stored")
  await Effect.runPromise(driver.commit(keyRows(one, many - 1)))
})
afterAll(() => server.stop())

/** The answer of a page, its length as text, and the rows of keys that the store gave for it. */
const ask = async (query: string) => {
  given = 0
  const answer = await page.get(`/keys?${query}`)
  const rows = at(answer, "reply", "rows")
  return {
    given,
    total: at(answer, "reply", "total"),
    shown: Array.isArray(rows) ? rows.length : 0,
    bytes: JSON.stringify(answer).length
  }
}

it("the console shows the first of many keys without reading the others, one page at a time", async () => {
  given = 0
  const first = await page.get("/keys?limit=50")
  expect([at(first, "reply", "total"), at(first, "reply", "all")]).toEqual([many, many])
  // The keys are then read once, for later searches.
  await page.get("/summary")
  expect(given).toBeLessThan(many * 1.1)
  for (const query of ["q=number+99", "q=number+999", "q=number+9999", "state=Enabled", "sort=name", "offset=99950"]) {
    const asked = await ask(`limit=50&${query}`)
    expect(asked.shown, query).toBeLessThanOrEqual(50)
    expect(asked.given, query).toBeLessThanOrEqual(60)
    expect(asked.bytes, query).toBeLessThan(100_000)
  }
  expect((await ask("limit=50&q=number+99999")).total).toBe(0)
  expect((await ask("limit=50&q=number+9999")).total).toBe(10)
  expect((await ask("limit=100000")).shown).toBe(100)
})

it("the console reads only a changed key again, and not the whole list", async () => {
  const keyId = String(at(await page.get("/keys?limit=1"), "reply", "rows", 0, "keyId"))
  await page.call("UpdateKeyDescription", { KeyId: keyId, Description: "renamed" })
  const asked = await ask("limit=50&q=renamed")
  expect([asked.total, asked.shown]).toEqual([1, 1])
  expect(asked.given).toBeLessThan(10)
})
