/** Deletes a group without members and policies. */
import * as groups from "../../../ram/groups.ts"
import { change, done, onGroup, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"

export const DeleteGroup = ramOperation({
  about: "Deletes a group. It must have no members and no policies.",
  errors: [
    "DeleteConflict.Group.Policy",
    "DeleteConflict.Group.User",
    "EntityNotExist.Group",
    ...nameErrors("GroupName")
  ],
  changes: true,
  Request: { GroupName },
  on: onGroup,
  handle: (request, call) => done(change(call, (entities) => groups.deleteGroup(entities, request.GroupName)))
})
