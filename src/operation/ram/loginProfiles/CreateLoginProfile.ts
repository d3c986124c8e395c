/** Creates the login profile of a user. */
import { Effect } from "effect"
import { createLoginProfile } from "../../../ram/users.ts"
import { required } from "../../parameters.ts"
import { change, onUser, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { flags, password, shown } from "./loginProfile.ts"

export const CreateLoginProfile = ramOperation({
  about: "Creates the login profile of a user. Its password is not used for sign-in here.",
  errors: [
    "EntityAlreadyExists.User.LoginProfile",
    "EntityNotExist.User",
    "InvalidParameter.Password.TooWeak",
    ...nameErrors("UserName")
  ],
  changes: true,
  Request: { UserName, Password: required(password, "The password; it is not stored."), ...flags },
  on: onUser,
  handle: ({ UserName, PasswordResetRequired = false, MFABindRequired = false }, call) => {
    const createdAt = call.services.clock.now()
    const login = { createdAt, passwordResetRequired: PasswordResetRequired, mfaBindRequired: MFABindRequired }
    return Effect.map(
      change(call, (entities) => createLoginProfile(entities, UserName, login)),
      (user) => ({ LoginProfile: shown(user) })
    )
  }
})
