/** Live updates of several servers on one store: a page receives every change once, from any server. */
import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import { postgres } from "../../src/postgres.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { holdingRow, patientMillis, postgresForTests } from "../store/postgres/server.ts"
import { rootKey, sharedStores } from "./sharedStores.ts"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"
import { keysIn, listen } from "./streams.ts"
import type { Heard } from "./streams.ts"

const server = postgresForTests()

const newKey = async (page: Page): Promise<string> =>
  String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))

const placeNow = async (page: Page): Promise<string> => String(at(await page.get("/snapshot"), "reply", "at"))

const named = (heard: ReadonlyArray<Heard>): ReadonlyArray<unknown> =>
  keysIn(heard).map(({ data }) => at(data, "keyId"))

/** Resolves with the events after so many changes, and offers a promise that resolves when the stream is open. */
const hearing = (of: RunningConsole, page: Page, after: string | undefined, count: number) => {
  const connected = Promise.withResolvers<void>()
  const heard = listen(of, page, after, (all) => {
    connected.resolve()
    return keysIn(all).length >= count
  })
  return { connected: connected.promise, heard }
}

describe.each(sharedStores(server))("two servers on %s", (_name, makeStore) => {
  it("a page on one of two servers gets the changes of both, once and in order", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const page = await one.page()
    const there = other.pageWith(page.cookie)
    const { connected, heard } = hearing(one, page, undefined, 4)
    await connected
    const first = await newKey(there)
    const second = await newKey(page)
    await page.call("DisableKey", { KeyId: first })
    // Pages get no message about a call that changes nothing.
    await there.call("DescribeKey", { KeyId: second })
    await there.call("DisableKey", { KeyId: second })
    expect(named(await heard)).toEqual([first, second, first, second])
  })

  it("an event stream continues on the other server, without a gap or a repetition", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const page = await one.page()
    const there = other.pageWith(page.cookie)
    const keys = [await newKey(page), await newKey(there)]
    const start = await placeNow(there)
    const [first = "", second = ""] = keys
    for (const operation of ["DisableKey", "EnableKey", "DisableKey"]) {
      await Promise.all([page.call(operation, { KeyId: first }), there.call(operation, { KeyId: second })])
    }
    const whole = keysIn(await hearing(one, page, start, 6).heard)
    expect(named(whole).toSorted()).toEqual([first, first, first, second, second, second].toSorted())
    // From each position on, the other server sends exactly the rest.
    for (const [index, { id }] of whole.entries()) {
      if (index === 5) break
      const rest = keysIn(await hearing(other, there, id, 5 - index).heard)
      expect(named(rest)).toEqual(named(whole.slice(index + 1)))
    }
  })

  it("the event stream answers a position of another account or store with a gap", async () => {
    const store = await makeStore()
    await using one = await startConsole({ store, rootKey })
    const root = await one.page()
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await one.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const foreign = await placeNow(root)
    const eventsAfter = async (page: Page, after: string) =>
      (await listen(one, page, after, (all) => all.some(({ event }) => event === "clock"))).map(({ event }) => event)
    expect(await eventsAfter(neighbour, foreign)).toEqual(["gap", "clock"])
    expect(await eventsAfter(root, "nonsense")).toEqual(["gap", "clock"])
    expect(await eventsAfter(root, `${foreign}x`)).toEqual(["gap", "clock"])
    expect(await eventsAfter(root, foreign)).toEqual(["clock"])
    // The same change count of the root's account reads differently each time: it reveals nothing about other accounts.
    expect(await placeNow(root)).not.toBe(await placeNow(root))
  })
})

describe("a page on one server of PostgreSQL", () => {
  it("a page gets a change whose commit waited while later ones were made", async () => {
    const url = await server.newDatabase()
    const store = postgres(url, { tls: "off", timeoutMillis: patientMillis })
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const page = await one.page()
    const there = other.pageWith(page.cookie)
    const slow = await newKey(page)
    const quick = await newKey(page)
    const { connected, heard } = hearing(other, there, await placeNow(there), 4)
    await connected
    const held = await holdingRow(url, "SELECT FROM keystate.keys WHERE id = $1::text FOR UPDATE", slow)
    const changing = page.call("DisableKey", { KeyId: slow })
    await held.someoneWaits()
    for (const operation of ["DisableKey", "EnableKey", "DisableKey"]) await there.call(operation, { KeyId: quick })
    await held.release()
    expect(at(await changing, "ok")).toBe(true)
    expect(named(await heard)).toEqual([quick, quick, quick, slow])
  })

  it("a browser page shows changes made on the other server", async () => {
    const store = postgres(await server.newDatabase(), { tls: "off", timeoutMillis: patientMillis })
    await using one = await startConsole({ store, rootKey })
    await using other = await startConsole({ store, rootKey })
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      page.setDefaultTimeout(patience)
      await page.goto(`${one.url}/console/keys#token=${await one.token()}`)
      await page.getByText("This region has no keys yet.").waitFor()
      const { KeyMetadata } = await other.run(other.kms.createKey({ Description: "made on the other server" }))
      await page.getByText("made on the other server").waitFor()
      await page.goto(`${one.url}/console/keys/${KeyMetadata.KeyId}`)
      await page.getByText("Enabled").first().waitFor()
      await other.run(other.kms.disableKey({ KeyId: KeyMetadata.KeyId }))
      await page.getByText("Disabled").first().waitFor()
    } finally {
      await browser.close()
    }
  })
})

describe("a server with many open pages", () => {
  it("many open pages read the log as often as one page, and no page reads nothing", async () => {
    const driver: StoreDriver = await Effect.runPromise(sharedMemoryDriver)
    let reads = 0
    const counting: StoreDriver = {
      ...driver,
      scan: (scan) => {
        if (scan.table === "audit" && scan.newestFirst !== true) reads++
        return driver.scan(scan)
      }
    }
    await using one = await startConsole({ store: Layer.succeed(Driver, counting), rootKey })
    const page = await one.page()
    await newKey(page)
    expect(reads).toBe(0)
    const open = Array.from({ length: 20 }, () => hearing(one, page, undefined, 2))
    await Promise.all(open.map(({ connected }) => connected))
    const readsBefore = reads
    const startedAt = performance.now()
    await newKey(page)
    await newKey(page)
    for (const { heard } of open) expect(keysIn(await heard)).toHaveLength(2)
    const polls = Math.ceil((performance.now() - startedAt) / 250) + 1
    expect(reads - readsBefore).toBeLessThanOrEqual(polls)
  })
})
