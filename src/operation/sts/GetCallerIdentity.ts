/** Tells who calls. */
import { Effect } from "effect"
import { operation } from "../operation.ts"
import { identityTypes, idsOf } from "./roleSession.ts"

export const GetCallerIdentity = operation({
  about: "Tells who calls.",
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
