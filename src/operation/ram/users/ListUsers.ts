/** Lists the users of the account, by name. */
import { Effect } from "effect"
import { pageOf, paging } from "../pages.ts"
import { onUsers, ramOperation, entitiesOf } from "../ramOperation.ts"
import { updated } from "./user.ts"

export const ListUsers = ramOperation({
  about: "Lists the users of the account, by name.",
  errors: [],
  Request: paging,
  on: onUsers,
  handle: (request, call) =>
    Effect.sync(() => {
      const { items, place } = pageOf(entitiesOf(call).users.values(), request)
      return { Users: { User: items.map(updated) }, ...place }
    })
})
