/** Opens the service to the account. Here it is always open to an account with an access key. */
import { Effect } from "effect"
import { operation } from "../operation.ts"

export const OpenKmsService = operation({
  about: "Opens the service to the account. On this server it is always open.",
  errors: [],
  Request: {},
  permission: { on: "account" },
  handle: () => Effect.succeed({})
})
