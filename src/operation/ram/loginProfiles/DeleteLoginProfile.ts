/** Deletes the login profile of a user. */
import { deleteLoginProfile } from "../../../ram/users.ts"
import { change, done, onUser, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"

export const DeleteLoginProfile = ramOperation({
  about: "Deletes the login profile of a user.",
  errors: ["EntityNotExist.User", "EntityNotExist.User.LoginProfile", ...nameErrors("UserName")],
  changes: true,
  Request: { UserName },
  on: onUser,
  handle: (request, call) => done(change(call, (entities) => deleteLoginProfile(entities, request.UserName)))
})
