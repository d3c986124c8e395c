/** Policy documents: accepted ones are written back in one form, and others are refused with a sentence. */
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { operators } from "../../src/authorization/operators.ts"
import { formatPolicy, parsePolicy } from "../../src/authorization/policy.ts"
import { policyCharsMax } from "../../src/domain/limits.ts"
import { documentOf, policy, policyOf, refusalOf, ruling } from "./policies.ts"

const fine = { Effect: "Allow", Action: "kms:Encrypt", Resource: "acs:kms:*:*:key/*" }
const written = JSON.stringify(fine)
const accepted = (json: string): boolean => Result.isSuccess(parsePolicy(json))
const format = (json: string): string => formatPolicy(policy(json).policy)

describe("policy documents", () => {
  it("a policy document is written back without spaces and single-item lists, and keeps its meaning", () => {
    const loose = `{ "Statement" : [ { "Resource": ["*"], "Action": [ "kms:*", "oss:Get?" ], "Condition": {
      "NumericLessThan": { "kms:tag/a": [ 1.50 ] }, "Bool": { "acs:MFAPresent": true } }, "Effect": "Deny" } ], "Version": "1" }`
    expect(format(loose)).toBe(
      '{"Version":"1","Statement":[{"Effect":"Deny","Action":["kms:*","oss:Get?"],"Resource":"*",' +
        '"Condition":{"NumericLessThan":{"kms:tag/a":"1.50"},"Bool":{"acs:MFAPresent":"true"}}}]}'
    )
    const attributes = { mfaPresent: true, tags: new Map([["a", "1"]]) }
    for (const json of [loose, format(loose)]) {
      expect(ruling([policy(json)], "kms:Encrypt", "*", attributes).effect).toBe("Deny")
      expect(ruling([policy(json)], "kms:Encrypt", "*").effect).toBe("Implicit")
    }
  })

  it("a policy document that was written back is accepted again and does not change", () => {
    const value = fc.oneof(fc.string({ unit: "grapheme", maxLength: 6 }), fc.constantFrom("*", "a*", "?", '"\\\n'))
    const oneOrMore = <A>(item: fc.Arbitrary<A>) => fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }))
    const key = fc.constantFrom("kms:tag/a", "kms:tag/__proto__", "kms:tag/\u{1f511} ", "oss:Prefix")
    const statement = fc.record(
      {
        Effect: fc.constantFrom("Allow", "Deny"),
        Action: oneOrMore(fc.constantFrom("*", "kms:*", "KMS:Encrypt", "oss:Get?")),
        Resource: oneOrMore(fc.constantFrom("*", "acs:kms:*:*:key/*", "acs:oss::1:b/ü:*")),
        Condition: fc.dictionary(
          fc.constantFrom("StringEquals", "StringLike", "StringNotLike"),
          fc.dictionary(key, oneOrMore(value), { minKeys: 1 }),
          { minKeys: 1 }
        )
      },
      { requiredKeys: ["Effect", "Action", "Resource"] }
    )
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), fc.nat(3), (statements, indent) => {
        const json = JSON.stringify({ Version: "1", Statement: statements }, undefined, indent)
        const once = format(json)
        expect(format(once)).toBe(once)
        expect(once.length).toBeLessThanOrEqual(json.length)
      })
    )
  })

  it("a policy document may be as long as RAM allows, as sent and as written back", () => {
    const padded = (length: number): string => documentOf(fine).padEnd(length, " ")
    expect(accepted(padded(policyCharsMax))).toBe(true)
    expect(refusalOf(padded(policyCharsMax + 1))).toBe("The document is longer than 6144 characters.")
    const numbers = `{"NumericEquals":{"kms:tag/a":[${"1,".repeat(2_900)}1]}}`
    const bare = documentOf(fine).replace("}]", `,"Condition":${numbers}}]`)
    expect(bare.length).toBeLessThan(policyCharsMax)
    expect(refusalOf(bare)).toBe("The document is longer than 6144 characters.")
  })
})

