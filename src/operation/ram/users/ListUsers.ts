/** Lists the users of the account, by name. */
import { Effect } from "effect"
import { pageOf, paging } from "../pages.ts"
import { onUsers, ramOperation, shelfOf } from "../ramOperation.ts"
import { updated } from "./user.ts"

export const ListUsers = ramOperation({
  about: "Lists the users of the account, by name.",
  errors: [],
  Request: paging,
  on: onUsers,
  handle: (request, call) =>
    Effect.sync(() => {
      const { items, place } = pageOf(shelfOf(call).users.values(), request)
      return { Users: { User: items.map(updated) }, ...place }
    })
})
