/** RAM: users. */
import { Effect } from "effect"
import { commentsCharsMax } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { newUserId } from "../../ram/ids.ts"
import type { User } from "../../ram/records.ts"
import { userOf } from "../../ram/shelf.ts"
import * as users from "../../ram/users.ts"
import { missing, optional } from "../parameters.ts"
import { clearable, formOf, newUserName, textOf, UserName, userName } from "../accessControl/ramParameters.ts"
import { pageOf, paging } from "./pages.ts"
import { change, done, onUser, onUserOrSelf, onUsers, ramOperation, shelfOf, userOrSelf } from "./ramOperation.ts"

const phone = /^(?:\+?[0-9]{1,4}-[0-9*]{4,20})?$/
const phoneForm = "`<country code>-<number>`"
const address = /^(?:[^\s@]{1,64}@[^\s@]{1,190})?$/
const addressForm = "an e-mail address"

/** A user as single replies show it. */
const shown = ({ name, is }: User) => ({
  UserId: is.id,
  UserName: name,
  DisplayName: is.displayName,
  MobilePhone: is.mobilePhone,
  Email: is.email,
  Comments: is.comments,
  CreateDate: formatInstant(is.createdAt)
})

const updated = (user: User) => ({ ...shown(user), UpdateDate: formatInstant(user.is.updatedAt) })

/** Members of the request that are given. */
const given = <T extends Readonly<Record<string, string | undefined>>>(members: T) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: string
  }

export const CreateUser = ramOperation({
  about: "Creates a user. It has no access key and no permission yet.",
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
    const user = { name: UserName, id: newUserId(call.world.randomness), at: call.world.clock.now(), ...details }
    return Effect.map(
      change(call, (shelf) => users.createUser(shelf, user)),
      (made) => ({ User: shown(made) })
    )
  }
})

export const GetUser = ramOperation({
  about: "Shows a user.",
  Request: { UserName: optional(userName, "The user; the caller if absent.") },
  on: onUserOrSelf,
  handle: (request, call) => {
    const name = userOrSelf(request, call)
    if (name === "") return Effect.fail(missing("UserName"))
    return Effect.map(Effect.fromResult(userOf(shelfOf(call), name)), (user) => ({
      // Passwords are not used for sign-in here.
      User: { ...updated(user), LastLoginDate: "" }
    }))
  }
})

export const UpdateUser = ramOperation({
  about: "Changes a user. Its access keys, groups and policies stay when its name changes; its sessions end.",
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
    const { access, clock } = call.world
    const details = given({
      displayName: request.NewDisplayName,
      mobilePhone: request.NewMobilePhone,
      email: request.NewEmail,
      comments: request.NewComments
    })
    const wanted = { at: clock.now(), newName: request.NewUserName, details, resealed: access.resealed }
    return Effect.map(
      change(call, (shelf) => users.updateUser(shelf, request.UserName, wanted)),
      (user) => ({ User: updated(user) })
    )
  }
})

export const DeleteUser = ramOperation({
  about: "Deletes a user that has no access keys, policies, groups and login profile any more.",
  changes: true,
  Request: { UserName },
  on: onUser,
  handle: (request, call) => done(change(call, (shelf) => users.deleteUser(shelf, request.UserName)))
})

export const ListUsers = ramOperation({
  about: "Lists the users of the account, by name.",
  Request: paging,
  on: onUsers,
  handle: (request, call) =>
    Effect.sync(() => {
      const { items, place } = pageOf(shelfOf(call).users.values(), request)
      return { Users: { User: items.map(updated) }, ...place }
    })
})
