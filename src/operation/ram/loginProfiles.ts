/** RAM: login profiles and MFA devices. A password is checked for its strength and dropped: it opens nothing. */
import { Effect } from "effect"
import { refuse } from "../../domain/errors.ts"
import { formatInstant } from "../../domain/time.ts"
import type { User } from "../../ram/records.ts"
import { no, userOf } from "../../ram/shelf.ts"
import { createLoginProfile, deleteLoginProfile, updateLoginProfile } from "../../ram/users.ts"
import { boolean, optional, required } from "../parameters.ts"
import type { Kind } from "../parameters.ts"
import { UserName } from "../accessControl/ramParameters.ts"
import { change, done, onAccount, onUser, ramOperation, shelfOf } from "./ramOperation.ts"

/** RAM's password policy by default: length, and three of four kinds of characters. */
const lengths = { minimum: 8, maximum: 32 } as const
const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/]
const kindsMin = 3

const isStrong = (given: unknown): given is string =>
  typeof given === "string" &&
  given.length >= lengths.minimum &&
  given.length <= lengths.maximum &&
  kinds.filter((kind) => kind.test(given)).length >= kindsMin

const passwordForm =
  `${lengths.minimum} to ${lengths.maximum} characters, of ${kindsMin} of these kinds: ` +
  "lower case, upper case, digits, others"

/** Read as nothing but its strength. */
const password: Kind<string, true> = {
  read: (given) => (isStrong(given) ? true : undefined),
  form: passwordForm,
  invalidError: () =>
    refuse("InvalidParameter.Password.TooWeak", { parameter: "Password", hint: `Password must have ${passwordForm}.` })
}

const flags = {
  PasswordResetRequired: optional(boolean, "Whether the user has to change the password at the next login."),
  MFABindRequired: optional(boolean, "Whether the user has to bind an MFA device at the next login.")
} as const

const shown = ({ name, is }: User) => ({
  UserName: name,
  PasswordResetRequired: is.login?.passwordResetRequired ?? false,
  MFABindRequired: is.login?.mfaBindRequired ?? false,
  CreateDate: formatInstant(is.login?.createdAt ?? 0)
})

export const CreateLoginProfile = ramOperation({
  about: "Creates the login profile of a user. Its password opens nothing here.",
  changes: true,
  Request: { UserName, Password: required(password, "The password; it is not stored."), ...flags },
  on: onUser,
  handle: ({ UserName, PasswordResetRequired = false, MFABindRequired = false }, call) => {
    const createdAt = call.world.clock.now()
    const login = { createdAt, passwordResetRequired: PasswordResetRequired, mfaBindRequired: MFABindRequired }
    return Effect.map(
      change(call, (shelf) => createLoginProfile(shelf, UserName, login)),
      (user) => ({ LoginProfile: shown(user) })
    )
  }
})

export const GetLoginProfile = ramOperation({
  about: "Shows the login profile of a user.",
  Request: { UserName },
  on: onUser,
  handle: (request, call) =>
    Effect.flatMap(Effect.fromResult(userOf(shelfOf(call), request.UserName)), (user) =>
      user.is.login === undefined
        ? Effect.fail(refuse("EntityNotExist.User.LoginProfile"))
        : Effect.succeed({ LoginProfile: shown(user) })
    )
})

export const UpdateLoginProfile = ramOperation({
  about: "Changes the login profile of a user.",
  changes: true,
  Request: { UserName, Password: optional(password, "The new password; it is not stored."), ...flags },
  on: onUser,
  handle: ({ UserName, PasswordResetRequired, MFABindRequired }, call) => {
    const wanted = {
      ...(PasswordResetRequired === undefined ? {} : { passwordResetRequired: PasswordResetRequired }),
      ...(MFABindRequired === undefined ? {} : { mfaBindRequired: MFABindRequired })
    }
    return done(change(call, (shelf) => updateLoginProfile(shelf, UserName, wanted)))
  }
})

export const DeleteLoginProfile = ramOperation({
  about: "Deletes the login profile of a user.",
  changes: true,
  Request: { UserName },
  on: onUser,
  handle: (request, call) => done(change(call, (shelf) => deleteLoginProfile(shelf, request.UserName)))
})

/** There are no MFA devices here: each user has none. */
const withoutDevice = (about: string) =>
  ramOperation({
    about,
    Request: { UserName },
    on: onUser,
    handle: (request, call) =>
      Effect.flatMap(Effect.fromResult(userOf(shelfOf(call), request.UserName)), () =>
        Effect.fromResult(no("EntityNotExist.User.MFADevice", "There are no MFA devices on this server."))
      )
  })

export const GetUserMFAInfo = withoutDevice("Shows the MFA device of a user: none is ever bound here.")
export const UnbindMFADevice = withoutDevice("Unbinds the MFA device of a user: none is ever bound here.")

export const ListVirtualMFADevices = ramOperation({
  about: "Lists the MFA devices of the account: there are none here.",
  Request: {},
  on: onAccount,
  handle: () => Effect.succeed({ VirtualMFADevices: { VirtualMFADevice: [] } })
})
