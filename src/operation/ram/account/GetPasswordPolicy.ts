/** Shows what passwords of login profiles must be. */
import { Effect } from "effect"
import { onAccount, ramOperation } from "../ramOperation.ts"

export const GetPasswordPolicy = ramOperation({
  about: "Shows what passwords of login profiles must be. It cannot be changed: passwords open nothing here.",
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
