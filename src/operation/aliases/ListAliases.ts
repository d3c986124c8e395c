/** Lists the aliases of the account in the region, oldest first. */
import { Effect } from "effect"
import { aliasList } from "./aliasList.ts"
import { operation } from "../operation.ts"
import { offsetOf, paging } from "../paging.ts"

export const ListAliases = operation({
  about: "Lists the aliases of the account in the region, oldest first.",
  errors: [],
  Request: paging,
  permission: { on: "aliases" },
  handle: (request, { realm, services }) =>
    Effect.map(services.store.aliases({ realm, offset: offsetOf(request), limit: request.PageSize }), (page) =>
      aliasList(realm, page, request)
    )
})
