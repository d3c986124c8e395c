/** Deletes a user without access keys, policies, groups and login profile. */
import * as users from "../../../ram/users.ts"
import { change, done, onUser, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"

export const DeleteUser = ramOperation({
  about: "Deletes a user, who must have no access keys, policies, groups or login profile.",
  errors: [
    "DeleteConflict.User.AccessKey",
    "DeleteConflict.User.Group",
    "DeleteConflict.User.LoginProfile",
    "DeleteConflict.User.Policy",
    "EntityNotExist.User",
    ...nameErrors("UserName")
  ],
  changes: true,
  Request: { UserName },
  on: onUser,
  handle: (request, call) => done(change(call, (entities) => users.deleteUser(entities, request.UserName)))
})
