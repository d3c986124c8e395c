/** Shows a policy with the document of its default version, as it was written. */
import { Effect, Result } from "effect"
import { versionInForce } from "../../../ram/records.ts"
import { holdersOf, policyOf } from "../../../ram/entities.ts"
import { onPolicy, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"
import { PolicyTypeGiven, listed, namedPolicy, versionShown } from "./policy.ts"

export const GetPolicy = ramOperation({
  about: "Shows a policy with the document of its default version, as it was written.",
  errors: ["EntityNotExist.Policy", ...nameErrors("PolicyName"), "InvalidParameter.PolicyType"],
  Request: { PolicyName, PolicyType: PolicyTypeGiven },
  on: onPolicy,
  handle: (request, call) => {
    const entities = entitiesOf(call)
    const policy = namedPolicy(request)
    return Effect.fromResult(
      Result.gen(function* () {
        const is = yield* policyOf(entities, policy)
        const version = versionInForce(is)
        return {
          Policy: { ...listed(policy, is, holdersOf(entities, policy).length), PolicyDocument: version.document },
          DefaultPolicyVersion: versionShown(is, version)
        }
      })
    )
  }
})
