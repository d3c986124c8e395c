/** Detaches a policy from a role. */
import { namedPolicy } from "../policies/policy.ts"
import { onRoleAndPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, RoleName } from "../ramParameters.ts"
import { detach, policy } from "./attachment.ts"

export const DetachPolicyFromRole = ramOperation({
  about: "Detaches a policy from a role.",
  errors: [
    "EntityNotExist.Policy",
    "EntityNotExist.Role",
    "EntityNotExist.Role.Policy",
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType",
    ...nameErrors("RoleName")
  ],
  changes: true,
  Request: { ...policy, RoleName },
  on: onRoleAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "role", name: request.RoleName })
})
