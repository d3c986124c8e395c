/** Fixed sequences at the limits of quotas: one below, at, and above; after refusals and after deletions. */
import type { Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import type { Step } from "../steps/step.ts"
import { day, key, make, text, wait } from "./writing.ts"
import type { Script } from "./writing.ts"

const fill = (fills: NonNullable<Step["fills"]>, room: number, more: Partial<Step> = {}): Step => ({
  op: "Fill",
  fills,
  room,
  ...more
})

const refused: Step = { op: "CreateKey", makes: "k9", kind: "symmetric", days: 7, twist: "tooShort" }

const ofKeys = ({ window }: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  [make(key), fill("keys", 1), make("k2"), make("k3"), make("k4"), { op: "Encrypt", key, text }, { op: "ListKeys" }],
  ...(has("rotation") ? [[make(key), fill("keys", 1), refused, refused, refused, make("k2"), make("k3")]] : []),
  [
    make(key),
    make("k2"),
    fill("keys", 0),
    make("k3"),
    { op: "DisableKey", key },
    make("k4"),
    { op: "EnableKey", key },
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    make("k5"),
    wait(window.minimum * day - 1000),
    make("k6"),
    wait(1000),
    make("k7"),
    make("k8")
  ],
  [
    make(key),
    fill("keys", 0),
    { op: "ScheduleKeyDeletion", key, days: window.minimum },
    { op: "CancelKeyDeletion", key },
    make("k2"),
    wait(window.minimum * day),
    make("k3")
  ]
]

/** A key of any kind counts. */
const ofEachKind = (kinds: ReadonlyArray<string>): Script => [
  make(key),
  fill("keys", 0),
  ...kinds.map((kind, index) => make(`k${index + 2}`, kind))
]

const named = (alias: string, of = key): Step => ({ op: "CreateAlias", key: of, alias })

const ofAliases = ({ window }: Dialect): ReadonlyArray<Script> => [
  [
    make(key),
    make("k2"),
    fill("aliases", 1, { key }),
    named("a1"),
    named("a2"),
    { op: "UpdateAlias", key: "k2", alias: "a1" },
    named("a3"),
    { op: "Encrypt", by: "a1", text },
    { op: "DeleteAlias", alias: "a1" },
    named("a4"),
    named("a5")
  ],
  [
    make(key),
    named("a1"),
    fill("aliases", 1, { key }),
    named("a1"),
    named("a1"),
    { op: "CreateAlias", key, alias: "a1", twist: "badName" },
    named("a2"),
    named("a3")
  ],
  [
    make(key),
    make("k2"),
    named("a1", "k2"),
    fill("aliases", 0, { key }),
    { op: "ScheduleKeyDeletion", key: "k2", days: window.minimum },
    named("a2"),
    wait(window.minimum * day),
    named("a3"),
    named("a4")
  ]
]

const tag = (name: string, value: string): Step => ({ op: "TagResource", key, tags: { [name]: value } })
const listed: Step = { op: "ListResourceTags", key }

const ofTags: Script = [
  make(key),
  fill("tags", 1, { key }),
  { op: "TagResource", key, tags: { one: "1", two: "2" } },
  listed,
  tag("one", "1"),
  tag("two", "2"),
  listed,
  tag("one", "another"),
  listed,
  { op: "UntagResource", key, tags: { one: "" } },
  tag("two", "2"),
  tag("three", "3"),
  listed
]

const ofVersions: Script = [
  make(key, "EC_P256"),
  fill("versions", 1, { key }),
  wait(7 * day),
  { op: "CreateKeyVersion", key },
  wait(7 * day),
  { op: "CreateKeyVersion", key },
  { op: "ListKeyVersions", key }
]

const kindsIn = (has: (profile: Profile) => boolean): ReadonlyArray<string> => [
  ...(has("import") ? ["external"] : []),
  ...(has("asymmetric") ? ["EC_P256", "RSA_2048 sign"] : []),
  "symmetric"
]

/** `isEmptied`: whether the service can be emptied before and after a sequence, so that all of it can be filled. */
export const quotaScripts = (
  dialect: Dialect,
  { has, isEmptied }: { readonly has: (profile: Profile) => boolean; readonly isEmptied: boolean }
): ReadonlyArray<Script> => [
  ...(isEmptied ? [...ofKeys(dialect, has), ofEachKind(kindsIn(has))] : []),
  ...(isEmptied && has("aliases") ? ofAliases(dialect) : []),
  ofTags,
  ...(has("asymmetric") ? [ofVersions] : [])
]
