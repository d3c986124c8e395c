/** Sets the alias of the account. */
import { changeSettings } from "../../../ram/accounts.ts"
import { required } from "../../parameters.ts"
import { change, done, onAccount, ramOperation } from "../ramOperation.ts"
import { alias } from "./accountAlias.ts"

export const SetAccountAlias = ramOperation({
  about: "Sets the alias of the account.",
  errors: ["InvalidParameter.AccountAlias.Format", "InvalidParameter.AccountAlias.Length"],
  changes: true,
  Request: { AccountAlias: required(alias, "The alias.") },
  on: onAccount,
  handle: (request, call) => done(change(call, (entities) => changeSettings(entities, { alias: request.AccountAlias })))
})
