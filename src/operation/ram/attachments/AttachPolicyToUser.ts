/** Attaches a policy to a user. */
import { namedPolicy } from "../policies/policy.ts"
import { onUserAndPolicy, ramOperation } from "../ramOperation.ts"
import { UserName } from "../ramParameters.ts"
import { attach, policy } from "./attachment.ts"

export const AttachPolicyToUser = ramOperation({
  about: "Attaches a policy to a user.",
  changes: true,
  Request: { ...policy, UserName },
  on: onUserAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "user", name: request.UserName })
})
