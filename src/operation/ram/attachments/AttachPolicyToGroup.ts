/** Attaches a policy to a group. */
import { namedPolicy } from "../policies/policy.ts"
import { onGroupAndPolicy, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"
import { attach, policy } from "./attachment.ts"

export const AttachPolicyToGroup = ramOperation({
  about: "Attaches a policy to a group. It applies to each user of the group.",
  errors: [
    "EntityAlreadyExists.Group.Policy",
    "EntityNotExist.Group",
    "EntityNotExist.Policy",
    ...nameErrors("GroupName"),
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType",
    "LimitExceeded.Group.Policy"
  ],
  changes: true,
  Request: { ...policy, GroupName },
  on: onGroupAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "group", name: request.GroupName })
})
