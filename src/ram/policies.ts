/** Changes of custom policies and their versions, as decisions on the entities. The documents are already checked. */
import { Result } from "effect"
import { policiesMax, policyVersionsMax } from "../domain/limits.ts"
import type { HeldPolicy, PolicyVersion } from "./records.ts"
import { customPolicyOf, drop, holdersOf, no, put } from "./entities.ts"
import type { Decided, Found, AccountEntities } from "./entities.ts"
import { systemPolicies } from "./systemPolicies.ts"

export interface NewPolicy {
  readonly name: string
  readonly document: string
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  readonly at: number
}

export const createPolicy = (
  { account, policies }: AccountEntities,
  policy: NewPolicy
): Decided<HeldPolicy, "EntityAlreadyExists.Policy" | "LimitExceeded.Policy"> => {
  const { name, document, description, tags, at } = policy
  if (policies.has(name)) return no("EntityAlreadyExists.Policy", "Call CreatePolicyVersion to change it.")
  if (systemPolicies.has(name)) return no("EntityAlreadyExists.Policy", "A system policy has this name.")
  if (policies.size >= policiesMax) return no("LimitExceeded.Policy")
  const versions = [{ id: "v1", createdAt: at, document }]
  const is = { createdAt: at, updatedAt: at, description, versions, defaultVersion: "v1", nextVersion: 2, tags }
  return put({ account, kind: "policy", name, is })
}

export const describePolicy = (
  entities: AccountEntities,
  name: string,
  description: string,
  at: number
): Decided<HeldPolicy, "EntityNotExist.Policy"> =>
  Result.flatMap(customPolicyOf(entities, name), (policy) =>
    put({ ...policy, is: { ...policy.is, description, updatedAt: at } })
  )

export interface NewVersion {
  readonly document: string
  readonly setAsDefault: boolean
  /** Whether to delete the oldest version that is not the default one if there is no room. */
  readonly rotate: boolean
  readonly at: number
}

const withRoom = (
  { is }: HeldPolicy,
  rotate: boolean
): Found<ReadonlyArray<PolicyVersion>, "LimitExceeded.Policy.Version"> => {
  if (is.versions.length < policyVersionsMax) return Result.succeed(is.versions)
  const oldest = is.versions.find(({ id }) => id !== is.defaultVersion)
  return rotate && oldest !== undefined
    ? Result.succeed(is.versions.filter((version) => version !== oldest))
    : no("LimitExceeded.Policy.Version", `A policy has at most ${policyVersionsMax} versions. Delete one first.`)
}

export const createPolicyVersion = (
  entities: AccountEntities,
  name: string,
  wanted: NewVersion
): Decided<PolicyVersion, "EntityNotExist.Policy" | "LimitExceeded.Policy.Version"> =>
  Result.gen(function* () {
    const policy = yield* customPolicyOf(entities, name)
    const kept = yield* withRoom(policy, wanted.rotate)
    const { is } = policy
    const version = { id: `v${is.nextVersion}`, createdAt: wanted.at, document: wanted.document }
    const decision = yield* put(
      {
        ...policy,
        is: {
          ...is,
          updatedAt: wanted.at,
          versions: [...kept, version],
          defaultVersion: wanted.setAsDefault ? version.id : is.defaultVersion,
          nextVersion: is.nextVersion + 1
        }
      },
      `/${version.id}`
    )
    return { ...decision, answer: version }
  })

type NotThere = "EntityNotExist.Policy" | "EntityNotExist.Policy.Version"

interface VersionName {
  readonly name: string
  readonly version: string
}

export const versionOf = (
  { is }: Pick<HeldPolicy, "is">,
  version: string
): Found<PolicyVersion, "EntityNotExist.Policy.Version"> => {
  const found = is.versions.find(({ id }) => id === version)
  return found === undefined ? no("EntityNotExist.Policy.Version") : Result.succeed(found)
}

export const setDefaultPolicyVersion = (
  entities: AccountEntities,
  { name, version }: VersionName,
  at: number
): Decided<HeldPolicy, NotThere> =>
  Result.gen(function* () {
    const policy = yield* customPolicyOf(entities, name)
    const { id } = yield* versionOf(policy, version)
    return yield* put({ ...policy, is: { ...policy.is, updatedAt: at, defaultVersion: id } }, `/${id}`)
  })

export const deletePolicyVersion = (
  entities: AccountEntities,
  { name, version }: VersionName,
  at: number
): Decided<HeldPolicy, NotThere | "DeleteConflict.Policy.Version.Default"> =>
  Result.gen(function* () {
    const policy = yield* customPolicyOf(entities, name)
    const { id } = yield* versionOf(policy, version)
    if (id === policy.is.defaultVersion) {
      return yield* no("DeleteConflict.Policy.Version.Default", "Make another version the default one first.")
    }
    const versions = policy.is.versions.filter((each) => each.id !== id)
    return yield* put({ ...policy, is: { ...policy.is, updatedAt: at, versions } }, `/${id}`)
  })

const attachedTo = {
  user: "DeleteConflict.Policy.User",
  group: "DeleteConflict.Policy.Group",
  role: "DeleteConflict.Policy.Role"
} as const

type PolicyInUse = (typeof attachedTo)[keyof typeof attachedTo] | "DeleteConflict.Policy.Version"

export const deletePolicy = (
  entities: AccountEntities,
  name: string,
  cascading: boolean
): Decided<undefined, "EntityNotExist.Policy" | PolicyInUse> =>
  Result.flatMap(customPolicyOf(entities, name), (policy): Decided<undefined, PolicyInUse> => {
    const [holder] = holdersOf(entities, { name, type: "Custom" })
    if (holder !== undefined)
      return no(attachedTo[holder.kind], `Detach it from the ${holder.kind} ${holder.name} first.`)
    return policy.is.versions.length > 1 && !cascading
      ? no("DeleteConflict.Policy.Version", "Delete its other versions first, or set CascadingDelete.")
      : drop(policy)
  })
