/** Resource-based policies: their grammar and their decisions about principals. */
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evaluateResourcePolicy } from "../../src/authorization/evaluate.ts"
import type { Ruling } from "../../src/authorization/evaluate.ts"
import { names } from "../../src/authorization/principal.ts"
import type { Identity } from "../../src/authorization/principal.ts"
import {
  formatResourcePolicy,
  keyPolicyForm,
  parseResourcePolicy,
  trustPolicyForm
} from "../../src/authorization/resourcePolicy.ts"
import type { ResourcePolicy, ResourcePolicyForm } from "../../src/authorization/resourcePolicy.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { keyPolicyBytesMax, trustPolicyCharsMax } from "../../src/domain/limits.ts"
import { circumstances, documentOf } from "./policies.ts"

const grant = {
  Effect: "Allow",
  Principal: { RAM: ["acs:ram::1:user/alice"] },
  Action: ["kms:Encrypt"],
  Resource: ["*"]
}
const trust = { Effect: "Allow", Principal: { RAM: ["acs:ram::1:root"] }, Action: "sts:AssumeRole" }

const read = (form: ResourcePolicyForm, json: string): ResourcePolicy =>
  Result.getOrThrowWith(parseResourcePolicy(form, json), ({ message }) => new Error(message))

const refusalOf = (form: ResourcePolicyForm, json: string): string => {
  const policy = parseResourcePolicy(form, json)
  if (Result.isSuccess(policy)) throw new Error(`accepted: ${json}`)
  return policy.failure.message
}

const ruling = (policy: ResourcePolicy, who: Identity, action: string, stated?: ReadonlyMap<string, string>): Ruling =>
  evaluateResourcePolicy({ name: "key policy", policy }, (principal) => names(principal, who), {
    action,
    attributes: { ...circumstances, ...(stated === undefined ? {} : { stated }) }
  })

const alice = { kind: "user", account: AccountId.make("1"), name: "alice" } as const

