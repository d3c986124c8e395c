/** Changes of groups and their members, as decisions on the entities of the account. */
import { Result } from "effect"
import { groupsMax, groupsPerUserMax } from "../domain/limits.ts"
import type { Group, Membership, User } from "./records.ts"
import { drop, groupOf, membersOf, no, put, userOf } from "./entities.ts"
import type { Decided, AccountEntities } from "./entities.ts"

export interface NewGroup {
  readonly name: string
  readonly id: string
  readonly comments: string
  readonly at: number
}

export const createGroup = (
  { account, groups }: AccountEntities,
  { name, id, comments, at }: NewGroup
): Decided<Group, "EntityAlreadyExists.Group" | "LimitExceeded.Group"> => {
  if (groups.has(name)) return no("EntityAlreadyExists.Group")
  if (groups.size >= groupsMax) return no("LimitExceeded.Group")
  return put({ account, kind: "group", name, is: { createdAt: at, updatedAt: at, id, comments, policies: [] } })
}

export interface GroupChange {
  readonly at: number
  readonly newName: string | undefined
  readonly comments: string | undefined
}

export const updateGroup = (
  entities: AccountEntities,
  name: string,
  change: GroupChange
): Decided<Group, "EntityNotExist.Group" | "EntityAlreadyExists.Group"> =>
  Result.flatMap(groupOf(entities, name), (group) => {
    const { newName = name, comments = group.is.comments, at } = change
    const changed = { ...group, name: newName, is: { ...group.is, comments, updatedAt: at } }
    if (newName === name) return put(changed)
    if (entities.groups.has(newName)) return no("EntityAlreadyExists.Group")
    const members = membersOf(entities, name).map((user) =>
      withGroups(
        user,
        user.is.groups.map((joined) => (joined.name === name ? { ...joined, name: newName } : joined))
      )
    )
    return Result.succeed({
      put: [changed, ...members],
      drop: [{ account: group.account, kind: "group", name }],
      subject: `group/${name}/${newName}`,
      answer: changed
    })
  })

type GroupInUse = "DeleteConflict.Group.User" | "DeleteConflict.Group.Policy"

export const deleteGroup = (
  entities: AccountEntities,
  name: string
): Decided<undefined, "EntityNotExist.Group" | GroupInUse> =>
  Result.flatMap(groupOf(entities, name), (group): Decided<undefined, GroupInUse> => {
    const [member] = membersOf(entities, name)
    if (member !== undefined) return no("DeleteConflict.Group.User", `Remove the user ${member.name} from it first.`)
    if (group.is.policies.length > 0) return no("DeleteConflict.Group.Policy", "Detach the group's policies first.")
    return drop(group)
  })

const withGroups = (user: User, groups: ReadonlyArray<Membership>): User => ({ ...user, is: { ...user.is, groups } })

interface UserInGroup {
  readonly user: string
  readonly group: string
}

type NotThere = "EntityNotExist.User" | "EntityNotExist.Group"

export const addUserToGroup = (
  entities: AccountEntities,
  asked: UserInGroup,
  at: number
): Decided<User, NotThere | "EntityAlreadyExists.User.Group" | "LimitExceeded.User.Group"> =>
  Result.gen(function* () {
    const user = yield* userOf(entities, asked.user)
    const { name } = yield* groupOf(entities, asked.group)
    const { groups } = user.is
    if (groups.some((joined) => joined.name === name)) return yield* no("EntityAlreadyExists.User.Group")
    if (groups.length >= groupsPerUserMax) return yield* no("LimitExceeded.User.Group")
    return yield* put(withGroups(user, [...groups, { name, at }]), `/group/${name}`)
  })

export const removeUserFromGroup = (
  entities: AccountEntities,
  asked: UserInGroup
): Decided<User, NotThere | "EntityNotExist.User.Group"> =>
  Result.gen(function* () {
    const user = yield* userOf(entities, asked.user)
    const { name } = yield* groupOf(entities, asked.group)
    const left = user.is.groups.filter((joined) => joined.name !== name)
    if (left.length === user.is.groups.length) return yield* no("EntityNotExist.User.Group")
    return yield* put(withGroups(user, left), `/group/${name}`)
  })
