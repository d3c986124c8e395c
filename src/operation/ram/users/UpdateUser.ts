/** Changes a user. */
import { Effect } from "effect"
import { commentsCharsMax } from "../../../domain/limits.ts"
import * as users from "../../../ram/users.ts"
import { optional } from "../../parameters.ts"
import { change, onUser, ramOperation } from "../ramOperation.ts"
import { clearable, formOf, nameErrors, newUserName, textOf, UserName } from "../ramParameters.ts"
import { address, addressForm, given, phone, phoneForm, updated } from "./user.ts"

export const UpdateUser = ramOperation({
  about: "Changes a user. A new name keeps access keys, groups and policies, and ends the user's sessions.",
  errors: [
    "EntityAlreadyExists.User",
    "EntityNotExist.User",
    "InvalidParameter.NewComments.Length",
    "InvalidParameter.NewDisplayName.Length",
    "InvalidParameter.NewEmail.Format",
    "InvalidParameter.NewMobilePhone.Format",
    ...nameErrors("NewUserName"),
    ...nameErrors("UserName")
  ],
  changes: true,
  Request: {
    UserName,
    NewUserName: optional(newUserName, "The new name."),
    NewDisplayName: clearable(textOf("NewDisplayName", commentsCharsMax), "The new display name."),
    NewMobilePhone: clearable(formOf("NewMobilePhone", phone, phoneForm), "The new mobile phone number."),
    NewEmail: clearable(formOf("NewEmail", address, addressForm), "The new e-mail address."),
    NewComments: clearable(textOf("NewComments", commentsCharsMax), "The new description.")
  },
  on: onUser,
  handle: (request, call) => {
    const { access, clock } = call.services
    const details = given({
      displayName: request.NewDisplayName,
      mobilePhone: request.NewMobilePhone,
      email: request.NewEmail,
      comments: request.NewComments
    })
    const wanted = { at: clock.now(), newName: request.NewUserName, details, resealed: access.resealed }
    return Effect.map(
      change(call, (entities) => users.updateUser(entities, request.UserName, wanted)),
      (user) => ({ User: updated(user) })
    )
  }
})
