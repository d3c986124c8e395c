/** Tells whether the service is open to the account. Here it is open to every account with an access key. */
import { Effect } from "effect"
import { operation } from "../operation.ts"

export const DescribeAccountKmsStatus = operation({
  about: "Tells whether the service is open to the account.",
  errors: [],
  Request: {},
  permission: { on: "account" },
  handle: () => Effect.succeed({ AccountStatus: "Enabled" })
})
