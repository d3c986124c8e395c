/** Deletes a version of a policy that is not the default one. */
import * as policies from "../../../ram/policies.ts"
import { change, done, onCustomPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"
import { VersionId } from "./policy.ts"

export const DeletePolicyVersion = ramOperation({
  about: "Deletes a version of a policy that is not the default one.",
  errors: [
    "DeleteConflict.Policy.Version.Default",
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
      change(call, (entities) => policies.deletePolicyVersion(entities, { name, version }, call.services.clock.now()))
    )
})
