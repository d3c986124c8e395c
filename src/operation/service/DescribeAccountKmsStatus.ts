/** Says whether the service is open to the account. Here it always is: whoever has an access key has the service. */
import { Effect } from "effect"
import { operation } from "../operation.ts"

export const DescribeAccountKmsStatus = operation({
  about: "Says whether the service is open to the account.",
  errors: [],
  Request: {},
  permission: { on: "account" },
  handle: () => Effect.succeed({ AccountStatus: "Enabled" })
})
