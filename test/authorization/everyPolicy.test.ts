/** Every policy of a small set, compared with an independent reference, and properties of all policies. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { evaluate, evaluateWithSession } from "../../src/authorization/evaluate.ts"
import type { NamedPolicy, Ruling, StatementRef } from "../../src/authorization/evaluate.ts"
import { circumstances, policyOf } from "./policies.ts"

const account = "acs:kms:cn-hangzhou:123456"
const keyA = `${account}:key/a`
const keyB = `${account}:key/b`
const keys = `${account}:key`
const principals = ["alice", "bob"] as const
const actions = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"] as const
const resources = [keyA, keyB, keys] as const

/** The resources of each pattern, listed: the reference does no matching. */
const coveredActions: Record<string, ReadonlyArray<string>> = {
  "*": actions,
  "kms:*": actions,
  "kms:reencrypt*": ["kms:ReEncryptFrom", "kms:ReEncryptTo"],
  "kms:?ecrypt": ["kms:Decrypt"]
}
const coveredResources: Record<string, ReadonlyArray<string>> = {
  [keyA]: [keyA],
  "acs:*:*:*:key/*": [keyA, keyB],
  [`${account}:key*`]: resources
}

interface Rule {
  readonly who: string
  readonly effect: "Allow" | "Deny"
  readonly action: string
  readonly resource: string
}

const rules: ReadonlyArray<Rule> = principals.flatMap((who) =>
  (["Allow", "Deny"] as const).flatMap((effect) =>
    Object.keys(coveredActions).flatMap((action) =>
      Object.keys(coveredResources).map((resource) => ({ who, effect, action, resource }))
    )
  )
)

const applies = (rule: Rule, who: string, action: string, resource: string): boolean =>
  rule.who === who &&
  (coveredActions[rule.action] ?? []).includes(action) &&
  (coveredResources[rule.resource] ?? []).includes(resource)

const reference = (set: ReadonlyArray<Rule>, who: string, action: string, resource: string): Ruling["effect"] => {
  const isRuled = (effect: Rule["effect"]): boolean =>
    set.some((rule) => rule.effect === effect && applies(rule, who, action, resource))
  if (isRuled("Deny")) return "Deny"
  return isRuled("Allow") ? "Allow" : "Implicit"
}

const written = ({ effect, action, resource }: Rule) => ({ Effect: effect, Action: action, Resource: resource })
const read = new Map(rules.map((rule, i) => [rule, { ...policyOf(written(rule)), name: `rule ${i}` }]))
const attached = (set: ReadonlyArray<Rule>, who: string): ReadonlyArray<NamedPolicy> =>
  set.flatMap((rule) => (rule.who === who ? [read.get(rule) ?? policyOf()] : []))

const asks = principals.flatMap((who) =>
  actions.flatMap((action) => resources.map((resource) => ({ who, action, resource, attributes: circumstances })))
)

function* setsUpTo(size: number, from = 0): Generator<ReadonlyArray<Rule>> {
  yield []
  if (size === 0) return
  for (const [i, rule] of rules.entries()) {
    if (i < from) continue
    for (const rest of setsUpTo(size - 1, i + 1)) yield [rule, ...rest]
  }
}

const ruleOf = (by: StatementRef): Rule | undefined => rules[Number(by.policy.slice("rule ".length))]

