/** The list of keys as the console's server answers it: pages, order, filters, search, permission, and audit records. */
import { describe, expect, it } from "vitest"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

const idOf = (made: unknown): string => String(at(made, "reply", "KeyMetadata", "KeyId"))

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Descriptions of the rows of a page. */
const listed = async (page: Page, query: string): Promise<ReadonlyArray<unknown>> =>
  listOf(at(await page.get(`/keys?${query}`), "reply", "rows")).map((row) => at(row, "description"))

/** Five keys that differ from each other. */
const withKeys = async (server: RunningConsole) => {
  const page = await server.page()
  const orders = idOf(await page.call("CreateKey", { Description: "orders" }))
  const invoices = idOf(
    await page.call("CreateKey", { Description: "invoices", KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
  )
  await page.call("CreateKey", { Description: "partner", Origin: "EXTERNAL" })
  const old = idOf(await page.call("CreateKey", { Description: "old" }))
  await page.call("CreateKey", {
    Description: "rotating",
    EnableAutomaticRotation: "true",
    RotationInterval: "30d"
  })
  await page.call("CreateAlias", { KeyId: orders, AliasName: "alias/shop" })
  await page.call("TagResource", { KeyId: invoices, Tags: JSON.stringify([{ TagKey: "team", TagValue: "Books" }]) })
  await page.call("DisableKey", { KeyId: old })
  return { page, orders, invoices, old }
}

describe("the list of keys", () => {
  it("the key list is answered by page, in order of creation, also before the keys are loaded", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { page } = await withKeys(server)
    for (let time = 0; time < 2; time++) {
      expect(await listed(page, "limit=2")).toEqual(["orders", "invoices"])
      expect(await listed(page, "limit=2&offset=4")).toEqual(["rotating"])
      expect(await listed(page, "limit=2&offset=6")).toEqual([])
      const answer = at(await page.get("/keys?limit=2"), "reply")
      expect([at(answer, "total"), at(answer, "all")]).toEqual([5, 5])
      await page.get("/summary")
    }
  })

  it("the key list can be sorted, filtered and searched", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { page } = await withKeys(server)
    const expected: Readonly<Record<string, ReadonlyArray<string>>> = {
      // The name of the key `orders` is its alias, `alias/shop`.
      "sort=name": ["orders", "invoices", "old", "partner", "rotating"],
      "sort=next": ["rotating", "orders", "invoices", "partner", "old"],
      "sort=created&descending=true": ["rotating", "old", "partner", "invoices", "orders"],
      "state=Disabled": ["old"],
      "spec=EC_P256": ["invoices"],
      "usage=SIGN%2FVERIFY": ["invoices"],
      "origin=EXTERNAL": ["partner"],
      "rotation=Enabled": ["rotating"],
      "protection=HSM": [],
      "tag=team": ["invoices"],
      "tag=team%3DBooks": ["invoices"],
      "tag=team%3Dbook": [],
      "q=SHOP": ["orders"],
      "q=books": ["invoices"],
      "q=ord&state=Disabled": [],
      "q=ord&state=Enabled": ["orders"]
    }
    for (const [query, descriptions] of Object.entries(expected)) {
      expect(await listed(page, query), query).toEqual(descriptions)
    }
  })

  it("the key list contains every change that was answered before", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { old, page } = await withKeys(server)
    expect(await listed(page, "state=Disabled")).toEqual(["old"])
    await page.call("EnableKey", { KeyId: old })
    expect(await listed(page, "state=Disabled")).toEqual([])
    await page.call("CreateAlias", { KeyId: old, AliasName: "alias/renamed" })
    expect(await listed(page, "q=renamed")).toEqual(["old"])
    await page.call("ScheduleKeyDeletion", { KeyId: old, PendingWindowInDays: "7" })
    await page.call("AdvanceClock", { By: "8d" })
    expect(await listed(page, "q=renamed")).toEqual([])
    expect(at(await page.get("/keys?limit=1"), "reply", "all")).toBe(4)
    const made = idOf(await page.call("CreateKey", { Description: "new" }))
    expect(await listed(page, `q=${made}`)).toEqual(["new"])
  })

  it("each request of the key list writes one audit record, and none for its keys", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { page } = await withKeys(server)
    const counted = async (operation: string) =>
      listOf(
        at(await page.call("ListAuditRecords", { Operation: operation, Limit: "1000" }), "reply", "Records", "Record")
      )
    await page.get("/keys?state=Enabled&q=secretive&tag=hidden&limit=50")
    await page.get("/summary")
    expect((await counted("DescribeKey")).length).toBe(0)
    const subjects = (await counted("ListKeys")).map((record) => at(record, "Subject"))
    expect(subjects).toEqual([
      "keys 1 to 50 of cn-hangzhou, by created, searched, state=Enabled, tag",
      "overview of the keys of cn-hangzhou"
    ])
  })
})

