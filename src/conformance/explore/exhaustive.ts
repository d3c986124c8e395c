/** Each operation in each configuration of each kind of key: sequences that test every cell of the table. */
import { operations } from "../adapters/adapter.ts"
import type { OperationName } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindOf } from "../model/kinds.ts"
import type { Step } from "../steps/step.ts"
import { beginningOf, configurationsOf } from "./configurations.ts"
import type { Configuration } from "./configurations.ts"

const key = "k1"
const text = "AAECAwQ="

/** Operations that never change a key. The suite calls them one after another. */
const harmless: ReadonlySet<OperationName> = new Set([
  "DescribeKey",
  "ListKeys",
  "ListAliases",
  "ListAliasesByKeyId",
  "ListKeyVersions",
  "DescribeKeyVersion",
  "ListResourceTags",
  "Encrypt",
  "Decrypt",
  "ReEncrypt",
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "ExportDataKey",
  "GenerateAndExportDataKey",
  "GetPublicKey",
  "AsymmetricEncrypt",
  "AsymmetricDecrypt",
  "AsymmetricSign",
  "AsymmetricVerify",
  "GetParametersForImport"
])

/**
 * Objects made while the key was usable: a ciphertext, a hidden data key, an alias, an asymmetric ciphertext, a
 * signature.
 */
const keepsakes = (kind: string): ReadonlyArray<Step> => {
  const { identity, signs, encrypts } = kindOf(kind)
  if (identity.serviceKey) return []
  const named: Step = { op: "CreateAlias", key, alias: "a1" }
  if (identity.kind === "symmetric") {
    return [
      named,
      { op: "Encrypt", key, text, makes: "c1" },
      { op: "GenerateDataKeyWithoutPlaintext", key, makes: "c2" }
    ]
  }
  return [
    named,
    ...(encrypts === undefined ? [] : [{ op: "AsymmetricEncrypt", key, text, makes: "c1" } as const]),
    ...(signs === undefined ? [] : [{ op: "AsymmetricSign", key, text, makes: "s1" } as const])
  ]
}

interface Probing {
  readonly kind: string
  readonly isPair: boolean
  readonly dialect: Dialect
}

/** The calls that test an operation, if its name and the key are not enough. */
const probes: { readonly [operation in OperationName]?: (probing: Probing) => ReadonlyArray<Step> } = {
  CreateKey: () => [{ op: "CreateKey", makes: "k9" }],
  ListKeys: () => [{ op: "ListKeys" }],
  ListAliases: () => [{ op: "ListAliases" }],
  Decrypt: ({ isPair }) => (isPair ? [] : [{ op: "Decrypt", of: "c1" }]),
  ExportDataKey: ({ isPair }) => (isPair ? [] : [{ op: "ExportDataKey", of: "c2" }]),
  ReEncrypt: ({ isPair }) =>
    isPair
      ? []
      : [
          { op: "ReEncrypt", of: "c1", to: "k2", makes: "c3" },
          { op: "ReEncrypt", of: "c9", to: key, makes: "c4" }
        ],
  Encrypt: () => [
    { op: "Encrypt", key, text },
    { op: "Encrypt", by: "a1", text }
  ],
  AsymmetricDecrypt: () => [{ op: "AsymmetricDecrypt", key, of: "c1" }],
  AsymmetricVerify: () => [{ op: "AsymmetricVerify", key, of: "s1" }],
  AsymmetricEncrypt: () => [{ op: "AsymmetricEncrypt", key, text }],
  AsymmetricSign: () => [{ op: "AsymmetricSign", key, text }],
  ScheduleKeyDeletion: ({ dialect }) => [{ op: "ScheduleKeyDeletion", key, days: dialect.window.minimum }],
  SetDeletionProtection: () => [{ op: "SetDeletionProtection", key, on: true }],
  UpdateRotationPolicy: ({ dialect }) => [
    { op: "UpdateRotationPolicy", key, on: true, days: dialect.rotationDays.minimum }
  ],
  UpdateKeyDescription: () => [{ op: "UpdateKeyDescription", key, text: "as it is now" }],
  CreateAlias: () => [{ op: "CreateAlias", key, alias: "a2" }],
  UpdateAlias: () => [{ op: "UpdateAlias", key, alias: "a9" }],
  DeleteAlias: () => [{ op: "DeleteAlias", alias: "a1" }],
  TagResource: () => [{ op: "TagResource", key, tags: { team: "red" } }],
  UntagResource: () => [{ op: "UntagResource", key, tags: { team: "" } }],
  GetParametersForImport: () => [{ op: "GetParametersForImport", key, makes: "t2" }],
  ImportKeyMaterial: ({ kind }) => [{ op: "ImportKeyMaterial", key, of: kind === "external" ? "t1" : "t9" }]
}