describe("the evaluator", () => {
  it("the policy evaluator agrees with the reference for every request and up to three statements", () => {
    const seen = { Allow: 0, Deny: 0, Implicit: 0 }
    const wrong: Array<unknown> = []
    let sets = 0
    for (const set of setsUpTo(3)) {
      sets++
      const policiesOf = new Map(principals.map((who) => [who, attached(set, who)] as const))
      for (const { who, ...question } of asks) {
        const ruling = evaluate(policiesOf.get(who) ?? [], question)
        const expected = reference(set, who, question.action, question.resource)
        seen[ruling.effect]++
        if (ruling.effect !== expected) wrong.push({ set, who, question, expected, ruling })
      }
    }
    expect(wrong).toStrictEqual([])
    // 1 + 48 + 48·47/2 + 48·47·46/6
    expect(sets).toBe(18_473)
    expect(Math.min(seen.Allow, seen.Deny, seen.Implicit)).toBeGreaterThan(10_000)
  })

  it("the policy evaluator names an applicable statement with the effect of the decision", () => {
    for (const set of setsUpTo(2)) {
      for (const { who, ...question } of asks) {
        const ruling = evaluate(attached(set, who), question)
        if (ruling.effect === "Implicit") continue
        const rule = ruleOf(ruling.by)
        expect(rule?.effect).toBe(ruling.effect)
        expect(rule !== undefined && applies(rule, who, question.action, question.resource)).toBe(true)
        expect(ruling.by.statement).toBe(0)
      }
    }
  })

  it("the policy evaluator counts statements from zero and names their policy", () => {
    const deny = { Effect: "Deny", Action: "kms:Decrypt", Resource: "*" }
    const allow = { Effect: "Allow", Action: "*", Resource: keyA }
    const policies = [
      { ...policyOf(allow), name: "one" },
      { ...policyOf(allow, allow, deny), name: "two" }
    ]
    const ask = (action: string, resource: string) =>
      evaluate(policies, { action, resource, attributes: circumstances })
    expect(ask("kms:Decrypt", keyA)).toStrictEqual({ effect: "Deny", by: { policy: "two", statement: 2 } })
    expect(ask("kms:Encrypt", keyA)).toStrictEqual({ effect: "Allow", by: { policy: "one", statement: 0 } })
    expect(ask("kms:Encrypt", keyB)).toStrictEqual({ effect: "Implicit" })
    expect(evaluate([], { action: "kms:Encrypt", resource: keyA, attributes: circumstances }).effect).toBe("Implicit")
  })
})

const ofAlice = rules.filter(({ who }) => who === "alice")
const someRules = fc.array(fc.constantFrom(...ofAlice), { maxLength: 12 })
const ask = fc.constantFrom(...asks.filter(({ who }) => who === "alice"))

/** The same statements, divided into policies at random. */
const grouped = fc.tuple(someRules, fc.infiniteStream(fc.boolean())).map(([set, cuts]) => {
  const groups: Array<Array<Rule>> = []
  for (const rule of set) {
    const last = groups.at(-1)
    if (last === undefined || cuts.next().value === true) groups.push([rule])
    else last.push(rule)
  }
  return { set, policies: groups.map((group) => policyOf(...group.map(written))) }
})

describe("any set of statements", () => {
  it("no Allow, position or grouping of statements bypasses a Deny", () => {
    let denied = 0
    fc.assert(
      fc.property(grouped, grouped, ask, fc.boolean(), (one, two, question, swap) => {
        const policies = swap ? [...two.policies, ...one.policies] : [...one.policies, ...two.policies]
        const isDenied = [...one.set, ...two.set].some(
          (rule) => rule.effect === "Deny" && applies(rule, "alice", question.action, question.resource)
        )
        if (isDenied) denied++
        expect(evaluate(policies, question).effect === "Deny").toBe(isDenied)
      })
    )
    expect(denied).toBeGreaterThan(20)
  })

  it("the effect of policies depends only on the set of statements", () => {
    fc.assert(
      fc.property(grouped, ask, ({ set, policies }, question) => {
        const expected = reference(set, "alice", question.action, question.resource)
        expect(evaluate(policies, question).effect).toBe(expected)
        expect(evaluate(policies.toReversed(), question).effect).toBe(expected)
      })
    )
  })

  it("a session policy only limits: both must allow, and its refusal is final", () => {
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(grouped, grouped, ask, (identity, session, question) => {
        const sessionPolicy = policyOf(...session.set.concat(ofAlice[0] ?? []).map(written))
        const bySession = evaluate([sessionPolicy], question)
        const byIdentity = evaluate(identity.policies, question)
        const ruling = evaluateWithSession(identity.policies, sessionPolicy, question)
        const refused = bySession.effect === "Implicit" ? { ...bySession, bySession: true } : bySession
        expect(ruling).toStrictEqual(bySession.effect === "Allow" ? byIdentity : refused)
        expect(evaluateWithSession(identity.policies, undefined, question)).toStrictEqual(byIdentity)
        outcomes.add(`${bySession.effect} ${byIdentity.effect}`)
      }),
      { numRuns: 500 }
    )
    expect(outcomes.size).toBe(9)
  })
})
