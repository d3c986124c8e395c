/** RAM: groups of users. */
import { Effect } from "effect"
import { commentsCharsMax } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import * as groups from "../../ram/groups.ts"
import { newGroupId } from "../../ram/ids.ts"
import type { Group } from "../../ram/records.ts"
import { groupOf, membersOf, userOf } from "../../ram/shelf.ts"
import { optional } from "../parameters.ts"
import { clearable, GroupName, newGroupName, textOf, UserName } from "../accessControl/ramParameters.ts"
import { pageOf, paging } from "./pages.ts"
import { change, done, onGroup, onGroups, onUser, onUserAndGroup, ramOperation, shelfOf } from "./ramOperation.ts"

const shown = ({ name, is }: Group) => ({
  GroupId: is.id,
  GroupName: name,
  Comments: is.comments,
  CreateDate: formatInstant(is.createdAt),
  UpdateDate: formatInstant(is.updatedAt)
})

export const CreateGroup = ramOperation({
  about: "Creates a group of users.",
  changes: true,
  Request: { GroupName, Comments: optional(textOf("Comments", commentsCharsMax), "The description.") },
  on: onGroups,
  handle: ({ GroupName, Comments = "" }, call) => {
    const { clock, randomness } = call.world
    const group = { name: GroupName, comments: Comments, id: newGroupId(randomness), at: clock.now() }
    return Effect.map(
      change(call, (shelf) => groups.createGroup(shelf, group)),
      (made) => ({ Group: shown(made) })
    )
  }
})

export const GetGroup = ramOperation({
  about: "Shows a group.",
  Request: { GroupName },
  on: onGroup,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(groupOf(shelfOf(call), request.GroupName)), (group) => ({ Group: shown(group) }))
})

export const UpdateGroup = ramOperation({
  about: "Changes a group. Its members and policies stay when its name changes.",
  changes: true,
  Request: {
    GroupName,
    NewGroupName: optional(newGroupName, "The new name."),
    NewComments: clearable(textOf("NewComments", commentsCharsMax), "The new description.")
  },
  on: onGroup,
  handle: ({ GroupName, NewGroupName, NewComments }, call) => {
    const wanted = { at: call.world.clock.now(), newName: NewGroupName, comments: NewComments }
    return Effect.map(
      change(call, (shelf) => groups.updateGroup(shelf, GroupName, wanted)),
      (group) => ({ Group: shown(group) })
    )
  }
})

export const DeleteGroup = ramOperation({
  about: "Deletes a group that has no members and no policies any more.",
  changes: true,
  Request: { GroupName },
  on: onGroup,
  handle: (request, call) => done(change(call, (shelf) => groups.deleteGroup(shelf, request.GroupName)))
})

export const ListGroups = ramOperation({
  about: "Lists the groups of the account, by name.",
  Request: paging,
  on: onGroups,
  handle: (request, call) =>
    Effect.sync(() => {
      const { items, place } = pageOf(shelfOf(call).groups.values(), request)
      return { Groups: { Group: items.map(shown) }, ...place }
    })
})

export const AddUserToGroup = ramOperation({
  about: "Adds a user to a group, whose policies then count for it.",
  changes: true,
  Request: { UserName, GroupName },
  on: onUserAndGroup,
  handle: ({ UserName: user, GroupName: group }, call) =>
    done(change(call, (shelf) => groups.addUserToGroup(shelf, { user, group }, call.world.clock.now())))
})

export const RemoveUserFromGroup = ramOperation({
  about: "Removes a user from a group.",
  changes: true,
  Request: { UserName, GroupName },
  on: onUserAndGroup,
  handle: ({ UserName: user, GroupName: group }, call) =>
    done(change(call, (shelf) => groups.removeUserFromGroup(shelf, { user, group })))
})

export const ListUsersForGroup = ramOperation({
  about: "Lists the users of a group, by name.",
  Request: { GroupName, ...paging },
  on: onGroup,
  handle: ({ GroupName, ...page }, call) =>
    Effect.map(Effect.fromResult(groupOf(shelfOf(call), GroupName)), () => {
      const { items, place } = pageOf(membersOf(shelfOf(call), GroupName), page)
      const User = items.map(({ name, is }) => ({
        UserName: name,
        DisplayName: is.displayName,
        JoinDate: formatInstant(is.groups.find((joined) => joined.name === GroupName)?.at ?? 0)
      }))
      return { Users: { User }, ...place }
    })
})

export const ListGroupsForUser = ramOperation({
  about: "Lists the groups of a user.",
  Request: { UserName },
  on: onUser,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(userOf(shelfOf(call), request.UserName)), ({ is }) => {
      const known = shelfOf(call).groups
      const Group = is.groups.flatMap(({ name, at }) => {
        const group = known.get(name)
        if (group === undefined) return []
        const { GroupId, Comments } = shown(group)
        return { GroupId, GroupName: name, Comments, JoinDate: formatInstant(at) }
      })
      return { Groups: { Group } }
    })
})
