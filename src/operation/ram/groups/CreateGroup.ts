/** Creates a group of users. */
import { Effect } from "effect"
import { commentsCharsMax } from "../../../domain/limits.ts"
import * as groups from "../../../ram/groups.ts"
import { newGroupId } from "../../../ram/ids.ts"
import { optional } from "../../parameters.ts"
import { change, onGroups, ramOperation } from "../ramOperation.ts"
import { GroupName, nameErrors, textOf } from "../ramParameters.ts"
import { shown } from "./group.ts"

export const CreateGroup = ramOperation({
  about: "Creates a group of users.",
  errors: [
    "EntityAlreadyExists.Group",
    "InvalidParameter.Comments.Length",
    ...nameErrors("GroupName"),
    "LimitExceeded.Group"
  ],
  changes: true,
  Request: { GroupName, Comments: optional(textOf("Comments", commentsCharsMax), "The description.") },
  on: onGroups,
  handle: ({ GroupName, Comments = "" }, call) => {
    const { clock, randomness } = call.services
    const group = { name: GroupName, comments: Comments, id: newGroupId(randomness), at: clock.now() }
    return Effect.map(
      change(call, (entities) => groups.createGroup(entities, group)),
      (made) => ({ Group: shown(made) })
    )
  }
})
