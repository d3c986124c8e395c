/** Conditions: each operator with matching values, other values and absent attributes. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Attributes } from "../../src/authorization/attributes.ts"
import { operators } from "../../src/authorization/operators.ts"
import { documentOf, policyOf, refusalOf, ruling } from "./policies.ts"

const statement = (Condition: unknown, Effect = "Allow") => ({ Effect, Action: "*", Resource: "*", Condition })

const holds = (condition: unknown, attributes: Partial<Attributes> = {}): boolean =>
  ruling([policyOf(statement(condition))], "kms:Encrypt", "acs:kms:cn-hangzhou:1:key/a", attributes).effect === "Allow"

const refusal = (condition: unknown): string => refusalOf(documentOf(statement(condition)))

const tagged = (value: string): Partial<Attributes> => ({ tags: new Map([["x", value]]) })
const at = (instant: string): Partial<Attributes> => ({ currentTimeMillis: Date.parse(instant) })
const noon = "2026-11-24T12:00:00Z"

/** Operator, value, attributes that match, and attributes that do not. */
const table: ReadonlyArray<readonly [string, string, ReadonlyArray<string>, ReadonlyArray<string>]> = [
  ["StringEquals", "Blue", ["Blue"], ["blue", "Blu", "Blue ", ""]],
  ["StringEquals", "B*", ["B*"], ["Blue"]],
  ["StringEquals", "", [""], ["x"]],
  ["StringNotEquals", "Blue", ["blue", "", "Blues"], ["Blue"]],
  ["StringEqualsIgnoreCase", "Blue", ["blue", "BLUE", "Blue"], ["Blu", "green"]],
  ["StringEqualsIgnoreCase", "ÉTÉ", ["été"], ["ete"]],
  ["StringNotEqualsIgnoreCase", "Blue", ["green", "b"], ["BLUE", "blue"]],
  ["StringLike", "B*e?", ["Blues", "Bee."], ["Blue", "blues"]],
  ["StringNotLike", "B*", ["blue", ""], ["B", "Blue"]],
  ["NumericEquals", "10", ["10", "10.0", "010"], ["11", "-10", "9.99"]],
  ["NumericEquals", "0", ["0", "-0"], ["0.1"]],
  ["NumericNotEquals", "10", ["11", "-10"], ["10", "10.00"]],
  ["NumericLessThan", "10", ["9", "9.9", "-11"], ["10", "11"]],
  ["NumericLessThanEquals", "10", ["9", "10"], ["10.1", "11"]],
  ["NumericGreaterThan", "-1.5", ["-1.4", "0", "9"], ["-1.5", "-2"]],
  ["NumericGreaterThanEquals", "10", ["10", "11"], ["9.5", "-10"]],
  ["DateEquals", noon, [noon, "2026-11-24T20:00:00+08:00"], ["2026-11-24T12:00:01Z"]],
  ["DateNotEquals", noon, ["2026-11-24T12:00:01Z"], [noon, "2026-11-24T07:00:00-05:00"]],
  ["DateLessThan", noon, ["2026-11-24T11:59:59Z"], [noon, "2027-01-01T00:00:00Z"]],
  ["DateLessThanEquals", noon, ["2026-11-24T11:59:59Z", noon], ["2026-11-24T12:00:01Z"]],
  ["DateGreaterThan", noon, ["2026-11-24T12:00:01Z"], [noon, "2020-01-01T00:00:00Z"]],
  ["DateGreaterThanEquals", noon, [noon, "2026-11-24T12:00:01Z"], ["2026-11-24T11:59:59Z"]],
  ["Bool", "true", ["true", "TRUE"], ["false"]],
  ["Bool", "False", ["false"], ["true"]],
  ["IpAddress", "10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::1"]],
  ["IpAddress", "10.0.0.7", ["10.0.0.7"], ["10.0.0.8"]],
  ["NotIpAddress", "10.0.0.0/8", ["11.0.0.0", "2001:db8::1"], ["10.0.0.7", "::ffff:a00:7"]]
]

/** Text that operators of the group cannot compare. String operators compare every text. */
const foreign: Record<string, string> = { Numeric: "ten", Date: "today", Bool: "yes", IpAddress: "localhost" }

describe.each(table)("%s %s", (operator, value, met, unmet) => {
  const condition = { [operator]: { "kms:tag/x": value } }

  it("a condition holds for matching attributes and for no others", () => {
    for (const given of met) expect([given, holds(condition, tagged(given))]).toStrictEqual([given, true])
    for (const given of unmet) expect([given, holds(condition, tagged(given))]).toStrictEqual([given, false])
  })

  it("a condition holds for an absent or incomparable attribute only if the operator is negative", () => {
    const { group, isNegative } = operators.get(operator) ?? {}
    expect(isNegative).toBe(operator.includes("Not"))
    expect(holds(condition)).toBe(isNegative)
    const text = foreign[group ?? ""]
    expect(text === undefined || holds(condition, tagged(text)) === isNegative).toBe(true)
  })
})

