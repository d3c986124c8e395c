/** RAM: login profiles and MFA devices. Passwords are checked for strength, not stored, and not used for sign-in. */
import { Effect } from "effect"
import { refuse } from "../../../domain/errors.ts"
import { formatInstant } from "../../../domain/time.ts"
import type { User } from "../../../ram/records.ts"
import { no, userOf } from "../../../ram/entities.ts"
import { boolean, optional } from "../../parameters.ts"
import type { Kind } from "../../parameters.ts"
import { onUser, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"

/** RAM's default password policy: length, and three of four kinds of characters. */
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

/** Reads only the strength of the password. */
export const password: Kind<string, true, "InvalidParameter.Password.TooWeak"> = {
  read: (given) => (isStrong(given) ? true : undefined),
  form: passwordForm,
  invalidError: () =>
    refuse("InvalidParameter.Password.TooWeak", { parameter: "Password", hint: `Password must have ${passwordForm}.` })
}

export const flags = {
  PasswordResetRequired: optional(boolean, "Whether the user has to change the password at the next login."),
  MFABindRequired: optional(boolean, "Whether the user has to bind an MFA device at the next login.")
} as const

export const shown = ({ name, is }: User) => ({
  UserName: name,
  PasswordResetRequired: is.login?.passwordResetRequired ?? false,
  MFABindRequired: is.login?.mfaBindRequired ?? false,
  CreateDate: formatInstant(is.login?.createdAt ?? 0)
})

/** This server has no MFA devices, so no user has one. */
export const withoutDevice = (about: string) =>
  ramOperation({
    about,
    errors: [...nameErrors("UserName"), "EntityNotExist.User", "EntityNotExist.User.MFADevice"],
    Request: { UserName },
    on: onUser,
    handle: (request, call) =>
      Effect.flatMap(Effect.fromResult(userOf(entitiesOf(call), request.UserName)), () =>
        Effect.fromResult(no("EntityNotExist.User.MFADevice", "There are no MFA devices on this server."))
      )
  })