/** A user who may list keys, and view only the key `invoices`. */
const asUser = async (server: RunningConsole, statements: ReadonlyArray<object>): Promise<Page> => {
  const root = await server.page()
  await root.ram("CreateUser", { UserName: "eve" })
  const PolicyDocument = JSON.stringify({ Version: "1", Statement: statements })
  await root.ram("CreatePolicy", { PolicyName: "some", PolicyDocument })
  await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "some", UserName: "eve" })
  const pair = at(await root.ram("CreateAccessKey", { UserName: "eve" }), "reply", "AccessKey")
  return server.page({
    accessKeyId: String(at(pair, "AccessKeyId")),
    accessKeySecret: String(at(pair, "AccessKeySecret"))
  })
}

describe("a user's list of keys", () => {
  it("the key list finds nothing by attributes that the user may not see", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { invoices } = await withKeys(server)
    const eve = await asUser(server, [
      { Effect: "Allow", Action: "kms:ListKeys", Resource: "*" },
      { Effect: "Allow", Action: "kms:DescribeKey", Resource: `acs:kms:*:*:key/${invoices}` }
    ])
    const plain = at(await eve.get("/keys"), "reply")
    expect(listOf(at(plain, "rows")).map((row) => at(row, "description"))).toEqual(["", "invoices", "", "", ""])
    expect(at(plain, "rows", 0, "refused", "code")).toBe("Forbidden.NoPermission")
    expect(await listed(eve, "sort=name")).toEqual(["invoices"])
    expect(await listed(eve, "state=Disabled")).toEqual([])
    expect(await listed(eve, "q=orders")).toEqual([])
    for (const query of ["q=books", "tag=team", "q=shop"]) expect(await listed(eve, query), query).toEqual([])
    const summary = at(await eve.get("/summary"), "reply")
    expect([at(summary, "all"), at(summary, "hidden"), at(summary, "states", "Enabled")]).toEqual([5, 4, 1])
    expect(at(summary, "due")).toEqual([])
    expect(at(await eve.get("/alias?id=alias/shop"), "reply")).toEqual({})
  })

  it("the key list is refused as soon as the user loses the permission", async () => {
    await using server = await startConsole({ clock: "virtual" })
    await withKeys(server)
    const eve = await asUser(server, [{ Effect: "Allow", Action: "kms:*", Resource: "*" }])
    expect(await listed(eve, "q=orders")).toEqual(["orders"])
    const root = await server.page()
    await root.ram("DetachPolicyFromUser", { PolicyType: "Custom", PolicyName: "some", UserName: "eve" })
    expect(at(await eve.get("/keys?q=orders"), "refusal", "code")).toBe("Forbidden.NoPermission")
  })
})

describe("the preview of an operation on several keys", () => {
  const preview = async (page: Page, operation: string, keyIds: ReadonlyArray<string>) =>
    at(await page.post("/preview", { operation, keyIds }), "reply", "previews")

  it("the preview of an operation on several keys gives the machine's reason for each key", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { old, orders, page } = await withKeys(server)
    const found = await preview(page, "DisableKey", [orders, old])
    expect(at(found, 0)).toEqual({ keyId: orders })
    await page.call("ScheduleKeyDeletion", { KeyId: old, PendingWindowInDays: "7" })
    const refused = await page.call("EnableKey", { KeyId: old })
    expect(at(refused, "ok")).toBe(false)
    const previewed = at(await preview(page, "EnableKey", [old]), 0, "refusal")
    expect(at(previewed, "code")).toBe(at(refused, "refusal", "code"))
  })

  it("the preview of an operation on several keys gives the policy's reason", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const { orders } = await withKeys(server)
    const eve = await asUser(server, [{ Effect: "Allow", Action: ["kms:ListKeys"], Resource: "*" }])
    const found = await preview(eve, "DisableKey", [orders])
    expect(at(found, 0, "refusal", "code")).toBe("Forbidden.NoPermission")
    expect(at(await eve.post("/preview", { operation: "Decrypt", keyIds: [orders] }), "code")).toBe("InvalidRequest")
    expect(at(await eve.post("/preview", { operation: "EnableKey", keyIds: [] }), "code")).toBe("InvalidRequest")
  })
})

it("the last uses of keys come from the audit log, for callers that may read the log", async () => {
  await using server = await startConsole({ clock: "virtual" })
  const { old, orders, page } = await withKeys(server)
  await page.call("Encrypt", { KeyId: orders, Plaintext: "aGVsbG8=" })
  await page.call("Encrypt", { KeyId: old, Plaintext: "aGVsbG8=" })
  const found = at(await page.post("/last-uses", { keyIds: [old, orders] }), "reply")
  expect(listOf(at(found, "uses")).map((use) => at(use, "keyId"))).toEqual([orders])
  expect(at(found, "isComplete")).toBe(true)
  const eve = await asUser(server, [{ Effect: "Allow", Action: "kms:*", Resource: "*" }])
  expect(at(await eve.post("/last-uses", { keyIds: [orders] }), "refusal", "code")).toBe("Forbidden.NoPermission")
})
