/** Opens the service to the account. Here it is open to whoever has an access key, so that there is nothing to do. */
import { Effect } from "effect"
import { operation } from "../operation.ts"

export const OpenKmsService = operation({
  about: "Opens the service to the account; here it always is.",
  errors: [],
  Request: {},
  permission: { on: "account" },
  handle: () => Effect.succeed({})
})
