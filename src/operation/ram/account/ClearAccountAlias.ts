/** Removes the alias of the account. */
import { changeSettings } from "../../../ram/accounts.ts"
import { change, done, onAccount, ramOperation } from "../ramOperation.ts"

export const ClearAccountAlias = ramOperation({
  about: "Removes the alias of the account.",
  errors: [],
  changes: true,
  Request: {},
  on: onAccount,
  handle: (_request, call) => done(change(call, (entities) => changeSettings(entities, { alias: undefined })))
})