describe("a key policy", () => {
  it("accepts a key policy of the vendor's examples, and keeps its meaning when writing back", () => {
    const vendors = {
      Statement: [
        {
          Action: ["kms:*"],
          Effect: "Allow",
          Principal: { RAM: ["acs:ram::119285303511:*"] },
          Resource: ["*"],
          Sid: "kms default key policy"
        },
        {
          Sid: "Enable RAM User Permissions",
          Action: ["kms:List*", "kms:TagResource"],
          Effect: "Allow",
          Principal: { RAM: ["acs:ram::119285303511:user/for_test_policy", "acs:ram::2:role/r"] },
          Resource: ["*"]
        }
      ],
      Version: "1"
    }
    const once = formatResourcePolicy(read(keyPolicyForm, JSON.stringify(vendors)))
    expect(formatResourcePolicy(read(keyPolicyForm, once))).toBe(once)
    expect(JSON.parse(once)).toStrictEqual({
      Version: "1",
      Statement: [
        { ...vendors.Statement[0], Action: "kms:*", Resource: "*" },
        { ...vendors.Statement[1], Resource: "*" }
      ]
    })
  })

  it("a key policy allows and denies by principal, and a Deny always wins", () => {
    const policy = read(
      keyPolicyForm,
      documentOf(
        { ...grant, Principal: { RAM: "acs:ram::1:*" }, Action: "kms:*" },
        { ...grant, Effect: "Deny", Action: ["kms:Dec*"] }
      )
    )
    expect(ruling(policy, alice, "kms:Encrypt")).toStrictEqual({
      effect: "Allow",
      by: { policy: "key policy", statement: 0 }
    })
    expect(ruling(policy, alice, "KMS:decrypt").effect).toBe("Deny")
    expect(ruling(policy, { ...alice, kind: "role" }, "kms:Decrypt").effect).toBe("Allow")
    expect(ruling(policy, { ...alice, name: "Alice" }, "kms:Decrypt").effect).toBe("Allow")
    expect(ruling(policy, { ...alice, account: AccountId.make("11") }, "kms:Encrypt").effect).toBe("Implicit")
  })

  const elements = "Sid, Effect, Principal, Action, Resource, Condition"
  it.each([
    ["Statement[0].Principal is missing.", { Principal: undefined }],
    ["Statement[0].Resource is missing.", { Resource: undefined }],
    ["Statement[0].Action is missing.", { Action: undefined }],
    ['Statement[0].Resource is "acs:kms:*:*:key/*", but must be *.', { Resource: "acs:kms:*:*:key/*" }],
    ['Statement[0].Action[1] is "oss:Get", but must be kms:<operation>.', { Action: ["kms:*", "oss:Get"] }],
    ['Statement[0].Action is "*", but must be kms:<operation>.', { Action: "*" }],
    [`Statement[0].NotAction is unknown; the allowed members are ${elements}.`, { NotAction: "kms:*" }],
    [`Statement[0].NotPrincipal is unknown; the allowed members are ${elements}.`, { NotPrincipal: { RAM: "*" } }],
    [`Statement[0].NotResource is unknown; the allowed members are ${elements}.`, { NotResource: "*" }],
    [`Statement[0].sid is unknown; the allowed members are ${elements}.`, { sid: "a" }],
    ["Statement[0].Principal must be an object.", { Principal: "*" }],
    ["Statement[0].Principal must not be empty.", { Principal: {} }],
    ["Statement[0].Principal.RAM must not be empty.", { Principal: { RAM: [] } }],
    ["Statement[0].Principal.RAM must be a string.", { Principal: { RAM: null } }],
    ["Statement[0].Principal.Service is unknown; the allowed members are RAM.", { Principal: { Service: ["a"] } }],
    ["Statement[0].Principal.ram is unknown; the allowed members are RAM.", { Principal: { ram: ["acs:ram::1:*"] } }],
    ['Statement[0].Sid is "a:b", but must have 1 to 128 letters, digits, spaces and _/+=.@-.', { Sid: "a:b" }],
    ["Statement[0].Sid is not a string, but must have 1 to 128 letters, digits, spaces and _/+=.@-.", { Sid: ["a"] }]
  ])("refuses a key policy: %s", (sentence, change) => {
    expect(refusalOf(keyPolicyForm, documentOf({ ...grant, ...change }))).toBe(sentence)
  })

  it.each([
    "*",
    "1",
    "acs:ram::1",
    "acs:ram::1:",
    "acs:ram::*:root",
    "acs:ram::1:user/*",
    "acs:ram::1:user/",
    "acs:ram::1:user/a b",
    "acs:ram::1:group/g",
    "acs:ram::1:Root",
    "acs:ram::1:assumed-role/r/s",
    "acs:ram:*:1:root",
    "acs:ram::12345678901234567:root",
    "acs:ram::1:root\n",
    `acs:ram::1:user/${"a".repeat(65)}`
  ])("refuses a key policy for the principal %j", (written) => {
    expect(refusalOf(keyPolicyForm, documentOf({ ...grant, Principal: { RAM: ["acs:ram::1:*", written] } }))).toMatch(
      /^Statement\[0\]\.Principal\.RAM\[1\] is ".*", but must be acs:ram::<account>:root, /
    )
  })

  it("a key policy has at most 32,768 bytes, counted in UTF-8", () => {
    const padded = (text: string, length: number): string => documentOf(grant).replace("}]", `${text}}]`).padEnd(length)
    expect(Result.isSuccess(parseResourcePolicy(keyPolicyForm, padded("", keyPolicyBytesMax)))).toBe(true)
    const sentence = "The document is longer than 32768 bytes."
    expect(refusalOf(keyPolicyForm, padded("", keyPolicyBytesMax + 1))).toBe(sentence)
    const wide = `,"Condition":{"StringEquals":{"kms:tag/a":"${"加".repeat(11_000)}"}}`
    expect(padded(wide, 0).length).toBeLessThan(keyPolicyBytesMax)
    expect(refusalOf(keyPolicyForm, padded(wide, 0))).toBe(sentence)
  })
})

