/** Lists the versions of a policy, oldest first. */
import { Effect } from "effect"
import { policyOf } from "../../../ram/entities.ts"
import { onPolicy, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"
import { PolicyTypeGiven, namedPolicy, versionShown } from "./policy.ts"

export const ListPolicyVersions = ramOperation({
  about: "Lists the versions of a policy, oldest first.",
  errors: ["EntityNotExist.Policy", ...nameErrors("PolicyName"), "InvalidParameter.PolicyType"],
  Request: { PolicyName, PolicyType: PolicyTypeGiven },
  on: onPolicy,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(policyOf(entitiesOf(call), namedPolicy(request))), (is) => ({
      PolicyVersions: { PolicyVersion: is.versions.map((version) => versionShown(is, version)) }
    }))
})
