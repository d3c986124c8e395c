/** Lists the MFA devices of the account. */
import { Effect } from "effect"
import { onAccount, ramOperation } from "../ramOperation.ts"

export const ListVirtualMFADevices = ramOperation({
  about: "Lists the MFA devices of the account. This server has none.",
  errors: [],
  Request: {},
  on: onAccount,
  handle: () => Effect.succeed({ VirtualMFADevices: { VirtualMFADevice: [] } })
})
