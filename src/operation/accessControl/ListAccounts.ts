/** Lists all accounts to the root of the server's own account. The root of another account sees only its own. */
import { Effect } from "effect"
import { formatInstant } from "../../domain/time.ts"
import { operation } from "../operation.ts"
import { offsetOf, paging } from "../paging.ts"
import { actorOf } from "../ram/ramParameters.ts"
import { root } from "./accounts.ts"

export const ListAccounts = operation({
  about: "Lists all accounts to the root of the server's own account. The root of another account sees only its own.",
  errors: [],
  Request: paging,
  permission: root,
  handle: (request, call) =>
    Effect.map(call.services.access.accounts(actorOf(call)), (accounts) => {
      const offset = offsetOf(request)
      const { PageNumber, PageSize } = request
      const Account = accounts.slice(offset, offset + PageSize).map(({ id, createdAt }) => ({
        AccountId: id,
        CreateDate: createdAt === undefined ? "" : formatInstant(createdAt)
      }))
      return { Accounts: { Account }, TotalCount: accounts.length, PageNumber, PageSize }
    })
})
