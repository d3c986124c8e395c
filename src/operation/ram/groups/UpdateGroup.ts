/** Changes a group. */
import { Effect } from "effect"
import { commentsCharsMax } from "../../../domain/limits.ts"
import * as groups from "../../../ram/groups.ts"
import { optional } from "../../parameters.ts"
import { change, onGroup, ramOperation } from "../ramOperation.ts"
import { clearable, GroupName, nameErrors, newGroupName, textOf } from "../ramParameters.ts"
import { shown } from "./group.ts"

export const UpdateGroup = ramOperation({
  about: "Changes a group. A new name keeps its members and policies.",
  errors: [
    "EntityAlreadyExists.Group",
    "EntityNotExist.Group",
    ...nameErrors("GroupName"),
    "InvalidParameter.NewComments.Length",
    ...nameErrors("NewGroupName")
  ],
  changes: true,
  Request: {
    GroupName,
    NewGroupName: optional(newGroupName, "The new name."),
    NewComments: clearable(textOf("NewComments", commentsCharsMax), "The new description.")
  },
  on: onGroup,
  handle: ({ GroupName, NewGroupName, NewComments }, call) => {
    const wanted = { at: call.services.clock.now(), newName: NewGroupName, comments: NewComments }
    return Effect.map(
      change(call, (entities) => groups.updateGroup(entities, GroupName, wanted)),
      (group) => ({ Group: shown(group) })
    )
  }
})
