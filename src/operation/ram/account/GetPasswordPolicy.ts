/** Shows the requirements for passwords of login profiles. */
import { Effect } from "effect"
import { onAccount, ramOperation } from "../ramOperation.ts"

export const GetPasswordPolicy = ramOperation({
  about:
    "Shows the requirements for passwords of login profiles. They are fixed, because passwords are not used for sign-in here.",
  errors: [],
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
