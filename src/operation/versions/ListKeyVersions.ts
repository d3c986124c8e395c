/** Lists the versions of a CMK, newest first. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyVersionReply } from "./keyVersions.ts"
import { keyOperation } from "../operation.ts"
import { longPaging, offsetOf } from "../paging.ts"

export const ListKeyVersions = keyOperation({
  about: "Lists the versions of a CMK, newest first.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.ListKeyVersions],
  Request: { KeyId: keyIdOrAlias, ...longPaging },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("ListKeyVersions")
    const rows = yield* services.store.versions(key.keyId)
    const offset = offsetOf(request)
    return {
      KeyVersions: { KeyVersion: rows.slice(offset, offset + request.PageSize).map(keyVersionReply) },
      TotalCount: rows.length,
      PageNumber: request.PageNumber,
      PageSize: request.PageSize
    }
  })
})