describe("a trust policy", () => {
  it("a trust policy takes accounts, users, roles, services and identity providers, and has no Resource", () => {
    const principals = {
      RAM: ["acs:ram::1:root", "acs:ram::1:user/alice", "acs:ram::2:role/ops"],
      Service: ["ecs.aliyuncs.com", "1@actiontrail.aliyuncs.com"],
      Federated: ["acs:ram::1:saml-provider/idp", "acs:ram::1:oidc-provider/idp"]
    }
    const policy = read(trustPolicyForm, documentOf({ ...trust, Principal: principals }))
    expect(policy.statements[0]?.principals.map(({ of }) => of)).toStrictEqual([
      "root",
      "user",
      "role",
      "service",
      "service",
      "saml-provider",
      "oidc-provider"
    ])
    expect(formatResourcePolicy(policy)).toBe(documentOf({ ...trust, Principal: principals, Action: "sts:AssumeRole" }))
    expect(refusalOf(trustPolicyForm, documentOf({ ...trust, Resource: "*" }))).toBe(
      "Statement[0].Resource is unknown; the allowed members are Effect, Principal, Action, Condition."
    )
    expect(refusalOf(trustPolicyForm, documentOf({ ...trust, Action: "kms:Encrypt" }))).toBe(
      'Statement[0].Action is "kms:Encrypt", but must be sts:<operation>.'
    )
  })

  it("a trust policy tests attributes of the request, and refuses a condition key that no such request has", () => {
    const Condition = { StringEquals: { "sts:ExternalId": "abc" } }
    const policy = read(trustPolicyForm, documentOf({ ...trust, Condition }))
    expect(ruling(policy, alice, "sts:AssumeRole").effect).toBe("Implicit")
    expect(ruling(policy, alice, "sts:AssumeRole", new Map([["sts:ExternalId", "abc"]])).effect).toBe("Allow")
    const unknown = { StringEquals: { "oss:Prefix": "abc" } }
    expect(refusalOf(trustPolicyForm, documentOf({ ...trust, Condition: unknown }))).toMatch(
      /^Statement\[0\]\.Condition\.StringEquals\["oss:Prefix"\] is not a condition key .*sts:ExternalId/
    )
  })

  it("refuses a trust policy that is longer than the limit", () => {
    expect(refusalOf(trustPolicyForm, documentOf(trust).padEnd(trustPolicyCharsMax + 1))).toBe(
      `The document is longer than ${trustPolicyCharsMax} characters.`
    )
  })

  it.each([
    "ecs",
    "ecs.aliyuncs.com.evil.org",
    "ECS.aliyuncs.com",
    "*.aliyuncs.com",
    "x@ecs.aliyuncs.com",
    ".aliyuncs.com"
  ])("refuses a trust policy for the service %j", (Service) => {
    expect(refusalOf(trustPolicyForm, documentOf({ ...trust, Principal: { Service } }))).toMatch(
      /^Statement\[0\]\.Principal\.Service is ".*", but must be <service>\.aliyuncs\.com/
    )
  })
})

