/** Shows a version of a policy. */
import { Effect, Result } from "effect"
import * as policies from "../../../ram/policies.ts"
import { policyOf } from "../../../ram/entities.ts"
import { onPolicy, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"
import { PolicyTypeGiven, VersionId, namedPolicy, versionShown } from "./policy.ts"

export const GetPolicyVersion = ramOperation({
  about: "Shows a version of a policy.",
  errors: [
    "EntityNotExist.Policy",
    "EntityNotExist.Policy.Version",
    ...nameErrors("PolicyName"),
    "InvalidParameter.PolicyType",
    "InvalidParameter.VersionId.Format"
  ],
  Request: { PolicyName, PolicyType: PolicyTypeGiven, VersionId },
  on: onPolicy,
  handle: (request, call) =>
    Effect.fromResult(
      Result.gen(function* () {
        const is = yield* policyOf(entitiesOf(call), namedPolicy(request))
        return { PolicyVersion: versionShown(is, yield* policies.versionOf({ is }, request.VersionId)) }
      })
    )
})
