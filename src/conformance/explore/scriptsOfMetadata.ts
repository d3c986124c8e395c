/** Fixed sequences about descriptions, and about everything that a change must not affect. */
import type { Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { key, look, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

/** Descriptions that a service may trim, cut, normalize or unescape. */
const descriptions: ReadonlyArray<string> = [
  "  blanks around  ",
  "caf\u00e9",
  "cafe\u0301",
  "\u{1f511} and \u7d20\u6750",
  "line\nends\r\nand\ttabs",
  "<b>&amp;</b>",
  "%41&b=c+d",
  '{"a": "b\\u0041"}',
  "0",
  `${"x".repeat(1023)}y`
]

const described = ({ longest }: Dialect): Script => [
  ...descriptions.flatMap((text, index): Script => [
    make(`k${index + 2}`, "symmetric", { text }),
    look(`k${index + 2}`)
  ]),
  make(key),
  ...descriptions.flatMap((text): Script => [{ op: "UpdateKeyDescription", key, text }, look()]),
  { op: "UpdateKeyDescription", key, text: "" },
  look(),
  ...(longest === undefined
    ? []
    : ([{ op: "UpdateKeyDescription", key, text: "y".repeat(longest.description) }, look()] as const))
]

/** CreateKey with each property that it can give to a key. */
const born = ({ rotationDays }: Dialect, has: (profile: Profile) => boolean): Script => [
  make(key, "symmetric", { text: "what it is for", tags: { team: "red", tier: "gold" } }),
  look(),
  { op: "ListResourceTags", key },
  ...(has("rotation") ? [make("k2", "symmetric", { days: rotationDays.minimum }), look("k2")] : [])
]

/** Every operation that shows a key. */
const looksAt = (of: string, has: (profile: Profile) => boolean): Script => [
  look(of),
  { op: "ListResourceTags", key: of },
  ...(has("aliases") ? [{ op: "ListAliasesByKeyId", key: of } as const] : [])
]

const changesOf = ({ window, rotationDays }: Dialect, has: (profile: Profile) => boolean): Script => [
  { op: "DisableKey", key },
  { op: "UpdateKeyDescription", key, text: "while it is Disabled" },
  { op: "EnableKey", key },
  { op: "SetDeletionProtection", key, on: true },
  { op: "UpdateKeyDescription", key, text: "another description" },
  { op: "TagResource", key, tags: { tier: "gold" } },
  { op: "UntagResource", key, tags: { tier: "" } },
  ...(has("aliases")
    ? ([
        { op: "CreateAlias", key, alias: "a2" },
        { op: "UpdateAlias", key: "k2", alias: "a2" },
        { op: "DisableKey", key },
        { op: "UpdateAlias", key, alias: "a2" },
        { op: "EnableKey", key },
        { op: "DeleteAlias", alias: "a2" }
      ] as const)
    : []),
  ...(has("rotation") ? [{ op: "UpdateRotationPolicy", key, on: true, days: rotationDays.minimum } as const] : []),
  { op: "DisableKey", key },
  { op: "EnableKey", key },
  { op: "SetDeletionProtection", key, on: false },
  { op: "ScheduleKeyDeletion", key, days: window.minimum },
  { op: "CancelKeyDeletion", key }
]

/** Each change of a key with all attributes set alters only what it should. */
const sideEffects = (dialect: Dialect, has: (profile: Profile) => boolean): Script => [
  make(key, "symmetric", { text: "what it is for" }),
  make("k2"),
  { op: "TagResource", key, tags: { team: "red" } },
  ...(has("aliases") ? [{ op: "CreateAlias", key, alias: "a1" } as const] : []),
  { op: "Encrypt", key, text, makes: "c1" },
  ...changesOf(dialect, has).flatMap((change): Script => [change, ...looksAt(key, has)]),
  ...looksAt("k2", has),
  { op: "Decrypt", of: "c1" },
  ...(has("aliases") ? [{ op: "Encrypt", by: "a1", text } as const] : [])
]

export const metadataScripts = (dialect: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  described(dialect),
  born(dialect, has),
  sideEffects(dialect, has)
]
