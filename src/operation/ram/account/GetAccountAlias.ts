/** Shows the alias of the account. */
import { Effect } from "effect"
import { no } from "../../../ram/entities.ts"
import { onAccount, ramOperation, entitiesOf } from "../ramOperation.ts"

export const GetAccountAlias = ramOperation({
  about: "Shows the alias of the account.",
  errors: ["EntityNotExist.AccountAlias"],
  Request: {},
  on: onAccount,
  handle: (_request, call) => {
    const set = entitiesOf(call).settings?.is.alias
    return set === undefined
      ? Effect.fromResult(no("EntityNotExist.AccountAlias"))
      : Effect.succeed({ AccountAlias: set })
  }
})
