/** The verdict on a policy document agrees with the explanation of a call by a user who has only that policy. */
import { beforeAll, afterAll, describe, expect, it } from "vitest"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

let server: RunningConsole
let root: Page
let keyId = ""
beforeAll(async () => {
  server = await startConsole({ clock: "virtual" })
  root = await server.page()
  keyId = String(at(await root.call("CreateKey"), "reply", "KeyMetadata", "KeyId"))
  await root.call("TagResource", { KeyId: keyId, Tags: JSON.stringify([{ TagKey: "team", TagValue: "red" }]) })
})
afterAll(() => server.stop())

const documentOf = (...statements: ReadonlyArray<object>): string =>
  JSON.stringify({ Version: "1", Statement: statements.map((each) => ({ Resource: "*", ...each })) })

const ofTeam = (team: string): object => ({ Condition: { StringEquals: { "kms:tag/team": team } } })

const documents: Readonly<Record<string, string>> = {
  everything: documentOf({ Effect: "Allow", Action: "kms:*" }),
  partly: documentOf(
    { Effect: "Allow", Action: ["kms:Decrypt", "kms:Describe*", "kms:ReEncryptFrom", "kms:CreateAlias"] },
    { Effect: "Deny", Action: "kms:DescribeKey" }
  ),
  pairs: documentOf({ Effect: "Allow", Action: ["kms:ReEncrypt*", "kms:CreateAlias", "kms:DeleteAlias"] }),
  keysOnly: documentOf({ Effect: "Allow", Action: "kms:*", Resource: "acs:kms:*:*:key/*" }),
  tagged: documentOf({ Effect: "Allow", Action: "kms:*", ...ofTeam("red") }),
  otherTag: documentOf({ Effect: "Allow", Action: "kms:*", ...ofTeam("blue") }),
  deniedByTag: documentOf(
    { Effect: "Allow", Action: "kms:*" },
    { Effect: "Deny", Action: "kms:*Encrypt", ...ofTeam("red") }
  )
}

interface Ruled {
  readonly operation: string
  readonly effect: string
}

const ruledIn = (answer: unknown): ReadonlyArray<Ruled> => {
  const operations = at(answer, "reply", "operations")
  return (Array.isArray(operations) ? operations : []).map((one) => ({
    operation: String(at(one, "operation")),
    effect: String(at(one, "effect"))
  }))
}

describe("the verdict on a policy document", () => {
  it.each(Object.entries(documents))(
    "the verdict on a policy document agrees with ExplainAccess for each operation: %s",
    async (name, document) => {
      await root.ram("CreateUser", { UserName: name })
      await root.ram("CreatePolicy", { PolicyName: name, PolicyDocument: document })
      await root.ram("AttachPolicyToUser", { UserName: name, PolicyName: name, PolicyType: "Custom" })
      const key = { keyId, tags: { team: "red" } }
      const ruled = ruledIn(await root.post("/verdict", { document, key }))
      expect(ruled.map(({ operation }) => operation)).toEqual(
        expect.arrayContaining(["Encrypt", "Decrypt", "ReEncrypt", "CreateKey", "CreateAlias", "ListKeys"])
      )
      for (const { effect, operation } of ruled) {
        const asked = { As: `user/${name}`, Operation: operation, KeyId: keyId, AliasName: "alias/any-alias" }
        const explained = await root.call("ExplainAccess", asked)
        expect(at(explained, "ok"), operation).toBe(true)
        const checks = at(explained, "reply", "Checks", "Check")
        const effects = new Set((Array.isArray(checks) ? checks : []).map((check) => at(check, "Effect")))
        const expected = ["Deny", "Implicit"].find((one) => effects.has(one)) ?? "Allow"
        expect([operation, effect]).toEqual([operation, expected])
      }
    }
  )

  it("the verdict names the place of a fault, and decides nothing for a faulty document", async () => {
    const answer = await root.post("/verdict", { document: documentOf({ Effect: "Allow", Action: "kms:*", Extra: 1 }) })
    expect(at(answer, "reply", "fault", "path")).toBe("Statement[0].Extra")
    expect(at(answer, "reply", "operations")).toEqual([])
  })

  it("the verdict uses no tags without a key", async () => {
    const answer = await root.post("/verdict", { document: documents["tagged"] })
    expect(ruledIn(answer).filter(({ effect }) => effect === "Allow")).toEqual([])
  })

  it("the verdict refuses a request without a document", async () => {
    expect(at(await root.post("/verdict", { key: { keyId } }), "ok")).not.toBe(true)
  })
})
