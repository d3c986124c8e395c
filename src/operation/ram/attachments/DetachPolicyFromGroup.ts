/** Detaches a policy from a group. */
import { namedPolicy } from "../policies/policy.ts"
import { onGroupAndPolicy, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"
import { detach, policy } from "./attachment.ts"

export const DetachPolicyFromGroup = ramOperation({
  about: "Detaches a policy from a group.",
  errors: [
    "EntityNotExist.Group",
    "EntityNotExist.Group.Policy",
    "EntityNotExist.Policy",
    ...nameErrors("GroupName"),
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType"
  ],
  changes: true,
  Request: { ...policy, GroupName },
  on: onGroupAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "group", name: request.GroupName })
})
