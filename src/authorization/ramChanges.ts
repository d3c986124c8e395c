/** What each change of access control comes to, decided on the book as it is; nothing is changed here. */
import { Result } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorCode } from "../domain/errors.ts"
import type { AccountId } from "../domain/ids.ts"
import {
  accessKeysPerUserMax,
  accountsMax,
  policiesMax,
  policiesPerHolderMax,
  rolesMax,
  usersMax
} from "../domain/limits.ts"
import type { Actor, Holder } from "../operation/accessControl.ts"
import type { RamName } from "../store/store.ts"
import { formatPolicy, parsePolicy } from "./policy.ts"
import type { Policy } from "./policy.ts"
import type { Book, HeldPolicy } from "./ramBook.ts"
import type { Entity, Role, StoredKey, User } from "./ramRecords.ts"

/** Entities that are from now on as given, and those that are gone. */
export interface Decision {
  readonly put: ReadonlyArray<Entity>
  readonly drop: ReadonlyArray<RamName>
  /** What it is about, for the audit log: `user/alice`. */
  readonly subject: string
}

export type Decided = Result.Result<Decision, AnyKmsError>

const no = (code: ErrorCode, hint?: string): Result.Result<never, AnyKmsError> =>
  Result.fail(refuse(code, hint === undefined ? {} : { hint }))

const put = (entity: Entity, about = ""): Decided =>
  Result.succeed({ put: [entity], drop: [], subject: `${entity.kind}/${entity.name}${about}` })

const drop = ({ account, kind, name }: RamName): Decided =>
  Result.succeed({ put: [], drop: [{ account, kind, name }], subject: `${kind}/${name}` })

export const userOf = (book: Book, account: AccountId, name: string): Result.Result<User, AnyKmsError> => {
  const user = book.shelf(account).users.get(name)
  return user === undefined ? no("EntityNotExist.User") : Result.succeed(user)
}

export const roleOf = (book: Book, account: AccountId, name: string): Result.Result<Role, AnyKmsError> => {
  const role = book.shelf(account).roles.get(name)
  return role === undefined ? no("EntityNotExist.Role") : Result.succeed(role)
}

export const policyOf = (book: Book, account: AccountId, name: string): Result.Result<HeldPolicy, AnyKmsError> => {
  const policy = book.shelf(account).policies.get(name)
  return policy === undefined ? no("EntityNotExist.Policy") : Result.succeed(policy)
}

export const holderOf = (
  book: Book,
  account: AccountId,
  { kind, name }: Holder
): Result.Result<User | Role, AnyKmsError> =>
  kind === "user" ? userOf(book, account, name) : roleOf(book, account, name)

export const readPolicy = (document: string): Result.Result<Policy, AnyKmsError> =>
  Result.mapError(parsePolicy(document), ({ message }) => refuse("MalformedPolicyDocument", { hint: message }))

export const createAccount = (book: Book, by: Actor, { id, root }: { id: AccountId; root: StoredKey }): Decided => {
  if (book.accounts.has(id) || id === by.account) return no("EntityAlreadyExists.Account")
  if (book.accounts.size >= accountsMax) return no("LimitExceeded.Account")
  return put({ account: id, kind: "account", name: "root", is: { createdAt: by.at, root } }, `/${id}`)
}

export const createUser = (book: Book, by: Actor, name: string): Decided => {
  const { users } = book.shelf(by.account)
  if (users.has(name)) return no("EntityAlreadyExists.User")
  if (users.size >= usersMax) return no("LimitExceeded.User")
  return put({ account: by.account, kind: "user", name, is: { createdAt: by.at, keys: [], policies: [] } })
}

export const deleteUser = (book: Book, by: Actor, name: string): Decided =>
  Result.flatMap(userOf(book, by.account, name), (user) => {
    if (user.is.keys.length > 0) return no("DeleteConflict.User.AccessKey", "Delete the user's access keys first.")
    if (user.is.policies.length > 0) return no("DeleteConflict.User.Policy", "Detach the user's policies first.")
    return drop(user)
  })

export const addAccessKey = (book: Book, by: Actor, { name, key }: { name: string; key: StoredKey }): Decided =>
  Result.flatMap(userOf(book, by.account, name), (user) =>
    user.is.keys.length >= accessKeysPerUserMax
      ? no("LimitExceeded.User.AccessKey", `A user has at most ${accessKeysPerUserMax} access keys: delete one first.`)
      : put({ ...user, is: { ...user.is, keys: [...user.is.keys, key] } }, `/${key.accessKeyId}`)
  )

