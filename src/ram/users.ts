/** Changes of users, their access keys and their login profiles, as decisions on the entities of the account. */
import { Result } from "effect"
import { accessKeysPerUserMax, usersMax } from "../domain/limits.ts"
import type { LoginProfile, StoredKey, User } from "./records.ts"
import { drop, no, put, userOf } from "./entities.ts"
import type { Decided, AccountEntities } from "./entities.ts"

export interface UserDetails {
  readonly displayName: string
  readonly mobilePhone: string
  readonly email: string
  readonly comments: string
}

export interface NewUser extends Partial<UserDetails> {
  readonly name: string
  readonly id: string
  readonly at: number
}

export const createUser = (
  { account, users }: AccountEntities,
  { name, id, at, ...details }: NewUser
): Decided<User, "EntityAlreadyExists.User" | "LimitExceeded.User"> => {
  if (users.has(name)) return no("EntityAlreadyExists.User")
  if (users.size >= usersMax) return no("LimitExceeded.User")
  const empty = { displayName: "", mobilePhone: "", email: "", comments: "" }
  const is = { createdAt: at, updatedAt: at, id, ...empty, ...details, keys: [], policies: [], groups: [] }
  return put({ account, kind: "user", name, is })
}

export interface UserChange {
  readonly at: number
  readonly newName: string | undefined
  /** The members to change. */
  readonly details: Partial<UserDetails>
  /** The access keys, sealed again for the user's new name. */
  readonly resealed: (user: User, newName: string) => ReadonlyArray<StoredKey>
}

export const updateUser = (
  entities: AccountEntities,
  name: string,
  change: UserChange
): Decided<User, "EntityNotExist.User" | "EntityAlreadyExists.User"> =>
  Result.flatMap(userOf(entities, name), (user) => {
    const { newName = name, details, at, resealed } = change
    const is = { ...user.is, ...details, updatedAt: at }
    if (newName === name) return put({ ...user, is })
    if (entities.users.has(newName)) return no("EntityAlreadyExists.User")
    const renamed = { ...user, name: newName, is: { ...is, keys: resealed(user, newName) } }
    return Result.map(put(renamed), (decision) => ({
      ...decision,
      drop: [{ account: user.account, kind: "user", name }] as const,
      subject: `user/${name}/${newName}`
    }))
  })

type UserInUse =
  | "DeleteConflict.User.AccessKey"
  | "DeleteConflict.User.Policy"
  | "DeleteConflict.User.Group"
  | "DeleteConflict.User.LoginProfile"

export const deleteUser = (
  entities: AccountEntities,
  name: string
): Decided<undefined, "EntityNotExist.User" | UserInUse> =>
  Result.flatMap(userOf(entities, name), (user): Decided<undefined, UserInUse> => {
    const { keys, policies, groups, login } = user.is
    if (keys.length > 0) return no("DeleteConflict.User.AccessKey", "Delete the user's access keys first.")
    if (policies.length > 0) return no("DeleteConflict.User.Policy", "Detach the user's policies first.")
    if (groups.length > 0) return no("DeleteConflict.User.Group", "Remove the user from its groups first.")
    if (login !== undefined) return no("DeleteConflict.User.LoginProfile", "Delete the user's login profile first.")
    return drop(user)
  })

export const addAccessKey = (
  entities: AccountEntities,
  name: string,
  key: StoredKey
): Decided<StoredKey, "EntityNotExist.User" | "LimitExceeded.User.AccessKey"> =>
  Result.flatMap(userOf(entities, name), (user) =>
    user.is.keys.length >= accessKeysPerUserMax
      ? no("LimitExceeded.User.AccessKey", `A user has at most ${accessKeysPerUserMax} access keys. Delete one first.`)
      : withKeys(user, [...user.is.keys, key], key)
  )

const withKeys = (user: User, keys: ReadonlyArray<StoredKey>, about: StoredKey): Decided<StoredKey> =>
  Result.map(put({ ...user, is: { ...user.is, keys } }, `/${about.accessKeyId}`), (decision) => ({
    ...decision,
    answer: about
  }))

/** The user's keys after `change`, which returns undefined to delete a key. */
export const changeAccessKey = (
  entities: AccountEntities,
  { user: name, accessKeyId }: { readonly user: string; readonly accessKeyId: string },
  change: (key: StoredKey) => StoredKey | undefined
): Decided<StoredKey, "EntityNotExist.User" | "EntityNotExist.User.AccessKey"> =>
  Result.flatMap(userOf(entities, name), (user) => {
    const changed = user.is.keys.find((key) => key.accessKeyId === accessKeyId)
    if (changed === undefined) return no("EntityNotExist.User.AccessKey")
    const keys = user.is.keys.flatMap((key) => (key === changed ? (change(key) ?? []) : key))
    return withKeys(user, keys, changed)
  })

export const createLoginProfile = (
  entities: AccountEntities,
  name: string,
  login: LoginProfile
): Decided<User, "EntityNotExist.User" | "EntityAlreadyExists.User.LoginProfile"> =>
  Result.flatMap(userOf(entities, name), (user) =>
    user.is.login === undefined
      ? put({ ...user, is: { ...user.is, login } }, "/loginProfile")
      : no("EntityAlreadyExists.User.LoginProfile")
  )

export const updateLoginProfile = (
  entities: AccountEntities,
  name: string,
  change: Partial<LoginProfile>
): Decided<User, "EntityNotExist.User" | "EntityNotExist.User.LoginProfile"> =>
  Result.flatMap(userOf(entities, name), (user) =>
    user.is.login === undefined
      ? no("EntityNotExist.User.LoginProfile")
      : put({ ...user, is: { ...user.is, login: { ...user.is.login, ...change } } }, "/loginProfile")
  )

export const deleteLoginProfile = (
  entities: AccountEntities,
  name: string
): Decided<User, "EntityNotExist.User" | "EntityNotExist.User.LoginProfile"> =>
  Result.flatMap(userOf(entities, name), (user) => {
    const { login, ...is } = user.is
    return login === undefined ? no("EntityNotExist.User.LoginProfile") : put({ ...user, is }, "/loginProfile")
  })
