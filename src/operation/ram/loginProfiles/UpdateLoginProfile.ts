/** Changes the login profile of a user. */
import { updateLoginProfile } from "../../../ram/users.ts"
import { optional } from "../../parameters.ts"
import { change, done, onUser, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { flags, password } from "./loginProfile.ts"

export const UpdateLoginProfile = ramOperation({
  about: "Changes the login profile of a user.",
  errors: [
    "EntityNotExist.User",
    "EntityNotExist.User.LoginProfile",
    "InvalidParameter.Password.TooWeak",
    ...nameErrors("UserName")
  ],
  changes: true,
  Request: { UserName, Password: optional(password, "The new password; it is not stored."), ...flags },
  on: onUser,
  handle: ({ UserName, PasswordResetRequired, MFABindRequired }, call) => {
    const wanted = {
      ...(PasswordResetRequired === undefined ? {} : { passwordResetRequired: PasswordResetRequired }),
      ...(MFABindRequired === undefined ? {} : { mfaBindRequired: MFABindRequired })
    }
    return done(change(call, (entities) => updateLoginProfile(entities, UserName, wanted)))
  }
})
