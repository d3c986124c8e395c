/** Binds a new alias to a CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { aliasName, holdingAlias } from "./aliasName.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { operation } from "../operation.ts"
import { aliasQuota as documented, quotaIn } from "../quota.ts"

export const CreateAlias = operation({
  about: "Binds a new alias to a CMK.",
  errors: ["Unsupported.Alias", ...refusalCodes.CreateAlias, "AliasAlreadyExists", "Rejected.LimitExceeded"],
  changes: true,
  Request: { AliasName: aliasName, KeyId: keyId },
  permission: {
    on: "found",
    says: "`kms:CreateAlias` on the alias and on the key; KeyId must not be an alias",
    checks: [{ of: "alias" }, { of: "key", gate: "CreateAlias" }]
  },
  handle: Effect.fnUntraced(function* ({ AliasName, KeyId }, call) {
    yield* call.authorize("kms:CreateAlias", AliasName)
    const key = yield* call.key(KeyId, "kms:CreateAlias", { alias: false })
    yield* key.gate("CreateAlias")
    const aliasQuota = quotaIn(call, documented)
    const bind = change(call, key, (at) => ({ type: "CreateAlias", at }), {
      aliases: [{ aliasName: AliasName, from: null, to: key.keyId }],
      quota: aliasQuota
    })
    return yield* holdingAlias(call, AliasName, bind)
  })
})
