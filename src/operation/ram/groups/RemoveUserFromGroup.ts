/** Removes a user from a group. */
import * as groups from "../../../ram/groups.ts"
import { change, done, onUserAndGroup, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors, UserName } from "../ramParameters.ts"

export const RemoveUserFromGroup = ramOperation({
  about: "Removes a user from a group.",
  errors: [
    "EntityNotExist.Group",
    "EntityNotExist.User",
    "EntityNotExist.User.Group",
    ...nameErrors("GroupName"),
    ...nameErrors("UserName")
  ],
  changes: true,
  Request: { UserName, GroupName },
  on: onUserAndGroup,
  handle: ({ UserName: user, GroupName: group }, call) =>
    done(change(call, (entities) => groups.removeUserFromGroup(entities, { user, group })))
})
