/** A key as a seed describes it: defaults are filled in, and faults that need no look at the store are found. */
import { sha256 } from "@noble/hashes/sha2.js"
import type { CmkIdentity } from "../../machines/cmk.ts"
import type { LivingState } from "../../machines/vocabulary.ts"
import { keyPolicyFault } from "../authorization/keyPolicy.ts"
import { AccountId, KeyId, KeyVersionId, RegionId, uuidFromBytes } from "../domain/ids.ts"
import type { Realm } from "../domain/ids.ts"
import { capabilityOf } from "../domain/keySpec.ts"
import { dayMillis, pendingWindowInDays, tagsPerCallMax } from "../domain/limits.ts"
import { parseInstant } from "../domain/time.ts"
import { isAliasName, isReservedAliasName } from "../domain/aliasName.ts"
import { conflictOf } from "../operation/keys/CreateKey.ts"
import { serviceAlias, serviceCode } from "../operation/keys/CreateServiceKey.ts"
import { parseRotationInterval, rotationInterval } from "../operation/versions/rotationInterval.ts"
import { tagsConflict } from "../operation/tags/tags.ts"
import type { KeyMetadata } from "../records/rows.ts"
import { refusal } from "./fault.ts"
import type { SeedFault } from "./fault.ts"
import type { SeedKey } from "./format.ts"

export interface RequestedVersion {
  readonly path: string
  readonly keyVersionId: KeyVersionId
  /** The written text; generated if undefined. */
  readonly material: string | undefined
}

export interface RequestedKey {
  readonly path: string
  readonly keyId: KeyId
  readonly realm: Realm
  readonly identity: CmkIdentity
  readonly metadata: Omit<KeyMetadata, "createdAt">
  readonly aliases: ReadonlyArray<string>
  /** Oldest first; never empty. */
  readonly versions: readonly [RequestedVersion, ...ReadonlyArray<RequestedVersion>]
  readonly rotationIntervalMillis: number | null
  readonly materialExpiresAt: number | null
  readonly isProtected: boolean
  readonly protectionReason: string | undefined
  readonly state: LivingState
  readonly windowMillis: number
}

const utf8 = new TextEncoder()

/**
 * Ciphertexts name their version. The version's id follows from the key's, so they open in every store with the seed.
 */
const versionIdOf = (keyId: string, place: number): KeyVersionId =>
  KeyVersionId.make(uuidFromBytes(sha256(utf8.encode(`keystate seed v1 ${keyId} ${place}`))))

const versionsOf = (key: SeedKey, path: string): RequestedKey["versions"] => {
  const requested = (given: { readonly id?: string; readonly material?: string }, place: number, at: string) => ({
    path: at,
    keyVersionId: given.id === undefined ? versionIdOf(key.id, place) : KeyVersionId.make(given.id),
    material: given.material
  })
  if (key.versions === undefined)
    return [requested(key.material === undefined ? {} : { material: key.material }, 0, path)]
  const [first, ...later] = key.versions
  return [
    requested(first, 0, `${path}.versions[0]`),
    ...later.map((version, at) => requested(version, at + 1, `${path}.versions[${at + 1}]`))
  ]
}

const identityOf = (key: SeedKey): CmkIdentity => {
  const spec = key.spec ?? "Aliyun_AES_256"
  const { kind, defaultUsage, levels } = capabilityOf(spec)
  return {
    origin: key.origin ?? "Aliyun_KMS",
    kind,
    spec,
    usage: key.usage ?? defaultUsage,
    protection: key.level ?? levels[0] ?? "SOFTWARE",
    serviceKey: key.service !== undefined
  }
}

const metadataOf = (key: SeedKey, realm: Realm, hasMaterial: boolean): RequestedKey["metadata"] => ({
  description: key.description ?? "",
  creator: (key.service === undefined ? undefined : serviceCode.read(key.service)) ?? realm.account,
  ...(key.tags === undefined || Object.keys(key.tags).length === 0 ? {} : { tags: key.tags }),
  ...(key.policy === undefined ? {} : { policy: JSON.stringify(key.policy) }),
  ...(hasMaterial ? { seeded: true } : {})
})

export const askedOf = (key: SeedKey, path: string, home: Realm): RequestedKey => {
  const realm: Realm = {
    account: key.account === undefined ? home.account : AccountId.make(key.account),
    region: key.region === undefined ? home.region : RegionId.make(key.region)
  }
  const identity = identityOf(key)
  const versions = versionsOf(key, path)
  const hasMaterial = versions.every(({ material }) => material !== undefined)
  return {
    path,
    keyId: KeyId.make(key.id),
    realm,
    identity,
    metadata: metadataOf(key, realm, hasMaterial),
    aliases: key.service === undefined ? (key.aliases ?? []) : [serviceAlias(key.service)],
    versions,
    rotationIntervalMillis:
      key.rotationInterval === undefined ? null : (parseRotationInterval(key.rotationInterval) ?? null),
    materialExpiresAt: key.materialExpires === undefined ? null : (parseInstant(key.materialExpires) ?? null),
    isProtected: key.deletionProtection === true,
    protectionReason: key.deletionProtectionDescription,
    state: key.state ?? (identity.origin === "EXTERNAL" && !hasMaterial ? "PendingImport" : "Enabled"),
    windowMillis: (key.pendingWindowInDays ?? pendingWindowInDays.default) * dayMillis
  }
}

