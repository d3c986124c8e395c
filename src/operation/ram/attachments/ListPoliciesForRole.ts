/** Lists the policies attached to a role. */
import { onRole, ramOperation } from "../ramOperation.ts"
import { RoleName } from "../ramParameters.ts"
import { attached } from "./attachment.ts"

export const ListPoliciesForRole = ramOperation({
  about: "Lists the policies attached to a role.",
  Request: { RoleName },
  on: onRole,
  handle: (request, call) => attached(call, { kind: "role", name: request.RoleName })
})
