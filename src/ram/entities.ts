/** The entities of one account, and looking them up by name. */
import { Result } from "effect"
import { refuse } from "../domain/errors.ts"
import type { ErrorCode, ErrorOf } from "../domain/errors.ts"
import type { AccountId } from "../domain/ids.ts"
import type { RamName } from "../records/rows.ts"
import type { Entity, Group, HeldPolicy, PolicyRecord, PolicyType, Role, Settings, User } from "./records.ts"
import { systemPolicies } from "./systemPolicies.ts"

export interface AccountEntities {
  readonly account: AccountId
  readonly users: ReadonlyMap<string, User>
  readonly groups: ReadonlyMap<string, Group>
  readonly roles: ReadonlyMap<string, Role>
  /** Custom policies only: system policies are the same for every account. */
  readonly policies: ReadonlyMap<string, HeldPolicy>
  readonly settings: Settings | undefined
}

/** New values of entities, and deleted entities. */
export interface Decision<A> {
  readonly put: ReadonlyArray<Entity>
  readonly drop: ReadonlyArray<RamName>
  /** The subject of the change in the audit log: `user/alice`. */
  readonly subject: string
  /** The answer of the operation. */
  readonly answer: A
}

/** The entity, or an error with one of these codes. */
export type Found<A, Code extends ErrorCode> = Result.Result<A, ErrorOf<Code>>
/** The decision, or an error with one of these codes. */
export type Decided<A, Code extends ErrorCode = never> = Found<Decision<A>, Code>

export const no = <Code extends ErrorCode>(code: Code, hint?: string): Result.Result<never, ErrorOf<Code>> =>
  Result.fail(refuse(code, hint === undefined ? {} : { hint }))

/** A decision that stores one entity and answers with it. */
export const put = <E extends Entity>(entity: E, about = ""): Decided<E> =>
  Result.succeed({ put: [entity], drop: [], subject: `${entity.kind}/${entity.name}${about}`, answer: entity })

export const drop = ({ account, kind, name }: RamName): Decided<undefined> =>
  Result.succeed({ put: [], drop: [{ account, kind, name }], subject: `${kind}/${name}`, answer: undefined })

export const userOf = ({ users }: AccountEntities, name: string): Found<User, "EntityNotExist.User"> => {
  const user = users.get(name)
  return user === undefined ? no("EntityNotExist.User") : Result.succeed(user)
}

export const groupOf = ({ groups }: AccountEntities, name: string): Found<Group, "EntityNotExist.Group"> => {
  const group = groups.get(name)
  return group === undefined ? no("EntityNotExist.Group") : Result.succeed(group)
}

export const roleOf = ({ roles }: AccountEntities, name: string): Found<Role, "EntityNotExist.Role"> => {
  const role = roles.get(name)
  return role === undefined ? no("EntityNotExist.Role") : Result.succeed(role)
}

export const customPolicyOf = (
  { policies }: AccountEntities,
  name: string
): Found<HeldPolicy, "EntityNotExist.Policy"> => {
  const policy = policies.get(name)
  return policy === undefined ? no("EntityNotExist.Policy") : Result.succeed(policy)
}

export interface PolicyName {
  readonly name: string
  readonly type: PolicyType
}

/** A policy of either type. */
export const policyOf = (
  entities: AccountEntities,
  { name, type }: PolicyName
): Found<PolicyRecord, "EntityNotExist.Policy"> => {
  if (type === "Custom") return Result.map(customPolicyOf(entities, name), ({ is }) => is)
  const policy = systemPolicies.get(name)
  return policy === undefined ? no("EntityNotExist.Policy") : Result.succeed(policy)
}

export type HolderKind = "user" | "group" | "role"

/** The entity to which policies are attached. */
export interface Holder<Kind extends HolderKind = HolderKind> {
  readonly kind: Kind
  readonly name: string
}

const noHolder = {
  user: "EntityNotExist.User",
  group: "EntityNotExist.Group",
  role: "EntityNotExist.Role"
} as const satisfies Record<HolderKind, ErrorCode>

/** The error code for a holder that does not exist. */
export type NoHolder<Kind extends HolderKind> = (typeof noHolder)[Kind]

export const holderOf = <Kind extends HolderKind>(
  { users, groups, roles }: AccountEntities,
  { kind, name }: Holder<Kind>
): Found<User | Group | Role, NoHolder<Kind>> => {
  const holders: Readonly<Record<HolderKind, ReadonlyMap<string, User | Group | Role>>> = {
    user: users,
    group: groups,
    role: roles
  }
  const holder = holders[kind].get(name)
  return holder === undefined ? no(noHolder[kind]) : Result.succeed(holder)
}

const holds = ({ is }: User | Group | Role, { name, type }: PolicyName): boolean =>
  is.policies.some((attached) => attached.name === name && attached.type === type)

/** The users, groups and roles to which a policy is attached, users first. */
export const holdersOf = (
  { users, groups, roles }: AccountEntities,
  policy: PolicyName
): ReadonlyArray<User | Group | Role> =>
  [...users.values(), ...groups.values(), ...roles.values()].filter((holder) => holds(holder, policy))

/** For each policy, the number of users, groups and roles to which it is attached. */
export const attachmentCounts = ({ users, groups, roles }: AccountEntities): ((policy: PolicyName) => number) => {
  const counts = new Map<string, number>()
  const place = ({ name, type }: PolicyName): string => `${type} ${name}`
  for (const { is } of [...users.values(), ...groups.values(), ...roles.values()]) {
    for (const attached of is.policies) counts.set(place(attached), (counts.get(place(attached)) ?? 0) + 1)
  }
  return (policy) => counts.get(place(policy)) ?? 0
}

/** The users of a group. */
export const membersOf = ({ users }: AccountEntities, group: string): ReadonlyArray<User> =>
  [...users.values()].filter(({ is }) => is.groups.some(({ name }) => name === group))
