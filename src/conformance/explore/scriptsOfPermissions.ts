/** Fixed sequences about permissions: each operation without its own permission, with a Deny, and with it alone. */
import { operations } from "../adapters/adapter.ts"
import type { OperationName, Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"
import { day, key, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

const version = `${key}.v1`

/** The owner of the account sets the policies of keys. */
const all: ReadonlyArray<OperationName> = operations.filter((operation) => operation !== "SetKeyPolicy")

/** Operations on all keys or all aliases, which a permission on one key does not allow. */
const ofEverything: ReadonlySet<Step["op"]> = new Set(["CreateKey", "ListKeys", "ListAliases", "ReEncrypt"])

type User = NonNullable<Step["as"]>

const userFor = ({ op, alias }: Step, permits: ReadonlyArray<OperationName>, more: Partial<User> = {}): User => ({
  name: "user",
  permits,
  key: ofEverything.has(op) ? "*" : key,
  ...(alias === undefined ? {} : { alias }),
  ...more
})

/** Operations whose key may be named by an alias. */
const takesAlias: ReadonlySet<Step["op"]> = new Set([
  "DescribeKey",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateAndExportDataKey",
  "ListKeyVersions",
  "DescribeKeyVersion",
  "CreateKeyVersion",
  "GetPublicKey",
  "AsymmetricSign",
  "AsymmetricVerify"
])

/** The ways to name the key of a step. An alias must not weaken a Deny or replace a permission. */
const namesOf = (step: Step, hasAliases: boolean): ReadonlyArray<Step> => {
  if (step.key === undefined || step.op === "CreateKey") return []
  const { key: _key, ...rest } = step
  return [
    { ...step, reference: "arn" },
    ...(hasAliases && takesAlias.has(step.op)
      ? [{ ...rest, by: "a1" } as const, { ...step, by: "a1", reference: "arn" } as const]
      : [])
  ]
}

const asked = (step: Step, hasAliases: boolean): Script => {
  const { op } = step
  if (isDeed(op)) return [step]
  const others = all.filter((operation) => operation !== op)
  const without = userFor(step, others)
  const denied = userFor(step, all, { denies: [op] })
  const otherNames = namesOf(step, hasAliases)
  return [
    { ...step, as: without },
    ...otherNames.map((other): Step => ({ ...other, as: without })),
    { ...step, as: denied },
    ...otherNames.map((other): Step => ({ ...other, as: denied })),
    { ...step, as: userFor(step, [op]) }
  ]
}

const ofKeys = ({ rotationDays, window }: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Step> => [
  { op: "DescribeKey", key },
  { op: "ListKeys" },
  { op: "CreateKey", makes: "k3", kind: "symmetric" },
  { op: "Encrypt", key, text },
  { op: "Decrypt", of: "c1" },
  { op: "GenerateDataKey", key },
  { op: "GenerateDataKeyWithoutPlaintext", key },
  { op: "GenerateAndExportDataKey", key },
  { op: "ExportDataKey", of: "c2" },
  { op: "ReEncrypt", of: "c1", to: "k2" },
  { op: "DisableKey", key },
  { op: "EnableKey", key },
  { op: "UpdateKeyDescription", key, text: "by a user" },
  { op: "SetDeletionProtection", key, on: true },
  { op: "SetDeletionProtection", key, on: false },
  { op: "TagResource", key, tags: { team: "red" } },
  { op: "ListResourceTags", key },
  { op: "UntagResource", key, tags: { team: "" } },
  { op: "ListKeyVersions", key },
  { op: "DescribeKeyVersion", key, version },
  ...(has("rotation") ? [{ op: "UpdateRotationPolicy", key, on: true, days: rotationDays.minimum } as const] : []),
  ...(has("aliases")
    ? ([
        { op: "CreateAlias", key, alias: "a2" },
        { op: "ListAliasesByKeyId", key },
        { op: "ListAliases" },
        { op: "UpdateAlias", key, alias: "a2" },
        { op: "DeleteAlias", alias: "a2" }
      ] as const)
    : []),
  { op: "ScheduleKeyDeletion", key, days: window.minimum },
  { op: "CancelKeyDeletion", key }
]

const ofPairs: ReadonlyArray<Step> = [
  { op: "GetPublicKey", key, version },
  { op: "AsymmetricSign", key, version, text },
  { op: "AsymmetricVerify", key, version, of: "s1" },
  wait(7 * day),
  { op: "CreateKeyVersion", key }
]

const ofMaterial: ReadonlyArray<Step> = [
  { op: "GetParametersForImport", key, makes: "t2" },
  { op: "ImportKeyMaterial", key, of: "t1" },
  { op: "DeleteKeyMaterial", key }
]

/** ReEncrypt needs a permission on both keys. */
const onOneSide: Script = [
  make(key),
  make("k2"),
  { op: "Encrypt", key, text, makes: "c1" },
  ...["k1", "k2"].map((label): Step => ({
    op: "ReEncrypt",
    of: "c1",
    to: "k2",
    as: { name: "user", permits: ["ReEncrypt"], key: label }
  })),
  { op: "ReEncrypt", of: "c1", to: "k2", as: { name: "user", permits: ["ReEncrypt"], key: "*" } },
  { op: "ReEncrypt", of: "c1", to: key, as: { name: "user", permits: ["ReEncrypt"], key } }
]

export const permissionScripts = (dialect: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Script> => {
  const each = (steps: ReadonlyArray<Step>): Script => steps.flatMap((step) => asked(step, has("aliases")))
  return [
    [
      make(key),
      make("k2"),
      ...(has("aliases") ? [{ op: "CreateAlias", key, alias: "a1" } as const] : []),
      { op: "ListKeyVersions", key },
      { op: "Encrypt", key, text, makes: "c1" },
      { op: "GenerateDataKey", key, bytes: 32, makes: "c2" },
      ...each(ofKeys(dialect, has))
    ],
    onOneSide,
    ...(has("asymmetric")
      ? [
          [
            make(key, "EC_P256"),
            ...(has("aliases") ? [{ op: "CreateAlias", key, alias: "a1" } as const] : []),
            { op: "ListKeyVersions", key },
            { op: "AsymmetricSign", key, version, text, makes: "s1" },
            ...each(ofPairs)
          ] satisfies Script
        ]
      : []),
    ...(has("import")
      ? [
          [
            make(key, "external"),
            { op: "GetParametersForImport", key, makes: "t1" },
            ...each(ofMaterial)
          ] satisfies Script
        ]
      : [])
  ]
}
