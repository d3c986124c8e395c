/** Shows a user. */
import { Effect } from "effect"
import { userOf } from "../../../ram/entities.ts"
import { missing, optional } from "../../parameters.ts"
import { onUserOrSelf, ramOperation, entitiesOf, userOrSelf } from "../ramOperation.ts"
import { nameErrors, userName } from "../ramParameters.ts"
import { updated } from "./user.ts"

export const GetUser = ramOperation({
  about: "Shows a user.",
  errors: [...nameErrors("UserName"), "EntityNotExist.User"],
  Request: { UserName: optional(userName, "The user; the caller if absent.") },
  on: onUserOrSelf,
  handle: (request, call) => {
    const name = userOrSelf(request, call)
    if (name === "") return Effect.fail(missing("UserName"))
    return Effect.map(Effect.fromResult(userOf(entitiesOf(call), name)), (user) => ({
      // Passwords are not used for sign-in here.
      User: { ...updated(user), LastLoginDate: "" }
    }))
  }
})
