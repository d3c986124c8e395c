/** Binds an alias to another CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import type { KeyId as BoundKey } from "../../domain/ids.ts"
import { aliasName, changingBound, holdingAlias } from "./aliasName.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { operation } from "../operation.ts"
import type { Call } from "../operation.ts"

interface Rebinding {
  readonly AliasName: string
  readonly KeyId: string
  readonly from: BoundKey
}

const rebound = Effect.fnUntraced(function* ({ AliasName, KeyId, from }: Rebinding, call: Call) {
  // The caller needs permission on the present key too; its state does not matter (API, table of states).
  yield* call.keyById(from, "kms:UpdateAlias")
  const key = yield* call.key(KeyId, "kms:UpdateAlias", { alias: false })
  yield* key.gate("UpdateAlias")
  return yield* change(call, key, (at) => ({ type: "UpdateAlias", at }), {
    aliases: [{ aliasName: AliasName, from, to: key.keyId }]
  })
})

export const UpdateAlias = operation({
  about: "Binds an alias to another CMK.",
  errors: ["Forbidden.AliasNotFound", "Unsupported.Alias", ...refusalCodes.UpdateAlias],
  changes: true,
  Request: { AliasName: aliasName, KeyId: keyId },
  permission: {
    on: "found",
    says: "`kms:UpdateAlias` on the alias, on the key it is bound to and on the new key",
    checks: [{ of: "alias" }, { of: "aliased" }, { of: "key", gate: "UpdateAlias" }]
  },
  handle: ({ AliasName, KeyId }, call) =>
    holdingAlias(
      call,
      AliasName,
      Effect.gen(function* () {
        yield* call.authorize("kms:UpdateAlias", AliasName)
        return yield* changingBound(call, AliasName, (from) => rebound({ AliasName, KeyId, from }, call))
      })
    )
})