describe("the table of operators", () => {
  it("the tests cover every operator of policy conditions", () => {
    expect([...new Set(table.map(([name]) => name))].toSorted()).toStrictEqual([...operators.keys()].toSorted())
    expect(operators.size).toBe(21)
  })
})

describe("a condition", () => {
  const tags = new Map([
    ["a", "1"],
    ["b", "2"]
  ])

  it("a condition holds if one of its values matches", () => {
    const either = { StringEquals: { "kms:tag/a": ["0", "1"] } }
    expect(holds(either, { tags })).toBe(true)
    expect(holds({ StringEquals: { "kms:tag/a": ["0", "2"] } }, { tags })).toBe(false)
  })

  it("a condition with a negative operator holds only if no value matches", () => {
    expect(holds({ StringNotEquals: { "kms:tag/a": ["0", "1"] } }, { tags })).toBe(false)
    expect(holds({ StringNotEquals: { "kms:tag/a": ["0", "2"] } }, { tags })).toBe(true)
    expect(holds({ NotIpAddress: { "acs:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"] } })).toBe(false)
  })

  it("a condition needs every key and every operator to hold", () => {
    fc.assert(
      fc.property(fc.constantFrom("1", "x"), fc.constantFrom("2", "x"), fc.constantFrom("1*", "x"), (a, b, like) => {
        const condition = { StringEquals: { "kms:tag/a": a, "kms:tag/b": b }, StringLike: { "kms:tag/a": like } }
        expect(holds(condition, { tags })).toBe(a === "1" && b === "2" && like === "1*")
      })
    )
  })

  it("a condition on a Deny refuses only requests for which the condition holds", () => {
    const policies = [
      policyOf(
        { Effect: "Allow", Action: "*", Resource: "*" },
        statement({ Bool: { "acs:SecureTransport": "false" } }, "Deny")
      )
    ]
    const effect = (secureTransport: boolean) => ruling(policies, "kms:Encrypt", "*", { secureTransport }).effect
    expect([effect(true), effect(false)]).toStrictEqual(["Allow", "Deny"])
  })

  it("conditions compare the time in whole seconds", () => {
    const until = { DateLessThanEquals: { "acs:CurrentTime": "2026-11-24T20:00:00+08:00" } }
    expect(holds(until, at(noon))).toBe(true)
    expect(holds(until, at("2026-11-24T12:00:00.999Z"))).toBe(true)
    expect(holds(until, at("2026-11-24T12:00:01Z"))).toBe(false)
    expect(holds({ DateEquals: { "acs:CurrentTime": noon } }, at("2026-11-24T12:00:00.500Z"))).toBe(true)
  })

  it("conditions read the channel, the second factor and the address of the caller", () => {
    expect(holds({ Bool: { "acs:SecureTransport": true } })).toBe(true)
    expect(holds({ Bool: { "acs:MFAPresent": "true" } }, { mfaPresent: true })).toBe(true)
    expect(holds({ Bool: { "acs:MFAPresent": "false" } }, { mfaPresent: true })).toBe(false)
    expect(holds({ Bool: { "acs:MFAPresent": ["true", "false"] } }, { mfaPresent: undefined })).toBe(false)
    expect(holds({ IpAddress: { "acs:SourceIp": "10.0.0.7" } })).toBe(true)
    expect(holds({ IpAddress: { "acs:SourceIp": "0.0.0.0/0" } }, { sourceIp: undefined })).toBe(false)
    expect(holds({ NotIpAddress: { "acs:SourceIp": "0.0.0.0/0" } }, { sourceIp: undefined })).toBe(true)
  })

  it("a condition finds a tag by its exact key, also an unusual one", () => {
    for (const key of ["Project", "a:b/c", "__proto__", "constructor", " "]) {
      const condition = { StringEqualsIgnoreCase: { [`kms:tag/${key}`]: "apollo" } }
      expect(holds(condition, { tags: new Map([[key, "Apollo"]]) })).toBe(true)
      expect(holds(condition, { tags: new Map([[`${key}x`, "Apollo"]]) })).toBe(false)
      expect(holds(condition)).toBe(false)
    }
    expect(holds({ StringEquals: { "kms:tag/project": "Apollo" } }, { tags: new Map([["Project", "Apollo"]]) })).toBe(
      false
    )
  })

  it("conditions find no attribute for a key of another service or of a private cloud", () => {
    for (const key of ["oss:Prefix", "ecs:tag/x", "acs:SourceVpc"]) {
      expect(holds({ StringLike: { [key]: "*" } })).toBe(false)
      expect(holds({ StringNotLike: { [key]: "*" } })).toBe(true)
    }
    expect(holds({ IpAddress: { "acs:VpcSourceIp": "0.0.0.0/0" } })).toBe(false)
  })

  it("conditions accept numbers, true and false without quotes", () => {
    expect(holds({ NumericLessThan: { "kms:tag/a": 2.5 } }, { tags })).toBe(true)
    expect(holds({ NumericEquals: { "kms:tag/a": [7, 1] } }, { tags })).toBe(true)
    expect(holds({ StringEquals: { "kms:tag/a": 1 } }, { tags })).toBe(true)
  })
})