describe("refused policy documents", () => {
  const statement = (member: string): string => `{"Version":"1","Statement":[${written.slice(0, -1)},${member}}]}`
  const without = (name: string): string => documentOf({ ...fine, [name]: undefined })

  it.each([
    ["", "The document is not well-formed JSON near character 1."],
    ["[]", "The document must be an object."],
    ['"1"', "The document must be an object."],
    ["null", "The document must be an object."],
    ["{}", "The document must not be empty."],
    ['{"Version":"1"}', "Statement is missing."],
    [`{"Statement":[${written}]}`, "Version is missing."],
    [`{"Version":1,"Statement":[${written}]}`, 'Version must be "1".'],
    [`{"Version":"2012-10-17","Statement":[${written}]}`, 'Version must be "1".'],
    [`{"Version":"1","Statement":${written}}`, "Statement must be a list."],
    ['{"Version":"1","Statement":[]}', "Statement must not be empty."],
    ['{"Version":"1","Statement":[null]}', "Statement[0] must be an object."],
    [`{"Version":"1","Statement":[${written},{}]}`, "Statement[1] must not be empty."],
    [`{"Version":"1","Statement":[${written}],"Id":"a"}`, "Id is unknown; the allowed members are Version, Statement."],
    [statement('"NotAction":"*"'), "Statement[0].NotAction must not be given together with Action."],
    [
      statement('"NotResource":"*"'),
      "Statement[0].NotResource is unknown; the allowed members are Effect, Action, NotAction, Resource, Condition."
    ],
    [
      statement('"Principal":{"RAM":"acs:ram::1:root"}'),
      "Statement[0].Principal is unknown; the allowed members are Effect, Action, NotAction, Resource, Condition."
    ],
    [
      statement('"__proto__":{"Effect":"Deny"}'),
      'Statement[0]["__proto__"] is unknown; the allowed members are Effect, Action, NotAction, Resource, Condition.'
    ],
    [
      statement('"effect":"Deny"'),
      "Statement[0].effect is unknown; the allowed members are Effect, Action, NotAction, Resource, Condition."
    ],
    [statement('"Effect":"Allow"'), "Statement[0].Effect is given twice."],
    [statement('"\\u0045ffect":"Allow"'), "Statement[0].Effect is given twice."],
    [`{"Version":"1","Version":"1","Statement":[${written}]}`, "Version is given twice."],
    [
      statement('"Condition":{"Bool":{"acs:MFAPresent":"true","acs:MFAPresent":"false"}}'),
      'Statement[0].Condition.Bool["acs:MFAPresent"] is given twice.'
    ],
    [without("Effect"), "Statement[0].Effect is missing."],
    [without("Action"), "Statement[0].Action is missing, and so is NotAction."],
    [without("Resource"), "Statement[0].Resource is missing."],
    [documentOf({ ...fine, Effect: "allow" }), 'Statement[0].Effect must be "Allow" or "Deny".'],
    [documentOf({ ...fine, Effect: ["Allow"] }), 'Statement[0].Effect must be "Allow" or "Deny".'],
    [documentOf({ ...fine, Action: [] }), "Statement[0].Action must not be empty."],
    [documentOf({ ...fine, Action: ["*", 5] }), "Statement[0].Action[1] must be a string."],
    [documentOf({ ...fine, Action: { a: "*" } }), "Statement[0].Action must be a string."],
    [documentOf({ ...fine, Action: [["*"]] }), "Statement[0].Action[0] must be a string."],
    [documentOf({ ...fine, Resource: null }), "Statement[0].Resource must be a string."],
    [documentOf({ ...fine, Condition: [] }), "Statement[0].Condition must be an object."],
    [documentOf({ ...fine, Condition: null }), "Statement[0].Condition must be an object."],
    [documentOf({ ...fine, Condition: { Bool: "true" } }), "Statement[0].Condition.Bool must be an object."],
    [
      documentOf({ ...fine, Condition: { StringEquals: { "kms:tag/a": null } } }),
      'Statement[0].Condition.StringEquals["kms:tag/a"] must be a string.'
    ],
    [
      documentOf({ ...fine, Condition: { StringEquals: { "kms:tag/a": [{ b: 1 }] } } }),
      'Statement[0].Condition.StringEquals["kms:tag/a"][0] is nested deeper than any part of a policy.'
    ]
  ])("refuses the policy document %j and names the place of the fault", (json, sentence) => {
    expect(refusalOf(json)).toBe(sentence)
  })

  it.each(["Encrypt", "", "kms", "kms:", ":Encrypt", "kms:a:b", "kms:Encrypt ", "**", "\u212ams:Encrypt", "kms:加密"])(
    "refuses the action %j in a policy document",
    (Action) => {
      expect(refusalOf(documentOf({ ...fine, Action }))).toBe(
        `Statement[0].Action is ${JSON.stringify(Action)}, but must be * or <service>:<operation>.`
      )
    }
  )

  it.each([
    "",
    "**",
    "key/a",
    "acs:kms",
    "acs:kms:*",
    "acs:kms:*:*",
    "acs:kms:*:*:",
    "arn:kms:*:*:key/a",
    "*:kms:*:*:a"
  ])("refuses the resource %j in a policy document", (Resource) => {
    expect(refusalOf(documentOf({ ...fine, Resource }))).toBe(
      `Statement[0].Resource is ${JSON.stringify(Resource)}, but must be * or acs:<service>:<region>:<account>:<relative>.`
    )
  })
})

