/** Lists the policies attached to a group. */
import { onGroup, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"
import { attached } from "./attachment.ts"

export const ListPoliciesForGroup = ramOperation({
  about: "Lists the policies attached to a group.",
  errors: ["EntityNotExist.Group", ...nameErrors("GroupName")],
  Request: { GroupName },
  on: onGroup,
  handle: (request, call) => attached(call, { kind: "group", name: request.GroupName })
})