describe("a value that an operator cannot read", () => {
  const unreadable: Record<string, ReadonlyArray<unknown>> = {
    NumericEquals: [
      "",
      "ten",
      "1e3",
      1e21,
      "0x10",
      " 1",
      "1.",
      ".5",
      "+1",
      "NaN",
      "Infinity",
      "1234567890123456",
      true
    ],
    DateLessThan: [
      "2026-02-30T00:00:00Z",
      "2026-11-24",
      "2026-11-24 12:00:00Z",
      "2026-11-24T12:00:00",
      "2026-11-24T24:00:00Z",
      "2026-11-24T12:00:00+24:00",
      "2026-11-24T12:00:00+0800",
      "2026-02-30T00:00:00+08:00",
      "now",
      1795521600000
    ],
    Bool: ["yes", "", "1", 1, "true "],
    IpAddress: [
      "",
      "10.0.0",
      "10.0.0.256",
      "010.0.0.1",
      "10.0.0.0/33",
      "10.0.0.0/",
      "10.0.0.0/08",
      "10.0.0.0/-1",
      "10.0.0.0/8/8",
      "::/129",
      "1::2::3",
      ":1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::8",
      "1.2.3.4::",
      "fe80::1%eth0",
      "12345::",
      "localhost",
      "10.0.*"
    ]
  }

  it.each(Object.entries(unreadable))(
    "a policy is refused with a reason for the value of %s that its operator cannot read",
    (operator, values) => {
      for (const value of values) {
        const sentence = refusal({ [operator]: { "kms:tag/x": [value] } })
        expect([value, sentence]).toStrictEqual([
          value,
          `Statement[0].Condition.${operator}["kms:tag/x"][0] is "${String(value)}", which is not a value for ${operator}.`
        ])
      }
    }
  )

  it("an unreadable value is refused under a negative operator too, and next to valid values", () => {
    expect(refusal({ NotIpAddress: { "acs:SourceIp": ["10.0.0.1", "10.0.0.1/40"] } })).toBe(
      'Statement[0].Condition.NotIpAddress["acs:SourceIp"][1] is "10.0.0.1/40", which is not a value for NotIpAddress.'
    )
  })
})

describe("conditions that can never hold", () => {
  it("a policy is refused for an unknown operator, an unknown condition key, or an unsuitable operator", () => {
    expect(refusal({ StringMatches: { "kms:tag/x": "a" } })).toMatch(/^Statement\[0\]\.Condition\.StringMatches is no/)
    expect(refusal({ stringEquals: { "kms:tag/x": "a" } })).toMatch(/is not a condition operator/)
    for (const key of [
      "acs:SourceIP",
      "acs:sourceip",
      "ACS:SourceIp",
      "kms:tag/",
      "kms:Tag/x",
      "Kms:x",
      "tag",
      ":x",
      ""
    ]) {
      expect([key, refusal({ StringEquals: { [key]: "a" } })]).toStrictEqual([
        key,
        expect.stringMatching(/ is not a condition key that can be evaluated here; those are acs:CurrentTime, /)
      ])
    }
    for (const key of [
      "acs:PrincipalTag/a",
      "acs:ResourceTag",
      "acs:ResourceTag/",
      "acs:resourcetag/a",
      "acs:RequestTag/"
    ]) {
      expect(refusal({ StringEquals: { [key]: "a" } })).toMatch(
        / is not a condition key that can be evaluated here; those are .*acs:RequestTag\/<tag-key>\.$/
      )
    }
    for (const operator of [
      "StringEqualsIfExists",
      "ForAllValues:StringEquals",
      "ForAnyValue:StringLike",
      "Null",
      "BinaryEquals",
      "ArnLike"
    ]) {
      expect(refusal({ [operator]: { "kms:tag/x": "a" } })).toMatch(
        / is not a condition operator; they are StringEquals, /
      )
    }
    expect(refusal({ StringLike: { "acs:SourceIp": "10.*" } })).toBe(
      'Statement[0].Condition.StringLike["acs:SourceIp"] is compared by the operators of the group IpAddress, ' +
        "and StringLike is not one."
    )
  })

  it("a policy is refused for an empty condition, operator or list", () => {
    for (const empty of [{}, { StringEquals: {} }, { StringEquals: { "kms:tag/x": [] } }]) {
      expect(refusal(empty)).toMatch(/^Statement\[0\]\.Condition.* must not be empty\.$/)
    }
  })
})
