/** Lists the users of a group, by name. */
import { Effect } from "effect"
import { formatInstant } from "../../../domain/time.ts"
import { groupOf, membersOf } from "../../../ram/entities.ts"
import { pageOf, paging } from "../pages.ts"
import { onGroup, ramOperation, entitiesOf } from "../ramOperation.ts"
import { GroupName, nameErrors } from "../ramParameters.ts"

export const ListUsersForGroup = ramOperation({
  about: "Lists the users of a group, by name.",
  errors: ["EntityNotExist.Group", ...nameErrors("GroupName")],
  Request: { GroupName, ...paging },
  on: onGroup,
  handle: ({ GroupName, ...page }, call) =>
    Effect.map(Effect.fromResult(groupOf(entitiesOf(call), GroupName)), () => {
      const { items, place } = pageOf(membersOf(entitiesOf(call), GroupName), page)
      const User = items.map(({ name, is }) => ({
        UserName: name,
        DisplayName: is.displayName,
        JoinDate: formatInstant(is.groups.find((joined) => joined.name === GroupName)?.at ?? 0)
      }))
      return { Users: { User }, ...place }
    })
})
