/** Lists the roles of the account, by name. */
import { Effect } from "effect"
import { formatInstant } from "../../../domain/time.ts"
import { pageOf, paging } from "../pages.ts"
import { onRoles, ramOperation, entitiesOf } from "../ramOperation.ts"
import { TagFilter, hasTags, tagsShown } from "../tags/tagParameters.ts"
import { listed } from "./role.ts"

export const ListRoles = ramOperation({
  about: "Lists the roles of the account, by name.",
  errors: [],
  Request: { ...paging, Tag: TagFilter },
  on: onRoles,
  handle: ({ Tag, ...page }, call) =>
    Effect.sync(() => {
      const wanted = [...entitiesOf(call).roles.values()].filter(({ is }) => hasTags(is.tags, Tag))
      const { items, place } = pageOf(wanted, page)
      const Role = items.map((role) => ({
        ...listed(role),
        UpdateDate: formatInstant(role.is.updatedAt),
        ...tagsShown(role.is.tags)
      }))
      return { Roles: { Role }, ...place }
    })
})
