/** Snapshot and stream: numbered without gaps, resumed after a break, with a report of missed changes. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { at, own, send, startConsole } from "./startConsole.ts"
import { keysIn, listen } from "./streams.ts"

describe("the event stream", () => {
  it("the event stream continues exactly where the snapshot ended", async () => {
    await using server = await startConsole()
    const page = await server.page()
    await page.call("CreateKey", { Description: "before" })
    const snapshot = at(await page.get("/snapshot"), "reply")
    const listed = at(await page.get("/keys"), "reply", "rows", 0)
    expect(at(listed, "description")).toBe("before")
    const keyId = String(at(listed, "keyId"))
    await page.call("DisableKey", { KeyId: keyId })
    await page.call("EnableKey", { KeyId: keyId })
    const heard = await listen(server, page, String(at(snapshot, "at")), (all) => keysIn(all).length === 2)
    expect(keysIn(heard).map(({ data }) => at(data, "keyId"))).toEqual([keyId, keyId])
    const numbers = keysIn(heard).map(({ id }) => Number(id?.split("-")[1]))
    expect(numbers).toEqual([2, 3])
  })

  it("the event stream reports changes at once, also the creation of a key", async () => {
    await using server = await startConsole()
    const page = await server.page()
    const connected = Promise.withResolvers<void>()
    const hearing = listen(server, page, undefined, (all) => {
      connected.resolve()
      return keysIn(all).length === 1
    })
    await connected.promise
    const made = await page.call("CreateKey")
    const [first] = keysIn(await hearing)
    expect(at(first?.data, "keyId")).toBe(at(made, "reply", "KeyMetadata", "KeyId"))
  })

  it("the event stream reports a gap for a position of another run or one too old", async () => {
    await using server = await startConsole()
    const page = await server.page()
    const run = String(at(await page.get("/snapshot"), "reply", "at")).split("-")[0]
    const keyId = String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    const isGap = async (after: string): Promise<boolean> =>
      (await listen(server, page, after, (all) => all.length > 0)).some(({ event }) => event === "gap")
    expect(await isGap("00000000-0")).toBe(true)
    expect(await isGap(`${run}-99`)).toBe(true)
    expect(await isGap("nonsense")).toBe(true)
    expect(await isGap(`${run}-0`)).toBe(false)
    for (let count = 0; count < 2100; count++) await server.run(server.kms.enableKey({ KeyId: keyId }))
    expect(await isGap(`${run}-0`)).toBe(true)
  })

  it("the event stream hides ids of keys that a user may not view, and still counts the keys", async () => {
    await using server = await startConsole()
    const root = await server.page()
    await root.ram("CreateUser", { UserName: "eve" })
    const pair = at(await root.ram("CreateAccessKey", { UserName: "eve" }), "reply", "AccessKey")
    const eve = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const from = String(at(await eve.get("/snapshot"), "reply", "at"))
    const keyId = String(at(await root.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    const heard = await listen(server, eve, from, (all) => all.some(({ event }) => event === "other"))
    expect(JSON.stringify(heard)).not.toContain(keyId)
  })

  it("the event stream contains no event and no number of another account's changes", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const from = String(at(await neighbour.get("/snapshot"), "reply", "at"))
    const hearing = listen(server, neighbour, from, (all) => keysIn(all).length === 1)
    for (let count = 0; count < 3; count++) await root.call("CreateKey")
    expect(at(await neighbour.get("/snapshot"), "reply", "at")).toBe(from)
    await neighbour.call("CreateKey")
    const heard = await hearing
    expect(heard.filter(({ event }) => event !== "clock").map(({ event, id }) => [event, id?.split("-")[1]])).toEqual([
      ["key", "1"]
    ])
  })

  it("the event stream answers a position of another account with a gap and without data", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const keyId = String(at(await root.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    for (let count = 0; count < 3; count++) await server.run(server.kms.enableKey({ KeyId: keyId }))
    const foreign = String(at(await root.get("/snapshot"), "reply", "at"))
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const connected = Promise.withResolvers<void>()
    const hearing = listen(server, neighbour, foreign, (all) => {
      connected.resolve()
      return keysIn(all).length === 1
    })
    await connected.promise
    await server.run(server.kms.disableKey({ KeyId: keyId }))
    await neighbour.call("CreateKey")
    const heard = await hearing
    // The stream also sends the time now and then.
    expect(heard.map(({ event }) => event).filter((event) => event !== "clock")).toEqual(["gap", "key"])
    expect(JSON.stringify(heard)).not.toContain(keyId)
  })

  it("the session names only the root of the server's own account as administrator", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    const told = await Promise.all([root, neighbour].map((page) => page.get("/session")))
    expect(told.map((session) => at(session, "reply", "administersServer"))).toEqual([true, false])
  })

  it("the event stream ends with its session, and sends nothing afterwards", async () => {
    await using server = await startConsole()
    const page = await server.page()
    const keyId = String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    const connected = Promise.withResolvers<void>()
    const hearing = listen(server, page, undefined, () => {
      connected.resolve()
      return false
    })
    await connected.promise
    await send(server.url, "/console/api/session", { method: "DELETE", headers: { ...own, cookie: page.cookie } })
    const toggle = Effect.andThen(server.kms.disableKey({ KeyId: keyId }), server.kms.enableKey({ KeyId: keyId }))
    await server.run(Effect.repeat(toggle, { times: 20 }))
    const heard = await hearing
    expect(heard.filter(({ event }) => event === "end")).toHaveLength(1)
    expect(heard.at(-1)?.event).toBe("end")
  })

  it("an open event stream does not delay the stop of the server", async () => {
    const server = await startConsole()
    const page = await server.page()
    const connected = Promise.withResolvers<void>()
    const hearing = listen(server, page, undefined, () => {
      connected.resolve()
      return false
    })
    await connected.promise
    await server.stop()
    expect((await hearing).map(({ event }) => event)).toContain("clock")
  })
})

describe("the history of a key", () => {
  it("the history of a key comes in pages, each event with the states before and after", async () => {
    await using server = await startConsole()
    const page = await server.page()
    const keyId = String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    for (let count = 0; count < 150; count++) {
      await server.run(server.kms.disableKey({ KeyId: keyId }))
      await server.run(server.kms.enableKey({ KeyId: keyId }))
    }
    const last = at(await page.get(`/history?id=${keyId}`), "reply")
    expect(at(last, "lastSeq")).toBe(301)
    expect([at(last, "events", 0, "seq"), at(last, "events", 199, "seq")]).toEqual([102, 301])
    expect(at(last, "events", 0, "before", "lifecycle")).toBe("Enabled")
    expect(at(last, "events", 0, "after", "lifecycle")).toBe("Disabled")
    const first = at(await page.get(`/history?id=${keyId}&before=102`), "reply")
    expect(at(first, "events", 0, "type")).toBe("CreateKey")
    expect(at(first, "events", 0, "before")).toBeUndefined()
    expect(at(first, "events", 100, "seq")).toBe(101)
  })
})
