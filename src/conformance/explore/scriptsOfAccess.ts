/** Fixed sequences about access: users with few rights, changing rights, and disabled access keys. */
import type { OperationName, Profile } from "../adapters/adapter.ts"
import type { Step } from "../steps/step.ts"
import { decrypt, key, look, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

type User = NonNullable<Step["as"]>

const intern: User = { name: "intern", permits: [], key: "*" }
const reader: User = { name: "reader", permits: ["Encrypt", "DescribeKey"], key }

const encrypt: Step = { op: "Encrypt", key, text }

const few: Script = [
  make(key),
  make("k2"),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: intern },
  { op: "Decrypt", of: "c1", as: intern },
  { op: "DisableKey", key, as: intern },
  look(),
  { op: "ScheduleKeyDeletion", key, days: 7, as: intern },
  look(),
  { ...encrypt, as: reader },
  { op: "DescribeKey", key, as: reader },
  { op: "Encrypt", key: "k2", text, as: reader },
  { op: "DisableKey", key, as: reader },
  { op: "Decrypt", of: "c1", as: reader },
  look(),
  { op: "DisableKey", key },
  { ...encrypt, as: reader }
]

const user = (permits: ReadonlyArray<OperationName>, more: Partial<User> = {}): User => ({
  name: "user",
  permits,
  key,
  ...more
})

/** Rights on an alias, without rights on a key. */
const onAlias = (permits: ReadonlyArray<OperationName>, alias: string): User => ({ name: "user", permits, alias })

const all: ReadonlyArray<OperationName> = ["Encrypt", "Decrypt", "DescribeKey", "DisableKey", "TagResource"]

const denied: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: user(all, { denies: ["Encrypt"] }) },
  { op: "Decrypt", of: "c1", as: user(all, { denies: ["Encrypt"] }) },
  { op: "DisableKey", key, as: user(all, { denies: ["DisableKey", "TagResource"] }) },
  look(),
  { op: "TagResource", key, tags: { team: "red" }, as: user(all, { denies: ["DisableKey", "TagResource"] }) },
  { op: "ListResourceTags", key },
  { ...encrypt, as: user(all, { key: "*", denies: ["Encrypt"] }) }
]

/** Rights are granted and revoked, and each call is answered by the rights at its time. */
const changing: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  ...[all, ["Decrypt"] as const, all, ["DescribeKey"] as const, [] as const, all].flatMap((permits): Script => [
    { ...encrypt, as: user(permits) },
    { op: "Decrypt", of: "c1", as: user(permits) }
  ]),
  { op: "DisableKey", key, as: user(["Encrypt"]) },
  look(),
  { op: "DisableKey", key, as: user(["DisableKey"]) },
  look()
]

const switchedOff: Script = [
  make(key),
  { ...encrypt, as: user(all) },
  { ...encrypt, as: user(all, { isOff: true }) },
  { op: "DisableKey", key, as: user(all, { isOff: true }) },
  look(),
  { ...encrypt, as: user(all) },
  { op: "DescribeKey", key, as: user(all, { isOff: true }) }
]

const conditions: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: user(all, { condition: "unmet" }) },
  { op: "DisableKey", key, as: user(all, { condition: "unmet" }) },
  look(),
  { ...encrypt, as: user(all, { condition: "met" }) },
  decrypt("c1"),
  { op: "Decrypt", of: "c1", as: user(all, { condition: "unmet" }) }
]

/** A Deny under a condition that calls meet, and under one that they do not meet. */
const conditionalDenies: Script = [
  make(key),
  { ...encrypt, makes: "c1" },
  ...(["met", "unmet"] as const).flatMap((denyCondition): Script => {
    const as = user(all, { denies: ["Encrypt", "DisableKey"], denyCondition })
    return [{ ...encrypt, as }, { op: "Decrypt", of: "c1", as }, { op: "DisableKey", key, as }, look()]
  })
]

const named: ReadonlyArray<OperationName> = ["CreateAlias", "UpdateAlias", "DeleteAlias", "Encrypt"]

/** An alias operation needs a permission on the alias and on each key that it is bound to. */
const aliases: Script = [
  make(key),
  make("k2"),
  { op: "CreateAlias", key, alias: "a1", as: user(named) },
  { op: "CreateAlias", key, alias: "a1", as: user(named, { key: "k2", alias: "a1" }) },
  { op: "CreateAlias", key, alias: "a1", as: user(named, { alias: "a2" }) },
  { op: "CreateAlias", key, alias: "a1", as: user(named, { alias: "a1" }) },
  { op: "ListAliasesByKeyId", key },
  { op: "Encrypt", by: "a1", text, as: onAlias(named, "a1") },
  { op: "Encrypt", key, text, as: onAlias(named, "a1") },
  { op: "Encrypt", by: "a1", text, as: user(["Encrypt"]) },
  { op: "UpdateAlias", key, alias: "a1", as: user(named) },
  { op: "UpdateAlias", key, alias: "a1", as: user(named, { alias: "a1" }) },
  { op: "UpdateAlias", key: "k2", alias: "a1", as: user(named, { alias: "a1" }) },
  { op: "UpdateAlias", key: "k2", alias: "a1", as: user(named, { key: "k2", alias: "a1" }) },
  { op: "ListAliasesByKeyId", key },
  { op: "DeleteAlias", alias: "a1", as: user(named) },
  { op: "DeleteAlias", alias: "a1", as: onAlias(named, "a1") },
  { op: "DeleteAlias", alias: "a1", as: user(named, { alias: "a2" }) },
  { op: "ListAliasesByKeyId", key },
  { op: "UpdateAlias", key: "k2", alias: "a1", as: user(named, { key: "*" }) },
  { op: "DeleteAlias", alias: "a1", as: user(named, { key: "k2", alias: "a1" }) },
  { op: "ListAliasesByKeyId", key: "k2" }
]

