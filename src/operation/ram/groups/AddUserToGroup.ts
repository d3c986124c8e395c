/** Adds a user to a group, whose policies then apply to it. */
import * as groups from "../../../ram/groups.ts"
import { change, done, onUserAndGroup, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors, UserName } from "../ramParameters.ts"

export const AddUserToGroup = ramOperation({
  about: "Adds a user to a group, whose policies then apply to it.",
  errors: [
    "EntityAlreadyExists.User.Group",
    "EntityNotExist.Group",
    "EntityNotExist.User",
    ...nameErrors("GroupName"),
    ...nameErrors("UserName"),
    "LimitExceeded.User.Group"
  ],
  changes: true,
  Request: { UserName, GroupName },
  on: onUserAndGroup,
  handle: ({ UserName: user, GroupName: group }, call) =>
    done(change(call, (entities) => groups.addUserToGroup(entities, { user, group }, call.services.clock.now())))
})