describe("NotAction", () => {
  const except = (NotAction: unknown, Effect = "Allow"): object => ({ Effect, NotAction, Resource: "*" })

  it("NotAction covers every unnamed operation, in any case, and is written back", () => {
    const json = documentOf(except(["kms:Decrypt", "ram:*"]))
    expect(format(json)).toBe(json)
    expect(ruling([policy(json)], "kms:Encrypt", "*").effect).toBe("Allow")
    expect(ruling([policy(json)], "kms:decrypt", "*").effect).toBe("Implicit")
    expect(ruling([policy(json)], "ram:CreateUser", "*").effect).toBe("Implicit")
  })

  it("NotAction in a Deny leaves the named operations to the other statements", () => {
    const both = [policyOf({ ...fine, Resource: "*", Action: "kms:*" }), policyOf(except("kms:Encrypt", "Deny"))]
    expect(ruling(both, "kms:Encrypt", "*").effect).toBe("Allow")
    expect(ruling(both, "kms:Decrypt", "*").effect).toBe("Deny")
    expect(ruling(both.slice(1), "kms:Encrypt", "*").effect).toBe("Implicit")
  })

  it("NotAction matches exactly the operations that Action with the same patterns does not match", () => {
    const patterns = fc.array(fc.constantFrom("*", "kms:*", "kms:Enc*", "KMS:?ecrypt", "oss:Get", "kms:Encrypt"), {
      minLength: 1,
      maxLength: 3
    })
    const action = fc.constantFrom("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "oss:Get", "ram:CreateUser")
    fc.assert(
      fc.property(patterns, action, (written, asked) => {
        const inside = ruling([policyOf({ ...fine, Resource: "*", Action: written })], asked, "*").effect
        const outside = ruling([policyOf(except(written))], asked, "*").effect
        expect([inside, outside].sort()).toStrictEqual(["Allow", "Implicit"])
      })
    )
  })

  it.each([
    [[], "Statement[0].NotAction must not be empty."],
    ["Encrypt", 'Statement[0].NotAction is "Encrypt", but must be * or <service>:<operation>.'],
    [5, "Statement[0].NotAction must be a string."]
  ])("refuses a statement with the NotAction %j", (NotAction, sentence) => {
    expect(refusalOf(documentOf(except(NotAction)))).toBe(sentence)
  })
})

describe("hostile policy documents", () => {
  it("refuses a policy document that is nested too deeply, at any depth", () => {
    const deep = /is nested deeper than any part of a policy\.$/
    for (const open of ["[", '{"a":', '{"Statement":[']) {
      expect(refusalOf(open.repeat(400))).toMatch(deep)
    }
    expect(refusalOf(documentOf({ ...fine, Action: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) }))).toMatch(deep)
  })

  it("refuses a policy document that is too long without parsing the document", () => {
    expect(refusalOf("[".repeat(10_000_000))).toBe("The document is longer than 6144 characters.")
  })

  it("a policy document with __proto__ or constructor changes no prototype", () => {
    const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]
    for (const name of names) {
      const member = JSON.stringify(name)
      for (const json of [
        `{${member}:{"polluted":"yes"},"Version":"1","Statement":[${written}]}`,
        `{"Version":"1","Statement":[{${member}:"x",${written.slice(1)}]}`,
        `{"Version":"1","Statement":[${written.slice(0, -1)},"Condition":{${member}:{"kms:tag/a":"b"}}}]}`,
        `{"Version":"1","Statement":[${written.slice(0, -1)},"Condition":{"StringEquals":{${member}:"b"}}}]}`
      ]) {
        expect(refusalOf(json)).toContain(name)
      }
      expect(operators.get(name)).toBeUndefined()
    }
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
  })

  it("a refusal quotes a hostile policy document in short form and without control characters", () => {
    const sentence = refusalOf(documentOf({ ...fine, Action: `\u001b[31m\u009b\u202e${"a".repeat(5000)}` }))
    expect(sentence.length).toBeLessThan(200)
    expect(sentence).toContain("\\u001b[31m\\u009b\\u202eaaaa")
    expect(refusalOf(documentOf({ ...fine, [`\n${"a".repeat(5000)}`]: 1 })).length).toBeLessThan(200)
  })

  it("a policy document with half a surrogate pair, a control character or a stray comma is not JSON", () => {
    const resource = (text: string): string => `{"Version":"1","Statement":[${written.replace("key/*", text)}]}`
    expect(accepted(resource("\\ud83d\\udd11"))).toBe(true)
    for (const text of ["\\ud83d", "\ud83d", "\u0000", "\\x41", "\\u12", '"1', '\\q1"'])
      expect([text, refusalOf(resource(text))]).toStrictEqual([
        text,
        expect.stringMatching(/^The document is not well-formed JSON near character \d+\.$/)
      ])
    for (const json of [
      `{"Version":"1","Statement":[${written},]}`,
      `{"Version":"1",,"Statement":[${written}]}`,
      `{"Version":"1","Statement":[${written}]}}`,
      `{"Version":"1","Statement":[${written}]`,
      `\ufeff${documentOf(fine)}`,
      `{'Version':"1"}`,
      `{"Version":01}`,
      `{"Version":tru}`,
      documentOf(fine).replaceAll('"', "“")
    ]) {
      expect(refusalOf(json)).toMatch(/^The document is not well-formed JSON near character \d+\.$/)
    }
  })

  it("the policy parser never throws, and accepts only what JSON.parse accepts too", () => {
    const whole = documentOf({ ...fine, Condition: { StringEquals: { "kms:tag/a": ["b", "c"] } } })
    const piece = fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "1", "null", " ", "\u0000", "Deny", "*")
    let survivors = 0
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(3), piece, (at, cut, inserted) => {
        const json = whole.slice(0, at) + inserted + whole.slice(at + cut)
        const read = parsePolicy(json)
        if (Result.isSuccess(read)) {
          survivors++
          expect(() => JSON.parse(json)).not.toThrow()
        } else {
          expect(read.failure.message).toMatch(/^[A-Za-z[].*\.$/s)
          expect(read.failure.message.startsWith(read.failure.path || "The document")).toBe(true)
        }
      }),
      { numRuns: 5000 }
    )
    expect(survivors).toBeGreaterThan(50)
    expect(ruling([policyOf(fine)], "kms:Encrypt", "acs:kms:a:1:key/x").effect).toBe("Allow")
  })
})
