/** Lists the groups of a user. */
import { Effect } from "effect"
import { formatInstant } from "../../../domain/time.ts"
import { userOf } from "../../../ram/entities.ts"
import { onUser, ramOperation, entitiesOf } from "../ramOperation.ts"
import { nameErrors, UserName } from "../ramParameters.ts"
import { shown } from "./group.ts"

export const ListGroupsForUser = ramOperation({
  about: "Lists the groups of a user.",
  errors: ["EntityNotExist.User", ...nameErrors("UserName")],
  Request: { UserName },
  on: onUser,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(userOf(entitiesOf(call), request.UserName)), ({ is }) => {
      const known = entitiesOf(call).groups
      const Group = is.groups.flatMap(({ name, at }) => {
        const group = known.get(name)
        if (group === undefined) return []
        const { GroupId, Comments } = shown(group)
        return { GroupId, GroupName: name, Comments, JoinDate: formatInstant(at) }
      })
      return { Groups: { Group } }
    })
})
