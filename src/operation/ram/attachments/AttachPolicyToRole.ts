/** Attaches a policy to a role. */
import { namedPolicy } from "../policies/policy.ts"
import { onRoleAndPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, RoleName } from "../ramParameters.ts"
import { attach, policy } from "./attachment.ts"

export const AttachPolicyToRole = ramOperation({
  about: "Attaches a policy to a role.",
  errors: [
    "EntityAlreadyExists.Role.Policy",
    "EntityNotExist.Policy",
    "EntityNotExist.Role",
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType",
    ...nameErrors("RoleName"),
    "LimitExceeded.Role.Policy"
  ],
  changes: true,
  Request: { ...policy, RoleName },
  on: onRoleAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "role", name: request.RoleName })
})
