/** Lists the aliases that are bound to a CMK, oldest first. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { aliasList } from "./aliasList.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { longPaging, offsetOf } from "../paging.ts"

export const ListAliasesByKeyId = keyOperation({
  about: "Lists the aliases that are bound to a CMK, oldest first.",
  errors: ["Unsupported.Alias", ...refusalCodes.ListAliasesByKeyId],
  Request: { KeyId: keyId, ...longPaging },
  permission: { on: "key", alias: false },
  handle: Effect.fnUntraced(function* (request, { realm, services }, key) {
    yield* key.gate("ListAliasesByKeyId")
    const { keyId } = key
    const page = yield* services.store.aliases({ realm, keyId, offset: offsetOf(request), limit: request.PageSize })
    return aliasList(realm, page, request)
  })
})
