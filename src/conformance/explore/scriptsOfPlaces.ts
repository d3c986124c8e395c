/** Fixed sequences about several accounts and regions: the same calls from elsewhere, with keys on both sides. */
import type { Place, Profile } from "../adapters/adapter.ts"
import { places } from "../adapters/adapter.ts"
import type { Step } from "../steps/step.ts"
import { decrypt, key, look, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

const marked: Script = [
  make(key, "symmetric", { text: "a description of its own" }),
  { op: "TagResource", key, tags: { team: "a team of its own" } },
  { op: "Encrypt", key, text, makes: "c1" },
  { op: "GenerateDataKey", key, bytes: 32, makes: "c2" }
]

const calls = (has: (profile: Profile) => boolean): Script => [
  look(),
  { op: "Encrypt", key, text },
  { op: "GenerateDataKey", key },
  { op: "GenerateDataKeyWithoutPlaintext", key },
  { op: "GenerateAndExportDataKey", key },
  { op: "ReEncrypt", of: "c1", to: key },
  decrypt("c1"),
  { op: "ExportDataKey", of: "c2" },
  { op: "DisableKey", key },
  { op: "ScheduleKeyDeletion", key, days: 7 },
  { op: "UpdateKeyDescription", key, text: "by another caller" },
  { op: "SetDeletionProtection", key, on: true },
  { op: "TagResource", key, tags: { team: "of another caller" } },
  { op: "UntagResource", key, tags: { team: "" } },
  { op: "ListResourceTags", key },
  { op: "ListKeyVersions", key },
  { op: "ListKeys" },
  ...(has("rotation") ? [{ op: "UpdateRotationPolicy", key, on: true, days: 365 } as const] : []),
  ...(has("aliases")
    ? ([{ op: "CreateAlias", key, alias: "a7" }, { op: "ListAliasesByKeyId", key }, { op: "ListAliases" }] as const)
    : [])
]

const version = `${key}.v1`

const from = (place: Place, script: Script): Script => script.map((step): Step => ({ ...step, from: place }))

/** Every operation is called from elsewhere, and nothing changes at home. */
const reached = (place: Place, has: (profile: Profile) => boolean): Script => [
  ...marked,
  ...(has("aliases") ? [{ op: "CreateAlias", key, alias: "a1" } as const] : []),
  ...from(place, calls(has)),
  look(),
  { op: "ListResourceTags", key },
  decrypt("c1"),
  { op: "Encrypt", key, text },
  { op: "DisableKey", key },
  ...from(place, [look(), { op: "EnableKey", key }, { op: "ListResourceTags", key }]),
  look(),
  { op: "ScheduleKeyDeletion", key, days: 7 },
  ...from(place, [look(), { op: "CancelKeyDeletion", key }]),
  look()
]

/** Keys on both sides, each with its own ciphertext. */
const both = (place: Place): Script => [
  ...marked,
  { ...make("k2", "symmetric", { text: "a description from elsewhere" }), from: place },
  { op: "TagResource", key: "k2", tags: { team: "a team from elsewhere" }, from: place },
  { op: "Encrypt", key: "k2", text, makes: "c3", from: place },
  { ...decrypt("c3"), from: place },
  decrypt("c3"),
  { ...decrypt("c1"), from: place },
  { op: "ReEncrypt", of: "c1", to: key },
  { op: "ReEncrypt", of: "c1", to: "k2" },
  { op: "ReEncrypt", of: "c3", to: key },
  { op: "ReEncrypt", of: "c3", to: "k2", from: place },
  { op: "ReEncrypt", of: "c3", to: key, from: place },
  { op: "DisableKey", key: "k2" },
  { op: "DescribeKey", key: "k2", from: place },
  { op: "DisableKey", key: "k2", from: place },
  { op: "Encrypt", key: "k2", text, from: place },
  look(),
  { op: "ListKeys" },
  { op: "ListKeys", from: place },
  { op: "ListResourceTags", key: "k2", from: place }
]

/** One alias name on both sides is bound to two keys. */
const names = (place: Place): Script => {
  const there = `a1@${place}`
  return [
    make(key),
    { ...make("k2"), from: place },
    { op: "CreateAlias", key, alias: "a1" },
    { op: "Encrypt", by: "a1", text, makes: "c1" },
    { op: "Encrypt", by: "a1", text, from: place },
    { op: "DeleteAlias", alias: "a1", from: place },
    { op: "CreateAlias", key: "k2", alias: there, from: place },
    { op: "Encrypt", by: there, text, makes: "c2", from: place },
    { op: "Encrypt", by: "a1", text, makes: "c3" },
    { op: "DescribeKey", by: "a1" },
    { op: "DescribeKey", by: there, from: place },
    { op: "ListAliases" },
    { op: "ListAliases", from: place },
    { op: "UpdateAlias", key, alias: there, from: place },
    { op: "DeleteAlias", alias: "a1" },
    { op: "Encrypt", by: "a1", text },
    { op: "Encrypt", by: there, text, from: place },
    { op: "CreateAlias", key, alias: "a2" },
    { op: "ListAliases", from: place },
    { op: "CreateAlias", key, alias: "a1" },
    decrypt("c1"),
    { ...decrypt("c2"), from: place }
  ]
}

/** An asymmetric key and a key for imports are called from elsewhere. */
const pairs = (place: Place): Script => [
  make(key, "EC_P256"),
  { op: "ListKeyVersions", key },
  { op: "AsymmetricSign", key, version, text, makes: "s1" },
  ...from(place, [
    { op: "GetPublicKey", key, version },
    { op: "AsymmetricSign", key, version, text },
    { op: "AsymmetricVerify", key, version, of: "s1" },
    { op: "DescribeKeyVersion", key, version },
    { op: "ListKeyVersions", key },
    { op: "CreateKeyVersion", key }
  ]),
  { op: "ListKeyVersions", key }
]

const imports = (place: Place): Script => [
  make(key, "external"),
  { op: "GetParametersForImport", key, makes: "t1" },
  ...from(place, [
    { op: "GetParametersForImport", key, makes: "t2" },
    { op: "ImportKeyMaterial", key, of: "t1" }
  ]),
  look(),
  { op: "ImportKeyMaterial", key, of: "t1" },
  { op: "DeleteKeyMaterial", key, from: place },
  look()
]

/** A full account does not limit another account or region. */
const room = (place: Place, has: (profile: Profile) => boolean): Script => [
  make(key),
  { op: "Fill", fills: "keys", room: 0 },
  { ...make("k2"), from: place },
  { op: "Encrypt", key: "k2", text, from: place },
  ...(has("aliases")
    ? ([
        { op: "Fill", fills: "aliases", key, room: 0 },
        { op: "CreateAlias", key: "k2", alias: `a2@${place}`, from: place }
      ] as const)
    : [])
]

export const placeScripts = ({
  has,
  isEmptied
}: {
  readonly has: (profile: Profile) => boolean
  readonly isEmptied: boolean
}): ReadonlyArray<Script> =>
  places.flatMap((place) => [
    reached(place, has),
    both(place),
    ...(has("asymmetric") ? [pairs(place)] : []),
    ...(has("import") ? [imports(place)] : []),
    ...(has("aliases") ? [names(place)] : []),
    ...(isEmptied && has("quotas") ? [room(place, has)] : [])
  ])
