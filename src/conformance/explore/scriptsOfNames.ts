/** Fixed sequences about names: references to keys, and aliases. */
import type { Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { references } from "../steps/step.ts"
import type { Reference, Step } from "../steps/step.ts"
import { tagScripts } from "./scriptsOfTags.ts"
import { decrypt, key, look, make, text, wait, day } from "./writing.ts"
import type { Script } from "./writing.ts"

/** Names that resemble the key's name but are not its name. */
const wrong = references.filter((reference) => reference !== "arn")

/** Operations by each form of reference: some that change the key and some that do not. */
const asked = (reference: Reference): ReadonlyArray<Step> => [
  { op: "DescribeKey", key, reference },
  { op: "Encrypt", key, text, reference },
  { op: "GenerateDataKey", key, reference },
  { op: "UpdateKeyDescription", key, text: "by another name", reference },
  { op: "TagResource", key, tags: { team: "red" }, reference },
  { op: "ListKeyVersions", key, reference },
  { op: "ScheduleKeyDeletion", key, days: 7, reference },
  { op: "CancelKeyDeletion", key, reference },
  { op: "DisableKey", key, reference },
  { op: "EnableKey", key, reference }
]

const byArn: Script = [make(key), make("k2"), ...asked("arn"), look(), look("k2"), { op: "ListResourceTags", key }]

const byWrongNames: Script = [make(key), ...wrong.flatMap(asked), look(), { op: "ListResourceTags", key }]

/** Keys that are pending deletion or deleted are reported as such under every name. */
const ofDyingKeys = ({ window }: Dialect, hasAliases: boolean): Script => [
  make(key),
  { op: "Encrypt", key, text, makes: "c1" },
  ...(hasAliases ? [{ op: "CreateAlias", key, alias: "a1" } as const] : []),
  { op: "ScheduleKeyDeletion", key, days: window.minimum },
  { op: "Encrypt", key, text, reference: "arn" },
  { op: "DescribeKey", key, reference: "arn" },
  { op: "EnableKey", key, reference: "arn" },
  ...(hasAliases
    ? ([
        { op: "Encrypt", by: "a1", text },
        { op: "Encrypt", key, by: "a1", text, reference: "arn" },
        { op: "DescribeKey", by: "a1" }
      ] as const)
    : []),
  wait(window.minimum * day),
  { op: "DescribeKey", key, reference: "arn" },
  { op: "Encrypt", key, text, reference: "arn" },
  { op: "CancelKeyDeletion", key, reference: "arn" },
  ...(hasAliases ? [{ op: "Encrypt", by: "a1", text } as const] : []),
  decrypt("c1")
]

const ofAliases = ({ idOnly }: Dialect): Script => [
  make(key),
  { op: "CreateAlias", key, alias: "a1" },
  { op: "DescribeKey", key, by: "a1", reference: "arn" },
  { op: "Encrypt", key, by: "a1", text, reference: "arn", makes: "c1" },
  { op: "DescribeKey", key, by: "a1", reference: "arnOfAnotherAccount" },
  { op: "Encrypt", key, by: "a1", text, reference: "arnOfAnotherAccount" },
  { op: "Encrypt", key, by: "a1", text, reference: "arnOfAnotherRegion" },
  ...(["upperCase", "cutShort", "withBlank"] as const).flatMap((reference): Script => [
    { op: "DescribeKey", key, by: "a1", reference },
    { op: "Encrypt", key, by: "a1", text, reference },
    { op: "GenerateDataKey", key, by: "a1", reference }
  ]),
  decrypt("c1"),
  ...idOnly
    .filter((op) => op !== "ImportKeyMaterial")
    .map((op): Step => ({ op, by: "a1", ...(op === "TagResource" ? { tags: { team: "red" } } : {}) })),
  look(),
  { op: "ListResourceTags", key }
]

/** Names that a service may confuse. */
const likeAliases: Script = [
  make(key),
  make("k2"),
  { op: "CreateAlias", key, alias: "a1" },
  { op: "CreateAlias", key: "k2", alias: "A1" },
  { op: "Encrypt", by: "a1", text, makes: "c1" },
  { op: "Encrypt", by: "A1", text, makes: "c2" },
  { op: "CreateAlias", key: "k2", alias: "a11" },
  { op: "ListAliasesByKeyId", key },
  { op: "ListAliasesByKeyId", key: "k2" },
  { op: "UpdateAlias", key: "k2", alias: "a1" },
  { op: "Encrypt", by: "a1", text, makes: "c3" },
  { op: "DeleteAlias", alias: "A1" },
  { op: "Encrypt", by: "A1", text },
  { op: "Encrypt", by: "a1", text, makes: "c4" },
  { op: "DescribeKey", by: "a11" },
  { op: "DeleteAlias", alias: "A1" },
  { op: "DescribeKey", by: "a1" },
  ...["c1", "c2", "c3", "c4"].map((label) => decrypt(label))
]

/** Names at the limits of their form. */
const unusualAliases: Script = [
  make(key),
  ...["a1.longest", "a2.slashed"].flatMap((alias): Script => [
    { op: "CreateAlias", key, alias },
    { op: "Encrypt", by: alias, text },
    { op: "DescribeKey", key, by: alias, reference: "arn" }
  ]),
  { op: "CreateAlias", key, alias: "a3.tooLong", twist: "badName" },
  { op: "ListAliasesByKeyId", key },
  { op: "DeleteAlias", alias: "a1.longest" },
  { op: "ListAliasesByKeyId", key }
]

/** Several aliases of one key, one of which begins or ends another. Each deletion leaves the others. */
const aliasesOfOneKey: Script = [
  make(key),
  ...["a1", "a11", "a111", "b1"].map((alias): Step => ({ op: "CreateAlias", key, alias })),
  { op: "UpdateAlias", key, alias: "a11" },
  { op: "ListAliasesByKeyId", key },
  { op: "Encrypt", by: "a11", text, makes: "c1" },
  ...["a1", "b1", "a11"].flatMap((alias): Script => [
    { op: "DeleteAlias", alias },
    { op: "ListAliasesByKeyId", key },
    { op: "ListAliases" },
    { op: "DescribeKey", by: "a111" }
  ]),
  decrypt("c1")
]

/** Operations that accept an alias, by the name of the alias and by its ARN. */
const usesBy = (by: string, makes: string): Script => [
  { op: "Encrypt", by, text, makes: `${makes}.1` },
  { op: "GenerateDataKey", by, makes: `${makes}.2` },
  { op: "GenerateDataKeyWithoutPlaintext", by, makes: `${makes}.3` },
  { op: "GenerateAndExportDataKey", by, makes: `${makes}.4` },
  { op: "ReEncrypt", of: "c9", by, makes: `${makes}.5` },
  { op: "DescribeKey", by },
  { op: "Encrypt", key, by, reference: "arn", text },
  { op: "DescribeKey", key, by, reference: "arn" }
]

/** Every use by an alias applies to the key that the alias is bound to now. */
const usesOfMovingAliases: Script = [
  make(key),
  make("k2"),
  make("k3"),
  { op: "Encrypt", key: "k3", text, makes: "c9" },
  { op: "CreateAlias", key, alias: "a1" },
  ...usesBy("a1", "c1"),
  { op: "UpdateAlias", key: "k2", alias: "a1" },
  ...usesBy("a1", "c2"),
  { op: "DisableKey", key: "k2" },
  ...usesBy("a1", "c3"),
  { op: "UpdateAlias", key, alias: "a1" },
  ...usesBy("a1", "c4"),
  { op: "DeleteAlias", alias: "a1" },
  ...usesBy("a1", "c5"),
  { op: "EnableKey", key: "k2" },
  { op: "CreateAlias", key: "k2", alias: "a1" },
  ...usesBy("a1", "c6"),
  ...["c1", "c2", "c4", "c6"].flatMap((made) => [1, 2, 3, 4, 5].map((use) => decrypt(`${made}.${use}`)))
]

/** An alias stays bound to its key through rotations, imports and other states. */
const movingAliases = ({ rotationDays }: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  ...(has("rotation")
    ? [
        [
          make(key, "symmetric", { days: rotationDays.minimum }),
          make("k2"),
          { op: "CreateAlias", key, alias: "a1" },
          { op: "Encrypt", by: "a1", text, makes: "c1" },
          wait(rotationDays.minimum * day),
          look(),
          { op: "Encrypt", by: "a1", text, makes: "c2" },
          { op: "UpdateAlias", key: "k2", alias: "a1" },
          { op: "Encrypt", by: "a1", text, makes: "c3" },
          decrypt("c1"),
          { op: "UpdateAlias", key, alias: "a1" },
          { op: "Encrypt", by: "a1", text, makes: "c4" },
          ...["c1", "c2", "c3", "c4"].map((label) => decrypt(label))
        ] satisfies Script
      ]
    : []),
  ...(has("import")
    ? [
        [
          make(key, "external"),
          make("k2"),
          { op: "GetParametersForImport", key, makes: "t1" },
          { op: "CreateAlias", key, alias: "a1" },
          { op: "Encrypt", by: "a1", text },
          { op: "ImportKeyMaterial", key, of: "t1" },
          { op: "Encrypt", by: "a1", text, makes: "c1" },
          { op: "DeleteKeyMaterial", key },
          { op: "Encrypt", by: "a1", text },
          { op: "UpdateAlias", key: "k2", alias: "a1" },
          { op: "Encrypt", by: "a1", text, makes: "c2" },
          { op: "UpdateAlias", key, alias: "a1" },
          { op: "Encrypt", by: "a1", text },
          { op: "ImportKeyMaterial", key, of: "t1" },
          { op: "Encrypt", by: "a1", text, makes: "c3" },
          ...["c1", "c2", "c3"].map((label) => decrypt(label))
        ] satisfies Script
      ]
    : [])
]

export const nameScripts = (dialect: Dialect, has: (profile: Profile) => boolean): ReadonlyArray<Script> => [
  byArn,
  byWrongNames,
  ofDyingKeys(dialect, has("aliases")),
  ...tagScripts(dialect),
  ...(has("aliases")
    ? [
        ofAliases(dialect),
        likeAliases,
        ...(dialect.longest?.alias === undefined ? [] : [unusualAliases]),
        aliasesOfOneKey,
        usesOfMovingAliases,
        ...movingAliases(dialect, has)
      ]
    : [])
]
