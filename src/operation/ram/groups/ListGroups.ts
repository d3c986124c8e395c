/** Lists the groups of the account, by name. */
import { Effect } from "effect"
import { pageOf, paging } from "../pages.ts"
import { onGroups, ramOperation, entitiesOf } from "../ramOperation.ts"
import { shown } from "./group.ts"

export const ListGroups = ramOperation({
  about: "Lists the groups of the account, by name.",
  errors: [],
  Request: paging,
  on: onGroups,
  handle: (request, call) =>
    Effect.sync(() => {
      const { items, place } = pageOf(entitiesOf(call).groups.values(), request)
      return { Groups: { Group: items.map(shown) }, ...place }
    })
})
