/** Deletes a policy of the account. It must not be attached, and must have only its default version. */
import * as policies from "../../../ram/policies.ts"
import { boolean, defaulted } from "../../parameters.ts"
import { change, done, onCustomPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, PolicyName } from "../ramParameters.ts"

export const DeletePolicy = ramOperation({
  about: "Deletes a policy of the account. It must not be attached, and must have only its default version.",
  errors: [
    "DeleteConflict.Policy.Group",
    "DeleteConflict.Policy.Role",
    "DeleteConflict.Policy.User",
    "DeleteConflict.Policy.Version",
    "EntityNotExist.Policy",
    ...nameErrors("PolicyName")
  ],
  changes: true,
  Request: {
    PolicyName,
    CascadingDelete: defaulted(boolean, false, "Whether to delete its other versions too.")
  },
  on: onCustomPolicy,
  handle: (request, call) =>
    done(change(call, (entities) => policies.deletePolicy(entities, request.PolicyName, request.CascadingDelete)))
})
