/** RAM: settings of the account. The alias is a name only: nothing here logs in by it. */
import { Effect } from "effect"
import { refuse } from "../../domain/errors.ts"
import { changeSettings } from "../../ram/accounts.ts"
import { no } from "../../ram/shelf.ts"
import { required } from "../parameters.ts"
import type { Kind } from "../parameters.ts"
import { change, done, onAccount, ramOperation, shelfOf } from "./ramOperation.ts"

const aliasLength = { minimum: 3, maximum: 63 } as const
const aliasPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const aliasForm = `${aliasLength.minimum} to ${aliasLength.maximum} lower-case letters, digits and single \`-\` between them`

const isLengthRight = (given: string): boolean =>
  given.length >= aliasLength.minimum && given.length <= aliasLength.maximum

const alias: Kind<string, string> = {
  read: (given) => (typeof given === "string" && isLengthRight(given) && aliasPattern.test(given) ? given : undefined),
  form: aliasForm,
  invalidError: (given) => {
    const details = { parameter: "AccountAlias", hint: `AccountAlias must be ${aliasForm}.` }
    return typeof given === "string" && !isLengthRight(given)
      ? refuse("InvalidParameter.AccountAlias.Length", details)
      : refuse("InvalidParameter.AccountAlias.Format", details)
  }
}

export const SetAccountAlias = ramOperation({
  about: "Sets the alias of the account.",
  changes: true,
  Request: { AccountAlias: required(alias, "The alias.") },
  on: onAccount,
  handle: (request, call) => done(change(call, (shelf) => changeSettings(shelf, { alias: request.AccountAlias })))
})

export const GetAccountAlias = ramOperation({
  about: "Shows the alias of the account.",
  Request: {},
  on: onAccount,
  handle: (_request, call) => {
    const set = shelfOf(call).settings?.is.alias
    return set === undefined
      ? Effect.fromResult(no("EntityNotExist.AccountAlias"))
      : Effect.succeed({ AccountAlias: set })
  }
})

export const ClearAccountAlias = ramOperation({
  about: "Removes the alias of the account.",
  changes: true,
  Request: {},
  on: onAccount,
  handle: (_request, call) => done(change(call, (shelf) => changeSettings(shelf, { alias: undefined })))
})

export const GetPasswordPolicy = ramOperation({
  about: "Shows what passwords of login profiles must be. It cannot be changed: passwords open nothing here.",
  Request: {},
  on: onAccount,
  handle: () =>
    Effect.succeed({
      PasswordPolicy: {
        MinimumPasswordLength: 8,
        RequireLowercaseCharacters: false,
        RequireUppercaseCharacters: false,
        RequireNumbers: false,
        RequireSymbols: false,
        HardExpiry: false,
        MaxPasswordAge: 0,
        PasswordReusePrevention: 0,
        MaxLoginAttemps: 0
      }
    })
})

export const GetSecurityPreference = ramOperation({
  about: "Shows what users may manage of their own without a policy: nothing here.",
  Request: {},
  on: onAccount,
  handle: () =>
    Effect.succeed({
      SecurityPreference: {
        LoginProfilePreference: {
          EnableSaveMFATicket: false,
          AllowUserToChangePassword: false,
          LoginSessionDuration: 6,
          LoginNetworkMasks: ""
        },
        AccessKeyPreference: { AllowUserToManageAccessKeys: false },
        MFAPreference: { AllowUserToManageMFADevices: false },
        PublicKeyPreference: { AllowUserToManagePublicKeys: false }
      }
    })
})
