/** Detaches a policy from a user. */
import { namedPolicy } from "../policies/policy.ts"
import { onUserAndPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { detach, policy } from "./attachment.ts"

export const DetachPolicyFromUser = ramOperation({
  about: "Detaches a policy from a user.",
  errors: [
    "EntityNotExist.Policy",
    "EntityNotExist.User",
    "EntityNotExist.User.Policy",
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType",
    ...nameErrors("UserName")
  ],
  changes: true,
  Request: { ...policy, UserName },
  on: onUserAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "user", name: request.UserName })
})
