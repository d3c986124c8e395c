/** Shows what users may manage themselves without a policy. */
import { Effect } from "effect"
import { onAccount, ramOperation } from "../ramOperation.ts"

export const GetSecurityPreference = ramOperation({
  about: "Shows what users may manage themselves without a policy: nothing on this server.",
  errors: [],
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
