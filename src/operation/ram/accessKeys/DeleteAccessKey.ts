/** Deletes an access key of a user. */
import { Effect } from "effect"
import { changeAccessKey } from "../../../ram/users.ts"
import { change, done, onUserOrSelf, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserAccessKeyId } from "../ramParameters.ts"
import { OptionalUser, meant } from "./accessKey.ts"

export const DeleteAccessKey = ramOperation({
  about: "Deletes an access key of a user, and ends the sessions that it began.",
  errors: ["EntityNotExist.User", "EntityNotExist.User.AccessKey", ...nameErrors("UserName")],
  changes: true,
  Request: { UserName: OptionalUser, UserAccessKeyId },
  on: onUserOrSelf,
  handle: (request, call) =>
    Effect.flatMap(meant(request, call), (user) => {
      const key = { user, accessKeyId: request.UserAccessKeyId }
      return done(change(call, (entities) => changeAccessKey(entities, key, () => undefined)))
    })
})
