/** Lists the policies attached to a user, without those of its groups. */
import { onUser, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { attached } from "./attachment.ts"

export const ListPoliciesForUser = ramOperation({
  about: "Lists the policies attached to a user, without those of its groups.",
  errors: ["EntityNotExist.User", ...nameErrors("UserName")],
  Request: { UserName },
  on: onUser,
  handle: (request, call) => attached(call, { kind: "user", name: request.UserName })
})
