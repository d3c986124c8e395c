/** Deletes a role that has no policies any more. */
import * as roles from "../../../ram/roles.ts"
import { change, done, onRole, ramOperation } from "../ramOperation.ts"
import { nameErrors, RoleName } from "../ramParameters.ts"

export const DeleteRole = ramOperation({
  about: "Deletes a role that has no policies any more. Its sessions end, also if a role of its name is created again.",
  errors: ["DeleteConflict.Role.Policy", "EntityNotExist.Role", ...nameErrors("RoleName")],
  changes: true,
  Request: { RoleName },
  on: onRole,
  handle: (request, call) => done(change(call, (entities) => roles.deleteRole(entities, request.RoleName)))
})
