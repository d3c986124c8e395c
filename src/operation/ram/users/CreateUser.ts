/** Creates a user. */
import { Effect } from "effect"
import { commentsCharsMax } from "../../../domain/limits.ts"
import { newUserId } from "../../../ram/ids.ts"
import * as users from "../../../ram/users.ts"
import { optional } from "../../parameters.ts"
import { change, onUsers, ramOperation } from "../ramOperation.ts"
import { formOf, nameErrors, textOf, UserName } from "../ramParameters.ts"
import { address, addressForm, given, phone, phoneForm, shown } from "./user.ts"

export const CreateUser = ramOperation({
  about: "Creates a user without access keys and permissions.",
  errors: [
    "EntityAlreadyExists.User",
    "InvalidParameter.Comments.Length",
    "InvalidParameter.DisplayName.Length",
    "InvalidParameter.Email.Format",
    "InvalidParameter.MobilePhone.Format",
    ...nameErrors("UserName"),
    "LimitExceeded.User"
  ],
  changes: true,
  Request: {
    UserName,
    DisplayName: optional(textOf("DisplayName", commentsCharsMax), "The display name."),
    MobilePhone: optional(formOf("MobilePhone", phone, phoneForm), "The mobile phone number."),
    Email: optional(formOf("Email", address, addressForm), "The e-mail address."),
    Comments: optional(textOf("Comments", commentsCharsMax), "The description.")
  },
  on: onUsers,
  handle: ({ UserName, DisplayName, MobilePhone, Email, Comments }, call) => {
    const details = given({ displayName: DisplayName, mobilePhone: MobilePhone, email: Email, comments: Comments })
    const user = { name: UserName, id: newUserId(call.services.randomness), at: call.services.clock.now(), ...details }
    return Effect.map(
      change(call, (entities) => users.createUser(entities, user)),
      (made) => ({ User: shown(made) })
    )
  }
})