describe("a generated resource-based policy", () => {
  const oneOrMore = <A>(item: fc.Arbitrary<A>) => fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }))
  const accounts = fc.constantFrom("1", "2")
  const ram = fc
    .tuple(accounts, fc.constantFrom("root", "*", "user/a", "user/b", "role/a"))
    .map(([account, rest]) => `acs:ram::${account}:${rest}`)
  const statement = fc.record(
    {
      Sid: fc.constantFrom("one", "a b", "_/+=.@-"),
      Effect: fc.constantFrom("Allow", "Deny"),
      Principal: oneOrMore(ram).map((RAM) => ({ RAM })),
      Action: oneOrMore(fc.constantFrom("kms:*", "kms:Encrypt", "KMS:encrypt", "kms:?ncrypt", "kms:Decrypt")),
      Resource: fc.constantFrom("*", ["*"]),
      Condition: fc.constantFrom(
        { StringEquals: { "kms:tag/a": "x" } },
        { StringNotEquals: { "kms:tag/a": ["x", "y"] } },
        { Bool: { "acs:SecureTransport": "true" } }
      )
    },
    { requiredKeys: ["Effect", "Principal", "Action", "Resource"] }
  )
  const statements = fc.array(statement, { minLength: 1, maxLength: 4 })
  const identity: fc.Arbitrary<Identity> = fc.record({
    kind: fc.constantFrom("user", "role"),
    account: accounts.map((account) => AccountId.make(account)),
    name: fc.constantFrom("a", "b")
  })
  const actions = fc.constantFrom("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey")
  const tag = fc.constantFrom(undefined, "x", "y", "z")

  type Written = Readonly<Record<string, unknown>>
  const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

  /** The rules again, applied to the JSON without the product's parser. */
  const covers = (written: Written, who: Identity, action: string, tagValue: string | undefined): boolean => {
    const { RAM } = written["Principal"] as { RAM: unknown }
    const mine = new Set([
      `acs:ram::${who.account}:root`,
      `acs:ram::${who.account}:*`,
      `acs:ram::${who.account}:${who.kind}/${who.name}`
    ])
    const isNamed = listOf(RAM).some((each) => mine.has(String(each)))
    const isAction = listOf(written["Action"]).some((each) =>
      new RegExp(`^${String(each).replaceAll("*", ".*").replaceAll("?", ".")}$`, "i").test(action)
    )
    const condition = JSON.stringify(written["Condition"] ?? null)
    const holds =
      condition === "null" ||
      condition.startsWith('{"Bool"') ||
      (condition.startsWith('{"StringEquals"') ? tagValue === "x" : tagValue !== "x" && tagValue !== "y")
    return isNamed && isAction && holds
  }

  const expected = (list: ReadonlyArray<Written>, ...asked: [Identity, string, string | undefined]): string => {
    const covering = new Set(list.filter((each) => covers(each, ...asked)).map((each) => each["Effect"]))
    if (covering.has("Deny")) return "Deny"
    return covering.has("Allow") ? "Allow" : "Implicit"
  }

  const rule = (list: ReadonlyArray<Written>, who: Identity, action: string, tagValue: string | undefined): string => {
    const policy = read(keyPolicyForm, documentOf(...list))
    const tags = new Map(tagValue === undefined ? [] : [["a", tagValue]])
    return evaluateResourcePolicy({ name: "p", policy }, (principal) => names(principal, who), {
      action,
      attributes: { ...circumstances, tags }
    }).effect
  }

  it("the evaluator decides a resource-based policy as a simple reading of its JSON does", () => {
    fc.assert(
      fc.property(statements, identity, actions, tag, (list, who, action, value) => {
        expect(rule(list, who, action, value)).toBe(expected(list, who, action, value))
      }),
      { numRuns: 500 }
    )
  })

  it("a resource-based policy allows no more with another Deny, and no less with another Allow", () => {
    fc.assert(
      fc.property(statements, statement, identity, actions, tag, (list, added, who, action, value) => {
        const before = rule(list, who, action, value)
        const denied = rule([...list, { ...added, Effect: "Deny" }], who, action, value)
        const allowed = rule([...list, { ...added, Effect: "Allow" }], who, action, value)
        expect(denied === "Allow" && before !== "Allow").toBe(false)
        expect(before === "Allow" && allowed !== "Allow").toBe(false)
        expect(before === "Deny" && allowed !== "Deny").toBe(false)
      })
    )
  })

  it("a resource-based policy is written back in one form, which is read the same", () => {
    fc.assert(
      fc.property(statements, fc.nat(3), (list, indent) => {
        const json = JSON.stringify({ Statement: list, Version: "1" }, undefined, indent)
        const once = formatResourcePolicy(read(keyPolicyForm, json))
        expect(formatResourcePolicy(read(keyPolicyForm, once))).toBe(once)
      })
    )
  })

  it("refuses a resource-based policy with one renamed member, and names that member", () => {
    const foreign = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(..."abcSEPAR_") })
    fc.assert(
      fc.property(statement, foreign, (one, name) => {
        fc.pre(!["Sid", "Effect", "Principal", "Action", "Resource", "Condition"].includes(name))
        expect(refusalOf(keyPolicyForm, documentOf({ ...one, [name]: "x" }))).toContain(name)
      })
    )
  })

  it("the parser of resource-based policies never throws, after any cut or insertion", () => {
    const piece = fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "1", "null", " ", "\u0000", "*", "RAM")
    const whole = documentOf({ ...grant, Sid: "a", Condition: { StringEquals: { "kms:tag/a": ["b", "c"] } } })
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(3), piece, fc.boolean(), (at, cut, inserted, isKeyPolicy) => {
        const json = whole.slice(0, at) + inserted + whole.slice(at + cut)
        const policy = parseResourcePolicy(isKeyPolicy ? keyPolicyForm : trustPolicyForm, json)
        if (Result.isSuccess(policy)) expect(() => JSON.parse(json)).not.toThrow()
        else expect(policy.failure.message).toMatch(/^[A-Za-z[].*\.$/s)
      }),
      { numRuns: 3000 }
    )
  })
})