const policy = (...statements: ReadonlyArray<readonly ["Allow" | "Deny", ReadonlyArray<OperationName>]>): Step => ({
  op: "SetKeyPolicy",
  key,
  policy: statements.map(([effect, operations]) => ({ effect, user: "user", operations }))
})

/** Key policies together with the policies of a user, and after they were replaced. */
const keyPolicies: Script = [
  make(key),
  make("k2"),
  { ...encrypt, makes: "c1" },
  { ...encrypt, as: user(["DescribeKey"]) },
  policy(["Allow", ["Encrypt"]]),
  { ...encrypt, as: user(["DescribeKey"]) },
  { ...encrypt, as: user([]) },
  { ...encrypt, as: { ...user(["DescribeKey"]), name: "another" } },
  { op: "Decrypt", of: "c1", as: user(["DescribeKey"]) },
  { op: "Encrypt", key: "k2", text, as: user(["DescribeKey"]) },
  { ...encrypt, as: user(all, { denies: ["Encrypt"] }) },
  policy(["Deny", ["Encrypt", "DisableKey"]]),
  { ...encrypt, as: user(all) },
  { op: "DisableKey", key, as: user(all) },
  look(),
  { op: "Decrypt", of: "c1", as: user(all) },
  policy(["Allow", ["Encrypt"]], ["Deny", ["Encrypt"]]),
  { ...encrypt, as: user(all) },
  policy(["Allow", ["Encrypt"]], ["Allow", ["Decrypt"]]),
  { op: "Decrypt", of: "c1", as: user([]) },
  policy(),
  { ...encrypt, as: user([]) },
  { op: "Decrypt", of: "c1", as: user(["DescribeKey"]) },
  { ...encrypt, as: user(all) }
]

/** A key policy holds for calls by id, by alias and by ARN. */
const keyPoliciesByAlias: Script = [
  make(key),
  { op: "CreateAlias", key, alias: "a1" },
  policy(["Allow", ["Encrypt"]], ["Deny", ["DescribeKey"]]),
  { op: "Encrypt", by: "a1", text, as: user(["Decrypt"]) },
  { op: "DescribeKey", by: "a1", as: user(all) },
  { op: "DescribeKey", key, by: "a1", reference: "arn", as: user(all) },
  { op: "DescribeKey", key, reference: "arn", as: user(all) }
]

/** Key policies of an asymmetric key. */
const keyPoliciesOfPairs: Script = [
  make(key, "EC_P256"),
  { op: "ListKeyVersions", key },
  policy(["Deny", ["AsymmetricSign", "DisableKey"]]),
  { op: "AsymmetricSign", key, version: "k1.v1", text, as: user(["AsymmetricSign", "DisableKey"]) },
  { op: "DisableKey", key, as: user(["AsymmetricSign", "DisableKey"]) },
  look(),
  policy(["Allow", ["AsymmetricSign"]]),
  { op: "AsymmetricSign", key, version: "k1.v1", text, as: user([]) }
]

/** Key policies in every state of the key, and after a refusal. */
const policiesByState: Script = [
  make(key),
  { op: "DisableKey", key },
  policy(["Allow", ["EnableKey"]]),
  { op: "EnableKey", key, as: user([]) },
  look(),
  { op: "ScheduleKeyDeletion", key, days: 7 },
  policy(["Allow", ["CancelKeyDeletion"]]),
  look(),
  { op: "CancelKeyDeletion", key, as: user([]) },
  look(),
  { op: "CancelKeyDeletion", key },
  policy(["Deny", ["Encrypt"]]),
  { ...encrypt, as: user(all) },
  encrypt
]

const lead: Script = [make(key), { ...encrypt, makes: "c1" }]

const asUser: Step["as"] = { name: "user", permits: [], asItIs: true }
const grant = (permits: ReadonlyArray<OperationName>, more: Partial<User> = {}): Step => ({
  op: "Grant",
  as: user(permits, more)
})
const use: Step = { ...encrypt, as: asUser }
const open: Step = { op: "Decrypt", of: "c1", as: asUser }

const together = (...clients: ReadonlyArray<Script>): Script =>
  clients.flatMap((steps, client) => steps.map((step) => ({ ...step, burst: 1, client })))

/** Revokes a right and grants it again, with a call right after each change. */
const changes = (away: Step, back: Step): Script => [
  ...lead,
  back,
  ...together([away, use, back, use, away, open], [use, use, use, use, use, use], [open, open, open, open]),
  use
]

/** Rights that change while calls use them. */
export const accessBursts = (hasKeyPolicies: boolean): ReadonlyArray<Script> => [
  changes(grant([]), grant(all)),
  changes(grant(all, { denies: ["Encrypt", "Decrypt"] }), grant(all)),
  changes(grant(all, { isOff: true }), grant(all)),
  ...(hasKeyPolicies
    ? [
        [...lead.slice(0, 1), grant(all), ...changes(policy(["Deny", ["Encrypt", "Decrypt"]]), policy()).slice(1)],
        [...lead.slice(0, 1), grant([]), ...changes(policy(), policy(["Allow", ["Encrypt", "Decrypt"]])).slice(1)]
      ]
    : [])
]

export const accessScripts = (has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  few,
  denied,
  changing,
  switchedOff,
  conditions,
  conditionalDenies,
  ...(has("aliases") ? [aliases, keyPoliciesByAlias] : []),
  keyPolicies,
  ...(has("asymmetric") ? [keyPoliciesOfPairs] : []),
  policiesByState
]
