/** Deletes an alias and leaves its CMK unchanged. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import type { KeyId } from "../../domain/ids.ts"
import { aliasName, changingBound, holdingAlias } from "./aliasName.ts"
import { change } from "../changes.ts"
import { operation } from "../operation.ts"
import type { Call } from "../operation.ts"

const unbound = Effect.fnUntraced(function* (aliasName: string, from: KeyId, call: Call) {
  const key = yield* call.keyById(from, "kms:DeleteAlias")
  return yield* change(call, key, (at) => ({ type: "DeleteAlias", at }), { aliases: [{ aliasName, from, to: null }] })
})

export const DeleteAlias = operation({
  about: "Deletes an alias and leaves its CMK unchanged.",
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
        return yield* changingBound(call, AliasName, (from) => unbound(AliasName, from, call))
      })
    )
})
