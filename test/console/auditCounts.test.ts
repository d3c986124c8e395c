/** Counts of audit records over the console's server: by account, by filter, only for the root, and as the log grows. */
import { describe, expect, it } from "vitest"
import { at, startConsole } from "./startConsole.ts"
import type { Page } from "./startConsole.ts"

const countsOf = async (page: Page, parameters: object = {}): Promise<unknown> => {
  for (;;) {
    const answer = await page.post("/audit-counts", { parameters })
    if (at(answer, "ok") !== true || at(answer, "reply", "isComplete") === true) return answer
  }
}

const valuesOf = (counts: unknown, facet: string): Readonly<Record<string, number>> => {
  const values = at(counts, "reply", "facets", facet, "values")
  if (!Array.isArray(values)) throw new TypeError(JSON.stringify(counts))
  return Object.fromEntries(values.map((one) => [String(at(one, "value")), Number(at(one, "count"))]))
}

describe("counts of audit records", () => {
  it("counts are those of the account, grow with the log, and cover every account for the server's root", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const root = await server.page()
    const pair = at(await root.call("CreateAccount"), "reply", "Account", "RootAccessKey")
    const neighbour = await server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
    await root.call("CreateKey")
    await neighbour.call("CreateKey")
    await neighbour.call("CreateKey")
    expect(valuesOf(await countsOf(root), "operation")["CreateKey"]).toBe(1)
    expect(valuesOf(await countsOf(neighbour), "operation")["CreateKey"]).toBe(2)
    expect(valuesOf(await countsOf(root, { AllAccounts: "true" }), "operation")["CreateKey"]).toBe(3)
    expect(at(await countsOf(neighbour, { AllAccounts: "true" }), "refusal", "code")).toBe("Forbidden.NoPermission")
    await root.call("CreateKey")
    expect(valuesOf(await countsOf(root), "operation")["CreateKey"]).toBe(2)
  })

  it("counts take the parameters of ListAuditRecords and find the same number of records", async () => {
    await using server = await startConsole({ clock: "virtual" })
    const root = await server.page()
    const keyId = String(at(await root.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
    await root.call("DisableKey", { KeyId: keyId })
    await root.call("DescribeKey", { KeyId: keyId })
    await root.call("Encrypt", { KeyId: keyId, Plaintext: "aGk=" })
    for (const filter of [
      { KeyId: keyId },
      { KeyId: keyId, WithoutReads: "true" },
      { KeyId: keyId, RefusedOnly: "true" },
      { KeyId: keyId, Until: "2026-01-01" }
    ]) {
      const listed = at(await root.call("ListAuditRecords", filter), "reply", "Records", "Record")
      const counts = await countsOf(root, filter)
      expect(at(counts, "reply", "total"), JSON.stringify(filter)).toBe(Array.isArray(listed) ? listed.length : -1)
    }
    expect(valuesOf(await countsOf(root, { KeyId: keyId, WithoutReads: "true" }), "operation")).toEqual({
      CreateKey: 1,
      DisableKey: 1,
      Encrypt: 1
    })
    expect(at(await countsOf(root, { Since: "yesterday" }), "refusal", "code")).toBe("InvalidParameter")
  })

  it("counts are refused to a user", async () => {
    await using server = await startConsole()
    const root = await server.page()
    await root.ram("CreateUser", { UserName: "alice" })
    const made = at(await root.ram("CreateAccessKey", { UserName: "alice" }), "reply", "AccessKey")
    const alice = await server.page({
      accessKeyId: String(at(made, "AccessKeyId")),
      accessKeySecret: String(at(made, "AccessKeySecret"))
    })
    expect(at(await countsOf(alice), "refusal", "code")).toBe("Forbidden.NoPermission")
  })
})