/** Members that a seeded service key must not have, because users cannot set them either (user guide, 2). */
const notOfServices = ["aliases", "rotationInterval", "deletionProtection"] as const

interface Rule {
  readonly member: keyof SeedKey | ""
  readonly complaint: string
  readonly isBroken: (key: SeedKey, requested: RequestedKey) => boolean
}

const rules: ReadonlyArray<Rule> = [
  {
    member: "versions",
    complaint: "are given together with material: give one of them",
    isBroken: (key) => key.versions !== undefined && key.material !== undefined
  },
  {
    member: "versions",
    complaint: "must all have material, or none of them",
    isBroken: (_, { versions }) => new Set(versions.map(({ material }) => material === undefined)).size > 1
  },
  {
    member: "versions",
    complaint: "must have ids that differ",
    isBroken: (_, { versions }) => new Set(versions.map(({ keyVersionId }) => keyVersionId)).size < versions.length
  },
  {
    member: "versions",
    complaint: "must be one: external keys and keys of services do not rotate",
    isBroken: (_, { identity, versions }) =>
      (identity.origin === "EXTERNAL" || identity.serviceKey) && versions.length > 1
  },
  {
    member: "service",
    complaint: `must be ${serviceCode.form}`,
    isBroken: ({ service }) => service !== undefined && serviceCode.read(service) === undefined
  },
  {
    member: "service",
    complaint: "is for keys of spec Aliyun_AES_256, origin Aliyun_KMS and level SOFTWARE",
    isBroken: (_, { identity: { serviceKey, spec, origin, protection } }) =>
      serviceKey && `${spec} ${origin} ${protection}` !== "Aliyun_AES_256 Aliyun_KMS SOFTWARE"
  },
  ...notOfServices.map((member): Rule => ({
    member,
    complaint: "is not for keys of cloud services",
    isBroken: (key) => key.service !== undefined && key[member] !== undefined
  })),
  {
    member: "rotationInterval",
    complaint: `must be a ${rotationInterval.form}`,
    isBroken: (key, { rotationIntervalMillis }) => key.rotationInterval !== undefined && rotationIntervalMillis === null
  },
  {
    member: "materialExpires",
    complaint: "must be an instant such as 2030-01-31T00:00:00Z",
    isBroken: (key, { materialExpiresAt }) => key.materialExpires !== undefined && materialExpiresAt === null
  },
  {
    member: "materialExpires",
    complaint: "is for imported material: origin EXTERNAL, with material",
    isBroken: (key, { identity, metadata }) =>
      key.materialExpires !== undefined && (identity.origin !== "EXTERNAL" || metadata.seeded !== true)
  },
  {
    member: "pendingWindowInDays",
    complaint: "is for keys that are PendingDeletion",
    isBroken: (key, { state }) => key.pendingWindowInDays !== undefined && state !== "PendingDeletion"
  },
  {
    member: "deletionProtectionDescription",
    complaint: "is for keys with deletionProtection",
    isBroken: (key, { isProtected }) => key.deletionProtectionDescription !== undefined && !isProtected
  },
  {
    member: "state",
    complaint: "must be PendingImport exactly if an external key has no material, unless it is PendingDeletion",
    isBroken: (_, { identity, metadata, state }) =>
      state !== "PendingDeletion" &&
      (state === "PendingImport") !== (identity.origin === "EXTERNAL" && metadata.seeded !== true)
  },
  {
    member: "aliases",
    complaint: "must begin with alias/, but not with alias/acs, and continue with letters, digits, _, - or /",
    isBroken: (key) => key.aliases?.some((alias) => !isAliasName(alias) || isReservedAliasName(alias)) === true
  },
  {
    member: "aliases",
    complaint: "must differ",
    isBroken: (key) => new Set(key.aliases).size < (key.aliases?.length ?? 0)
  },
  {
    member: "tags",
    complaint: `must have at most ${tagsPerCallMax.many} members`,
    isBroken: ({ tags }) => Object.keys(tags ?? {}).length > tagsPerCallMax.many
  }
]

/** The faults of one key that need no look at the store. */
export const faultsOfKey = (key: SeedKey, requested: RequestedKey): ReadonlyArray<SeedFault> => {
  const { path, identity } = requested
  const conflict = conflictOf({
    KeySpec: key.spec ?? "Aliyun_AES_256",
    KeyUsage: key.usage,
    Origin: identity.origin,
    ProtectionLevel: identity.protection,
    EnableAutomaticRotation: key.rotationInterval !== undefined,
    RotationInterval: key.rotationInterval,
    Tags: undefined
  })
  const { policy } = requested.metadata
  const policyFault = policy === undefined ? undefined : keyPolicyFault(requested.realm.account, policy)
  const tags = tagsConflict(Object.entries(key.tags ?? {}).map(([name, value]) => ({ key: name, value })))
  return [
    ...rules
      .filter(({ isBroken }) => isBroken(key, requested))
      .map(({ member, complaint }) => ({ path: `${path}.${member}`, complaint })),
    ...(conflict === undefined ? [] : [{ path, complaint: refusal(conflict) }]),
    ...(tags === undefined ? [] : [{ path: `${path}.tags`, complaint: refusal(tags) }]),
    ...(policyFault === undefined ? [] : [{ path: `${path}.policy`, complaint: refusal(policyFault) }])
  ]
}
