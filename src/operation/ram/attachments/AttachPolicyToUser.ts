/** Attaches a policy to a user. */
import { namedPolicy } from "../policies/policy.ts"
import { onUserAndPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { attach, policy } from "./attachment.ts"

export const AttachPolicyToUser = ramOperation({
  about: "Attaches a policy to a user.",
  errors: [
    "EntityAlreadyExists.User.Policy",
    "EntityNotExist.Policy",
    "EntityNotExist.User",
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType",
    ...nameErrors("UserName"),
    "LimitExceeded.User.Policy"
  ],
  changes: true,
  Request: { ...policy, UserName },
  on: onUserAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "user", name: request.UserName })
})
