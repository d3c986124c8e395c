/** Attaching policies to users, groups and roles, decided on what the account has. */
import { Result } from "effect"
import { policiesPerHolderMax } from "../domain/limits.ts"
import type { Attachment, Group, Role, User } from "./records.ts"
import { holderOf, no, policyOf, put } from "./shelf.ts"
import type { Decided, Holder, PolicyName, Shelf } from "./shelf.ts"

const codes = {
  user: {
    there: "EntityAlreadyExists.User.Policy",
    absent: "EntityNotExist.User.Policy",
    full: "LimitExceeded.User.Policy"
  },
  group: {
    there: "EntityAlreadyExists.Group.Policy",
    absent: "EntityNotExist.Group.Policy",
    full: "LimitExceeded.Group.Policy"
  },
  role: {
    there: "EntityAlreadyExists.Role.Policy",
    absent: "EntityNotExist.Role.Policy",
    full: "LimitExceeded.Role.Policy"
  }
} as const

/** The compiler sees that a holder stays what it is only kind by kind. */
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

export const attachPolicy = (shelf: Shelf, policy: PolicyName, to: Holder, at: number): Decided<User | Group | Role> =>
  Result.gen(function* () {
    const holder = yield* holderOf(shelf, to)
    yield* policyOf(shelf, policy)
    const { policies } = holder.is
    const { there, full } = codes[holder.kind]
    if (policies.some((attached) => isSame(attached, policy))) return yield* no(there)
    const ofType = policies.filter(({ type }) => type === policy.type)
    if (ofType.length >= policiesPerHolderMax[policy.type]) return yield* no(full)
    return yield* withPolicies(holder, [...policies, { ...policy, at }], policy)
  })

export const detachPolicy = (shelf: Shelf, policy: PolicyName, from: Holder): Decided<User | Group | Role> =>
  Result.gen(function* () {
    const holder = yield* holderOf(shelf, from)
    yield* policyOf(shelf, policy)
    const left = holder.is.policies.filter((attached) => !isSame(attached, policy))
    if (left.length === holder.is.policies.length) return yield* no(codes[holder.kind].absent, "It is not attached.")
    return yield* withPolicies(holder, left, policy)
  })
