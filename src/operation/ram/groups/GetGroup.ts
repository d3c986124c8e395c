/** Shows a group. */
import { Effect } from "effect"
import { groupOf } from "../../../ram/entities.ts"
import { onGroup, ramOperation, entitiesOf } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"
import { shown } from "./group.ts"

export const GetGroup = ramOperation({
  about: "Shows a group.",
  errors: ["EntityNotExist.Group", ...nameErrors("GroupName")],
  Request: { GroupName },
  on: onGroup,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(groupOf(entitiesOf(call), request.GroupName)), (group) => ({ Group: shown(group) }))
})
