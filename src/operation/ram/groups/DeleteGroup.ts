/** Deletes a group that has no members and no policies any more. */
import * as groups from "../../../ram/groups.ts"
import { change, done, onGroup, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"

export const DeleteGroup = ramOperation({
  about: "Deletes a group that has no members and no policies any more.",
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
