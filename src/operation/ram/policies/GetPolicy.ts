/** Shows a policy with the original text of its default version. */
import { Effect, Result } from "effect"
import { versionInForce } from "../../../ram/records.ts"
import { holdersOf, policyOf } from "../../../ram/entities.ts"
import { onPolicy, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"
import { PolicyTypeGiven, listed, namedPolicy, versionShown } from "./policy.ts"

export const GetPolicy = ramOperation({
  about: "Shows a policy with the original text of its default version.",
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
