/** Deletes an alias; the CMK it is bound to stays as it is. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { aliasName, boundTo, holdingAlias } from "./aliasName.ts"
import { change } from "../changes.ts"
import { operation } from "../operation.ts"

export const DeleteAlias = operation({
  about: "Deletes an alias; the CMK it is bound to stays as it is.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.DeleteAlias],
  changes: true,
  Request: { AliasName: aliasName },
  permission: {
    on: "found",
    says: "`kms:DeleteAlias` on the alias and on the key it is bound to",
    checks: [{ of: "alias" }, { of: "aliased", gate: "DeleteAlias" }]
  },
  handle: ({ AliasName }, call) =>
    holdingAlias(
      call,
      AliasName,
      Effect.gen(function* () {
        yield* call.authorize("kms:DeleteAlias", AliasName)
        const from = yield* boundTo(call, AliasName)
        const key = yield* call.keyById(from, "kms:DeleteAlias")
        return yield* change(call, key, (at) => ({ type: "DeleteAlias", at }), {
          aliases: [{ aliasName: AliasName, from, to: null }]
        })
      })
    )
})
