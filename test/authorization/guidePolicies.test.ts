/** The policies of the user guide's chapter on aliases, and requests that each does not cover. */
import { describe, expect, it } from "vitest"
import { policyOf, ruling } from "./policies.ts"

const account = "acs:kms:cn-hangzhou:123456"
const key = `${account}:key/08ec3bb9-034f-485b-b1cd-3459baa80001`
const other = `${account}:key/127d2f84-ee5f-4f4d-9d41-dbc1aca28788`
const third = `${account}:key/127d2f84-ee5f-4f4d-9d41-dbc1aca28789`
const alias = `${account}:alias/example`

interface Example {
  readonly title: string
  readonly action: string
  readonly resources: ReadonlyArray<string>
  readonly neighbours: ReadonlyArray<string>
}

/** User guide 2. The last one is printed with the action of the previous example; its text gives the purpose. */
const examples: ReadonlyArray<Example> = [
  {
    title: "create an alias of a key",
    action: "kms:CreateAlias",
    resources: [key, alias],
    neighbours: [other, `${account}:alias/example2`, `${account}:alias`, `${account}:key`]
  },
  {
    title: "bind an alias to a different key",
    action: "kms:UpdateAlias",
    resources: [key, other, alias],
    neighbours: [third, `${account}:alias/exampl`, `${account}:alias/example/more`]
  },
  {
    title: "delete an alias",
    action: "kms:DeleteAlias",
    resources: [other, alias],
    neighbours: [key, `${account}:alias/Example`]
  },
  {
    title: "list all aliases",
    action: "kms:ListAliases",
    resources: [`${account}:alias`],
    neighbours: [alias, `${account}:alias/`, `${account}:key`, key, `${account}:aliases`]
  },
  {
    title: "list the aliases of a key",
    action: "kms:ListAliasesByKeyId",
    resources: [other],
    neighbours: [key, third, alias, `${account}:alias`]
  }
]

const granting = ({ action, resources }: Example) =>
  policyOf({ Effect: "Allow", Action: [action], Resource: [...resources] })

describe.each(examples)("the guide's policy to $title", (example) => {
  const { action, resources, neighbours } = example
  const policies = [granting(example)]

  it("a policy of the guide grants its action on each named resource", () => {
    for (const resource of resources) {
      expect(ruling(policies, action, resource)).toStrictEqual({
        effect: "Allow",
        by: { policy: "policy", statement: 0 }
      })
    }
  })

  it("a policy of the guide grants nothing on another key, region or account", () => {
    const elsewhere = resources.flatMap((resource) => [
      resource.replace("cn-hangzhou", "cn-shanghai"),
      resource.replace("123456", "1234567"),
      resource.toUpperCase()
    ])
    for (const resource of [...neighbours, ...elsewhere, "*"]) {
      expect([resource, ruling(policies, action, resource).effect]).toStrictEqual([resource, "Implicit"])
    }
  })

  it("a policy of the guide grants no other action", () => {
    const others = [...examples.map((each) => each.action), "kms:Encrypt", `${action}s`, action.slice(0, -1), "kms:*"]
    for (const asked of others.filter((each) => each !== action)) {
      for (const resource of resources) {
        expect([asked, ruling(policies, asked, resource).effect]).toStrictEqual([asked, "Implicit"])
      }
    }
  })
})

describe("the guide's policies", () => {
  it("the guide's printed policy for listing the aliases of a key grants DeleteAlias, not ListAliasesByKeyId", () => {
    const printed = [policyOf({ Effect: "Allow", Action: ["kms:DeleteAlias"], Resource: [other] })]
    expect(ruling(printed, "kms:ListAliasesByKeyId", other).effect).toBe("Implicit")
    expect(ruling(printed, "kms:DeleteAlias", other).effect).toBe("Allow")
    expect(ruling(printed, "kms:DeleteAlias", alias).effect).toBe("Implicit")
  })

  it("permission on a key permits its use, and permission on its alias alone does not", () => {
    const onKey = [policyOf({ Effect: "Allow", Action: "kms:Encrypt", Resource: key })]
    const onAlias = [policyOf({ Effect: "Allow", Action: "kms:Encrypt", Resource: alias })]
    expect(ruling(onKey, "kms:Encrypt", key).effect).toBe("Allow")
    expect(ruling(onAlias, "kms:Encrypt", key).effect).toBe("Implicit")
  })
})

describe("a pattern", () => {
  const allows = (Action: string, Resource: string, action: string, resource: string): boolean =>
    ruling([policyOf({ Effect: "Allow", Action, Resource })], action, resource).effect === "Allow"

  it("a pattern for all keys does not match the collection of keys, and the reverse", () => {
    expect(allows("*", `${account}:key/*`, "kms:CreateKey", `${account}:key`)).toBe(false)
    expect(allows("*", `${account}:key`, "kms:Encrypt", key)).toBe(false)
    expect(allows("*", `${account}:key/*`, "kms:Encrypt", key)).toBe(true)
    expect(allows("*", `${account}:key*`, "kms:CreateKey", `${account}:key`)).toBe(true)
  })

  it("a pattern for an action ignores case, and a pattern for a resource does not", () => {
    expect(allows("KMS:enCRYPT", key, "kms:Encrypt", key)).toBe(true)
    expect(allows("kms:GENERATE*", key, "kms:GenerateDataKey", key)).toBe(true)
    expect(allows("kms:Encrypt", key.toUpperCase().replace("ACS", "acs"), "kms:Encrypt", key)).toBe(false)
  })

  it("the action ReEncrypt covers both of its permissions", () => {
    expect(allows("kms:ReEncrypt*", key, "kms:ReEncryptFrom", key)).toBe(true)
    expect(allows("kms:ReEncrypt*", key, "kms:ReEncryptTo", key)).toBe(true)
    expect(allows("kms:ReEncryptFrom", key, "kms:ReEncryptTo", key)).toBe(false)
    expect(allows("kms:ReEncrypt*", key, "kms:Encrypt", key)).toBe(false)
  })

  it("a pattern may have wildcards in every part, and no wildcard matches a colon", () => {
    expect(allows("kms:*", "acs:*:*:*:*", "kms:Encrypt", key)).toBe(true)
    expect(allows("kms:*", "acs:kms:cn-*:12345?:key/08ec*", "kms:Encrypt", key)).toBe(true)
    expect(allows("kms:*", "acs:kms:*:key/*:*", "kms:Encrypt", key)).toBe(false)
    expect(allows("kms:*", "acs:kms:cn-hangzhou:123456:*:*", "kms:Encrypt", key)).toBe(false)
    expect(allows("kms:*", "acs:kms::123456:key/*", "kms:Encrypt", key)).toBe(false)
    expect(allows("*:Encrypt", key, "kms:Encrypt", key)).toBe(true)
  })

  it("only the pattern for everything covers the account as a whole", () => {
    expect(allows("kms:OpenKmsService", "*", "kms:OpenKmsService", "*")).toBe(true)
    expect(allows("kms:OpenKmsService", "acs:*:*:*:*", "kms:OpenKmsService", "*")).toBe(false)
  })
})
