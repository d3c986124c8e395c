/** Deletes a version of a policy that is not the default one. */
import * as policies from "../../../ram/policies.ts"
import { change, done, onCustomPolicy, ramOperation } from "../ramOperation.ts"
import { PolicyName } from "../ramParameters.ts"
import { VersionId } from "./policy.ts"

export const DeletePolicyVersion = ramOperation({
  about: "Deletes a version of a policy that is not the default one.",
  changes: true,
  Request: { PolicyName, VersionId },
  on: onCustomPolicy,
  handle: ({ PolicyName: name, VersionId: version }, call) =>
    done(change(call, (shelf) => policies.deletePolicyVersion(shelf, { name, version }, call.world.clock.now())))
})