/** The calls that test an operation on a kind of key. */
const probeOf = (operation: OperationName, { kind }: Configuration, dialect: Dialect): ReadonlyArray<Step> => {
  const isPair = kindOf(kind).identity.kind === "asymmetric"
  return probes[operation]?.({ kind, isPair, dialect }) ?? [{ op: operation, key }]
}

/** A second key: aliases and ciphertexts are moved to it and from it, and it must not change otherwise. */
const bystander: ReadonlyArray<Step> = [
  { op: "CreateKey", makes: "k2" },
  { op: "CreateAlias", key: "k2", alias: "a9" },
  { op: "Encrypt", key: "k2", text, makes: "c9" }
]

const look: ReadonlyArray<Step> = [
  { op: "DescribeKey", key },
  { op: "DescribeKey", key: "k2" }
]

/** If the path has just made the key usable for the first time, the objects are made now. */
const withKeepsakes = ({ kind, path }: Configuration): ReadonlyArray<Step> => {
  const begun = beginningOf(kind).length
  if (kind !== "external") return [...path.slice(0, begun), ...keepsakes(kind), ...path.slice(begun)]
  const used = path.findIndex(({ op }) => op === "ImportKeyMaterial")
  return used === -1
    ? [...path, { op: "CreateAlias", key, alias: "a1" }]
    : [...path.slice(0, used + 1), ...keepsakes(kind), ...path.slice(used + 1)]
}

/**
 * How many steps from its creation a kind of key is explored; undefined means all configurations. One kind of each
 * family has no limit. The others have two steps, and kinds that are slow to create have one. No final state is so
 * near.
 */
const depthOf = (kind: string): number | undefined => {
  if (kind === "symmetric" || kind === "external" || kind === "EC_P256") return undefined
  return kindOf(kind).costly === true ? 1 : 2
}

/** A token of another key, for keys that cannot have an import token. */
const foreignToken: ReadonlyArray<Step> = [
  { op: "CreateKey", makes: "k9", kind: "external" },
  { op: "GetParametersForImport", key: "k9", makes: "t9" }
]

const sequencesAt = (
  configuration: Configuration,
  has: ReadonlySet<OperationName>,
  dialect: Dialect
): ReadonlyArray<ReadonlyArray<Step>> => {
  const lead = [...bystander, ...withKeepsakes(configuration)]
  const calm: Array<Step> = []
  const others: Array<ReadonlyArray<Step>> = []
  for (const operation of operations) {
    if (!has.has(operation)) continue
    const probe = probeOf(operation, configuration, dialect)
    if (probe.length === 0) continue
    if (harmless.has(operation)) calm.push(...probe)
    else if (operation === "ImportKeyMaterial" && configuration.kind !== "external")
      others.push([...lead, ...foreignToken, ...probe, ...look])
    else others.push([...lead, ...probe, ...look])
  }
  return [[...lead, ...look, ...calm, ...look], ...others]
}

export const exhaustive = (given: {
  readonly kinds: ReadonlyArray<string>
  readonly dialect: Dialect
  readonly has: ReadonlySet<OperationName>
  readonly hasClock: boolean
}): ReadonlyArray<ReadonlyArray<Step>> =>
  given.kinds
    .flatMap((kind) => configurationsOf(kind, given.dialect, given, depthOf(kind)))
    .sort((a, b) => a.path.length - b.path.length)
    .flatMap((configuration) => sequencesAt(configuration, given.has, given.dialect))
