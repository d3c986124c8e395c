/** Detaches a policy from a user. */
import { namedPolicy } from "../policies/policy.ts"
import { onUserAndPolicy, ramOperation } from "../ramOperation.ts"
import { UserName } from "../ramParameters.ts"
import { detach, policy } from "./attachment.ts"

export const DetachPolicyFromUser = ramOperation({
  about: "Detaches a policy from a user.",
  changes: true,
  Request: { ...policy, UserName },
  on: onUserAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "user", name: request.UserName })
})
