/** Fixed sequences for laws that random sequences test too rarely: edges of time, length and identity. */
import type { Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindOf } from "../model/kinds.ts"
import { accessScripts } from "./scriptsOfAccess.ts"
import { contextScripts } from "./scriptsOfContexts.ts"
import { dryRunScripts } from "./scriptsOfDryRuns.ts"
import type { Source } from "../run/sequence.ts"
import { listScripts } from "./scriptsOfLists.ts"
import { listing, lives } from "./scriptsOfLife.ts"
import { imports, wrappings } from "./scriptsOfMaterial.ts"
import { rotations } from "./scriptsOfRotation.ts"
import { otherMaterials } from "./scriptsOfOtherMaterial.ts"
import { metadataScripts } from "./scriptsOfMetadata.ts"
import { nameScripts } from "./scriptsOfNames.ts"
import { plaintexts } from "./scriptsOfPlaintext.ts"
import { permissionScripts } from "./scriptsOfPermissions.ts"
import { placeScripts } from "./scriptsOfPlaces.ts"
import { quotaScripts } from "./scriptsOfQuotas.ts"
import { restartScripts } from "./scriptsOfRestarts.ts"
import { ciphertexts, pairScripts } from "./scriptsOfUse.ts"
import { wireScripts } from "./scriptsOfWire.ts"
import { decrypt, key, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

const namings: ReadonlyArray<Script> = [
  [
    make(key),
    make("k2"),
    { op: "CreateAlias", key, alias: "a1" },
    { op: "CreateAlias", key, alias: "a1" },
    { op: "CreateAlias", key: "k2", alias: "a1" },
    { op: "CreateAlias", key, alias: "a2", twist: "badName" },
    { op: "Encrypt", by: "a1", text, makes: "c1" },
    { op: "DescribeKey", by: "a1" },
    { op: "ListAliasesByKeyId", key },
    { op: "ListAliases" },
    { op: "UpdateAlias", key: "k2", alias: "a1" },
    { op: "Encrypt", by: "a1", text, makes: "c2" },
    decrypt("c1"),
    decrypt("c2"),
    { op: "ListAliasesByKeyId", key },
    { op: "ListAliasesByKeyId", key: "k2" },
    { op: "DisableKey", key: "k2" },
    { op: "Encrypt", by: "a1", text },
    { op: "DeleteAlias", alias: "a1" },
    { op: "Encrypt", by: "a1", text },
    { op: "DeleteAlias", alias: "a1" },
    { op: "CreateAlias", key, alias: "a1" },
    { op: "Encrypt", by: "a1", text, makes: "c3" },
    decrypt("c3"),
    { op: "Encrypt", by: "a7", text },
    { op: "UpdateAlias", key, alias: "a7" }
  ]
]

const tags: Script = [
  make(key, "symmetric", { tags: { team: "red", born: "with the key" } }),
  { op: "ListResourceTags", key },
  { op: "TagResource", key, tags: { team: "red", tier: "gold" } },
  { op: "ListResourceTags", key },
  { op: "TagResource", key, tags: { team: "blue" } },
  { op: "ListResourceTags", key },
  { op: "UntagResource", key, tags: { tier: "" } },
  { op: "ListResourceTags", key },
  { op: "UntagResource", key, tags: { none: "" } },
  { op: "ListResourceTags", key }
]

export const scripts = (given: {
  readonly dialect: Dialect
  readonly profiles: ReadonlyArray<Profile>
  readonly kinds: ReadonlyArray<string>
  /** Whether the suite can start an empty service. */
  readonly isEmptied: boolean
}): ReadonlyArray<Source> => {
  const { dialect, kinds } = given
  const has = (profile: Profile): boolean => given.profiles.includes(profile)
  return [
    listing(dialect),
    ...ciphertexts,
    ...contextScripts,
    ...plaintexts(dialect),
    ...lives(dialect),
    ...metadataScripts(dialect, has),
    tags,
    ...nameScripts(dialect, has),
    ...(has("aliases") ? namings : []),
    ...(has("import") ? [...imports, ...otherMaterials, ...wrappings(dialect)] : []),
    ...(has("rotation") ? rotations(dialect) : []),
    ...kinds
      .filter((kind) => kindOf(kind).identity.kind === "asymmetric")
      .flatMap((kind) => pairScripts(kind, { hasAliases: has("aliases"), hasVersions: dialect.shows.versions })),
    // Runs late: if a key is in the wrong state, a simpler law breaks first.
    ...listScripts(dialect, { has, kinds }),
    ...(has("restart") ? restartScripts(dialect, has) : []),
    ...(has("dryRuns") ? dryRunScripts(has) : []),
    ...(has("wire") ? wireScripts : []),
    ...(has("policy") ? [...accessScripts(has), ...permissionScripts(dialect, has)] : []),
    ...(has("accounts") ? placeScripts({ has, isEmptied: given.isEmptied }) : []),
    ...(has("quotas") ? quotaScripts(dialect, { has, isEmptied: given.isEmptied }) : [])
  ]
}
