/** Activates or deactivates an access key of a user. */
import { Effect } from "effect"
import { changeAccessKey } from "../../../ram/users.ts"
import { oneOf, required } from "../../parameters.ts"
import { change, done, onUserOrSelf, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserAccessKeyId } from "../ramParameters.ts"
import { OptionalUser, meant } from "./accessKey.ts"

export const UpdateAccessKey = ramOperation({
  about: "Activates or deactivates an access key of a user.",
  errors: ["EntityNotExist.User", "EntityNotExist.User.AccessKey", ...nameErrors("UserName")],
  changes: true,
  Request: {
    UserName: OptionalUser,
    UserAccessKeyId,
    Status: required(oneOf(["Active", "Inactive"]), "The new status.")
  },
  on: onUserOrSelf,
  handle: (request, call) =>
    Effect.flatMap(meant(request, call), (user) => {
      const key = { user, accessKeyId: request.UserAccessKeyId }
      const active = request.Status === "Active"
      return done(change(call, (entities) => changeAccessKey(entities, key, (known) => ({ ...known, active }))))
    })
})
