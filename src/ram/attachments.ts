/** Attaching policies to users, groups and roles, as decisions on the entities of the account. */
import { Result } from "effect"
import type { ErrorCode, ErrorOf } from "../domain/errors.ts"
import { policiesPerHolderMax } from "../domain/limits.ts"
import type { Attachment, Group, Role, User } from "./records.ts"
import { holderOf, no, policyOf, put } from "./entities.ts"
import type { Decided, Decision, Holder, HolderKind, NoHolder, PolicyName, AccountEntities } from "./entities.ts"

const there = {
  user: "EntityAlreadyExists.User.Policy",
  group: "EntityAlreadyExists.Group.Policy",
  role: "EntityAlreadyExists.Role.Policy"
} as const satisfies Record<HolderKind, ErrorCode>

const absent = {
  user: "EntityNotExist.User.Policy",
  group: "EntityNotExist.Group.Policy",
  role: "EntityNotExist.Role.Policy"
} as const satisfies Record<HolderKind, ErrorCode>

const full = {
  user: "LimitExceeded.User.Policy",
  group: "LimitExceeded.Group.Policy",
  role: "LimitExceeded.Role.Policy"
} as const satisfies Record<HolderKind, ErrorCode>

type AttachError<Kind extends HolderKind> =
  | ErrorOf<NoHolder<Kind>>
  | ErrorOf<"EntityNotExist.Policy">
  | ErrorOf<(typeof there)[Kind]>
  | ErrorOf<(typeof full)[Kind]>

type DetachError<Kind extends HolderKind> =
  | ErrorOf<NoHolder<Kind>>
  | ErrorOf<"EntityNotExist.Policy">
  | ErrorOf<(typeof absent)[Kind]>

/** One case for each kind, because the compiler cannot see that the kind of a holder stays the same. */
const withPolicies = (
  holder: User | Group | Role,
  policies: ReadonlyArray<Attachment>,
  { name }: PolicyName
): Decided<User | Group | Role> => {
  const about = `/policy/${name}`
  switch (holder.kind) {
    case "user":
      return put({ ...holder, is: { ...holder.is, policies } }, about)
    case "group":
      return put({ ...holder, is: { ...holder.is, policies } }, about)
    case "role":
      return put({ ...holder, is: { ...holder.is, policies } }, about)
    default:
      return holder satisfies never
  }
}

const isSame = (left: PolicyName, right: PolicyName): boolean => left.name === right.name && left.type === right.type

export const attachPolicy = <Kind extends HolderKind>(
  entities: AccountEntities,
  policy: PolicyName,
  to: Holder<Kind>,
  at: number
): Result.Result<Decision<User | Group | Role>, AttachError<Kind>> =>
  Result.gen(function* () {
    const holder = yield* holderOf(entities, to)
    yield* policyOf(entities, policy)
    const { policies } = holder.is
    if (policies.some((attached) => isSame(attached, policy))) return yield* no(there[to.kind])
    const ofType = policies.filter(({ type }) => type === policy.type)
    if (ofType.length >= policiesPerHolderMax[policy.type]) return yield* no(full[to.kind])
    return yield* withPolicies(holder, [...policies, { ...policy, at }], policy)
  })

export const detachPolicy = <Kind extends HolderKind>(
  entities: AccountEntities,
  policy: PolicyName,
  from: Holder<Kind>
): Result.Result<Decision<User | Group | Role>, DetachError<Kind>> =>
  Result.gen(function* () {
    const holder = yield* holderOf(entities, from)
    yield* policyOf(entities, policy)
    const left = holder.is.policies.filter((attached) => !isSame(attached, policy))
    if (left.length === holder.is.policies.length) return yield* no(absent[from.kind], "The policy is not attached.")
    return yield* withPolicies(holder, left, policy)
  })