/** The user's keys as `change` leaves them; it answers undefined for a key that is to go. */
export const changeAccessKey = (
  book: Book,
  by: Actor,
  { user: name, accessKeyId }: { readonly user: string; readonly accessKeyId: string },
  change: (key: StoredKey) => StoredKey | undefined
): Decided =>
  Result.flatMap(userOf(book, by.account, name), (user) => {
    if (!user.is.keys.some((key) => key.accessKeyId === accessKeyId)) return no("EntityNotExist.AccessKey")
    const keys = user.is.keys.flatMap((key) => (key.accessKeyId === accessKeyId ? (change(key) ?? []) : key))
    return put({ ...user, is: { ...user.is, keys } }, `/${accessKeyId}`)
  })

interface Document {
  readonly name: string
  readonly document: string
}

export const createPolicy = (book: Book, by: Actor, { name, document }: Document): Decided =>
  Result.flatMap(readPolicy(document), (policy) => {
    const { policies } = book.shelf(by.account)
    if (policies.has(name)) return no("EntityAlreadyExists.Policy", "Call UpdatePolicy to change it.")
    if (policies.size >= policiesMax) return no("LimitExceeded.Policy")
    const is = { createdAt: by.at, updatedAt: by.at, document: formatPolicy(policy) }
    return put({ account: by.account, kind: "policy", name, is })
  })

export const updatePolicy = (book: Book, by: Actor, { name, document }: Document): Decided =>
  Result.flatMap(readPolicy(document), (policy) =>
    Result.flatMap(policyOf(book, by.account, name), ({ createdAt }) => {
      const is = { createdAt, updatedAt: by.at, document: formatPolicy(policy) }
      return put({ account: by.account, kind: "policy", name, is })
    })
  )

/** The users and roles a policy is attached to. */
export const holdersOf = (book: Book, account: AccountId, name: string): ReadonlyArray<User | Role> => {
  const { users, roles } = book.shelf(account)
  return [...users.values(), ...roles.values()].filter(({ is }) => is.policies.includes(name))
}

export const deletePolicy = (book: Book, by: Actor, name: string): Decided =>
  Result.flatMap(policyOf(book, by.account, name), () => {
    const [holder] = holdersOf(book, by.account, name)
    if (holder === undefined) return drop({ account: by.account, kind: "policy", name })
    const hint = `Detach it from the ${holder.kind} ${holder.name} first.`
    return no(holder.kind === "user" ? "DeleteConflict.Policy.User" : "DeleteConflict.Policy.Role", hint)
  })

const withPolicies = (holder: User | Role, policies: ReadonlyArray<string>, policy: string): Decided =>
  holder.kind === "user"
    ? put({ ...holder, is: { ...holder.is, policies } }, `/policy/${policy}`)
    : put({ ...holder, is: { ...holder.is, policies } }, `/policy/${policy}`)

const fullCode = { user: "LimitExceeded.User.Policy", role: "LimitExceeded.Role.Policy" } as const

export const attachPolicy = (book: Book, by: Actor, name: string, to: Holder): Decided =>
  Result.gen(function* () {
    const holder = yield* holderOf(book, by.account, to)
    yield* policyOf(book, by.account, name)
    const { policies } = holder.is
    if (policies.includes(name)) return yield* no("EntityAlreadyExists.Policy", "It is attached already.")
    if (policies.length >= policiesPerHolderMax) return yield* no(fullCode[to.kind])
    return yield* withPolicies(holder, [...policies, name], name)
  })

export const detachPolicy = (book: Book, by: Actor, name: string, from: Holder): Decided =>
  Result.flatMap(holderOf(book, by.account, from), (holder) => {
    const { policies } = holder.is
    if (!policies.includes(name)) return no("EntityNotExist.Policy", "It is not attached.")
    return withPolicies(
      holder,
      policies.filter((other) => other !== name),
      name
    )
  })

export const createRole = (book: Book, by: Actor, { name, id }: { name: string; id: string }): Decided => {
  const { roles } = book.shelf(by.account)
  if (roles.has(name)) return no("EntityAlreadyExists.Role")
  if (roles.size >= rolesMax) return no("LimitExceeded.Role")
  return put({ account: by.account, kind: "role", name, is: { createdAt: by.at, id, policies: [] } })
}

export const deleteRole = (book: Book, by: Actor, name: string): Decided =>
  Result.flatMap(roleOf(book, by.account, name), (role) =>
    role.is.policies.length > 0 ? no("DeleteConflict.Role.Policy", "Detach the role's policies first.") : drop(role)
  )
