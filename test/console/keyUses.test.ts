/** The uses of a key by principal: exact over the whole log, and equal after a restart and on every server. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { EngineOptions } from "../../src/main.ts"
import { logLinesOf, entryOf, lineLike, lineOf } from "../../src/records/auditLine.ts"
import { postgresForTests } from "../store/postgres/server.ts"
import { rootKey, sharedStores } from "./sharedStores.ts"
import { at, startConsole } from "./startConsole.ts"
import type { Page } from "./startConsole.ts"

const folders: Array<string> = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const onDisk = (): Exclude<EngineOptions["store"], "memory"> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-uses-"))
  folders.push(directory)
  return { directory }
}

const stores = [["SQLite", async () => onDisk()] as const, ...sharedStores(postgresForTests())]

const Plaintext = "aGVsbG8="

const makeKey = async (page: Page): Promise<string> =>
  String(at(await page.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))

/** A user that may do everything with keys. */
const userOf = async (root: Page, UserName: string) => {
  await root.ram("CreateUser", { UserName })
  await root.ram("AttachPolicyToUser", { PolicyType: "System", PolicyName: "AliyunKMSFullAccess", UserName })
  const pair = at(await root.ram("CreateAccessKey", { UserName }), "reply", "AccessKey")
  return { accessKeyId: String(at(pair, "AccessKeyId")), accessKeySecret: String(at(pair, "AccessKeySecret")) }
}

/** The counts of the server after it has read the whole log. */
const usesOf = async (page: Page, keyId: string) => {
  for (;;) {
    const answer = await page.get(`/key-uses?id=${keyId}`)
    if (at(answer, "ok") !== true) return answer
    if (at(answer, "reply", "progress", "read") === at(answer, "reply", "progress", "of")) return at(answer, "reply")
  }
}

const membersIn = (uses: unknown, list: "uses" | "attempts", name: string): Readonly<Record<string, unknown>> => {
  const found = at(uses, list)
  if (!Array.isArray(found)) throw new TypeError(JSON.stringify(uses))
  return Object.fromEntries(found.map((one) => [String(at(one, "principal")).replace(/^.*:/, ""), at(one, name)]))
}

const countsIn = (uses: unknown, list: "uses" | "attempts") => membersIn(uses, list, "count")

describe.each(stores)("the uses of a key on %s", (name, makeStore) => {
  it("uses of a key are counted for each principal, also after a restart", async () => {
    const store = await makeStore()
    const options = name === "SQLite" ? { store } : { store, rootKey }
    let keyId = ""
    {
      await using server = await startConsole(options)
      const root = await server.page()
      keyId = await makeKey(root)
      const other = await makeKey(root)
      const orders = await server.page(await userOf(root, "orders-app"))
      expect(countsIn(await usesOf(root, keyId), "uses")).toEqual({})
      for (let use = 0; use < 5; use++) await orders.call("Encrypt", { KeyId: keyId, Plaintext })
      await root.call("GenerateDataKey", { KeyId: keyId })
      await root.call("Encrypt", { KeyId: other, Plaintext })
      await root.call("DescribeKey", { KeyId: keyId })
      await root.call("AsymmetricSign", { KeyId: keyId, KeyVersionId: "x", Algorithm: "x", Digest: Plaintext })
      const uses = await usesOf(root, keyId)
      expect(countsIn(uses, "uses")).toEqual({ "user/orders-app": 5, root: 1 })
      // Both principals may have used the key last in the same millisecond, so their order is open.
      expect(membersIn(uses, "uses", "lastOperation")).toEqual({
        "user/orders-app": "Encrypt",
        root: "GenerateDataKey"
      })
      const times = Object.values(membersIn(uses, "uses", "lastAt"))
      expect(times).toEqual(times.toSorted().toReversed())
      await orders.call("Encrypt", { KeyId: keyId, Plaintext })
      expect(countsIn(await usesOf(root, keyId), "uses")).toEqual({ "user/orders-app": 6, root: 1 })
    }
    await using again = await startConsole(options)
    const root = await again.page()
    expect(countsIn(await usesOf(root, keyId), "uses")).toEqual({ "user/orders-app": 6, root: 1 })
  })
})

describe("attempts to use a key whose deletion is scheduled", () => {
  it("attempts to use a PendingDeletion key are counted since the last schedule, and are not uses", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const keyId = await makeKey(root)
    const schedule = () => root.call("ScheduleKeyDeletion", { KeyId: keyId, PendingWindowInDays: "7" })
    await root.call("Encrypt", { KeyId: keyId, Plaintext })
    await schedule()
    for (let attempt = 0; attempt < 3; attempt++) await root.call("Encrypt", { KeyId: keyId, Plaintext })
    const first = await usesOf(root, keyId)
    expect([countsIn(first, "uses"), countsIn(first, "attempts")]).toEqual([{ root: 1 }, { root: 3 }])
    await root.call("CancelKeyDeletion", { KeyId: keyId })
    await schedule()
    await root.call("Encrypt", { KeyId: keyId, Plaintext })
    expect(countsIn(await usesOf(root, keyId), "attempts")).toEqual({ root: 1 })
  })
})

describe("permission to see the uses", () => {
  it("only the root of the key's account sees the uses", async () => {
    await using server = await startConsole()
    const root = await server.page()
    const keyId = await makeKey(root)
    const user = await server.page(await userOf(root, "curious"))
    expect(at(await usesOf(user, keyId), "refusal", "code")).toBe("Forbidden.NoPermission")
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    expect(at(await usesOf(neighbour, keyId), "refusal", "code")).toBe("Forbidden.KeyNotFound")
    expect(at(await usesOf(root, "no-id"), "refusal", "code")).toBe("Forbidden.KeyNotFound")
  })
})

describe("the records of a segment", () => {
  it("entriesOf reads a segment as entryOf reads each record, with short lines too", () => {
    const record = { principal: "p", operation: "Encrypt", keyId: "k", outcome: "Success", before: null, after: null }
    const lines = [
      lineOf({ at: 1, requestId: "a", ...record }),
      lineOf({ at: 2, requestId: "b", ...record, operation: "Decrypt" }),
      lineLike({ at: 3, requestId: "c" }, 2),
      lineLike({ at: 4, requestId: "d" }, 2)
    ]
    const one = lines.map((_line, index) => entryOf({ seq: 7, line: index + 1 }, lines))
    const whole = [...logLinesOf({ seq: 7, lines })].map(({ at: time, full, line, requestId }) => ({
      ...full,
      line,
      requestId,
      at: time,
      time: new Date(time).toISOString()
    }))
    expect(whole).toEqual(one)
    expect(one.map(({ operation, requestId }) => `${operation} ${requestId}`)).toEqual([
      "Encrypt a",
      "Decrypt b",
      "Encrypt c",
      "Decrypt d"
    ])
  })
})
