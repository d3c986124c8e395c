/** Lists the policies attached to a role. */
import { onRole, ramOperation } from "../ramOperation.ts"
import { nameErrors, RoleName } from "../ramParameters.ts"
import { attached } from "./attachment.ts"

export const ListPoliciesForRole = ramOperation({
  about: "Lists the policies attached to a role.",
  errors: ["EntityNotExist.Role", ...nameErrors("RoleName")],
  Request: { RoleName },
  on: onRole,
  handle: (request, call) => attached(call, { kind: "role", name: request.RoleName })
})
