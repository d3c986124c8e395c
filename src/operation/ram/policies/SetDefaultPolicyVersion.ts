/** Puts a version of a policy in force immediately, wherever the policy is attached. */
import * as policies from "../../../ram/policies.ts"
import { change, done, onCustomPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"
import { VersionId } from "./policy.ts"

export const SetDefaultPolicyVersion = ramOperation({
  about: "Puts a version of a policy in force immediately, wherever the policy is attached.",
  errors: [
    "EntityNotExist.Policy",
    "EntityNotExist.Policy.Version",
    ...nameErrors("PolicyName"),
    "InvalidParameter.VersionId.Format"
  ],
  changes: true,
  Request: { PolicyName, VersionId },
  on: onCustomPolicy,
  handle: ({ PolicyName: name, VersionId: version }, call) =>
    done(
      change(call, (entities) =>
        policies.setDefaultPolicyVersion(entities, { name, version }, call.services.clock.now())
      )
    )
})
