/** Shows the identity of the caller. */
import { Effect } from "effect"
import { operation } from "../operation.ts"
import { identityTypes, idsOf } from "./roleSession.ts"

export const GetCallerIdentity = operation({
  about: "Shows the identity of the caller.",
  errors: [],
  Request: {},
  permission: { on: "nothing" },
  handle: (_request, { identity }) =>
    Effect.succeed({
      AccountId: identity.account,
      Arn: identity.arn,
      IdentityType: identityTypes[identity.kind],
      ...idsOf(identity)
    })
})
