/** Creates another account. */
import { Effect } from "effect"
import { serverOperation } from "../operation.ts"
import { optional } from "../parameters.ts"
import { actorOf } from "../ram/ramParameters.ts"
import { accountId, pairShown } from "./accounts.ts"

export const CreateAccount = serverOperation({
  about:
    "Creates another account. Its root's secret is shown only now. Only the root of the server's account may do this.",
  errors: ["EntityAlreadyExists.Account", "LimitExceeded.Account", "EntityAlreadyExists.AccessKey"],
  changes: true,
  Request: { AccountId: optional(accountId, "The account id; drawn at random if absent.") },
  handle: (request, call) =>
    Effect.map(call.services.access.createAccount(actorOf(call), { id: request.AccountId }), ({ id, pair }) => ({
      Account: { AccountId: id, RootAccessKey: pairShown(pair) }
    }))
})
