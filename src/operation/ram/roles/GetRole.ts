/** Shows a role with its trust policy. */
import { Effect } from "effect"
import { roleOf } from "../../../ram/entities.ts"
import { onRole, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, RoleName } from "../ramParameters.ts"
import { updated } from "./role.ts"

export const GetRole = ramOperation({
  about: "Shows a role with its trust policy.",
  errors: ["EntityNotExist.Role", ...nameErrors("RoleName")],
  Request: { RoleName },
  on: onRole,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(roleOf(entitiesOf(call), request.RoleName)), (role) => ({ Role: updated(role) }))
})
