/** Deletes a role without policies. */
import * as roles from "../../../ram/roles.ts"
import { change, done, onRole, ramOperation } from "../ramOperation.ts"
import { nameErrors, RoleName } from "../ramParameters.ts"

export const DeleteRole = ramOperation({
  about:
    "Deletes a role, which must have no policies. Its sessions end, even if a role of the same name is created again.",
  errors: ["DeleteConflict.Role.Policy", "EntityNotExist.Role", ...nameErrors("RoleName")],
  changes: true,
  Request: { RoleName },
  on: onRole,
  handle: (request, call) => done(change(call, (entities) => roles.deleteRole(entities, request.RoleName)))
})
