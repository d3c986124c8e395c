/** Shows the login profile of a user. */
import { Effect } from "effect"
import { refuse } from "../../../domain/errors.ts"
import { userOf } from "../../../ram/entities.ts"
import { onUser, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { shown } from "./loginProfile.ts"

export const GetLoginProfile = ramOperation({
  about: "Shows the login profile of a user.",
  errors: ["EntityNotExist.User", "EntityNotExist.User.LoginProfile", ...nameErrors("UserName")],
  Request: { UserName },
  on: onUser,
  handle: (request, call) =>
    Effect.flatMap(Effect.fromResult(userOf(entitiesOf(call), request.UserName)), (user) =>
      user.is.login === undefined
        ? Effect.fail(refuse("EntityNotExist.User.LoginProfile"))
        : Effect.succeed({ LoginProfile: shown(user) })
    )
})
