/** Lists the CMKs of the account in the region, oldest first. */
import { Effect } from "effect"
import { keyArn } from "../domain/ids.ts"
import { operation } from "./operation.ts"
import { paging } from "./parameters.ts"

export const ListKeys = operation({
  about: "Lists the CMKs of the account in the region, oldest first.",
  Request: paging,
  permission: { on: "keys" },
  handle: Effect.fnUntraced(function* (request, call) {
    const { PageNumber, PageSize } = request
    const { total, keyIds } = yield* call.world.store.keys({
      realm: call.realm,
      offset: (PageNumber - 1) * PageSize,
      limit: PageSize
    })
    return {
      Keys: { Key: keyIds.map((keyId) => ({ KeyId: keyId, KeyArn: keyArn(call.realm, keyId) })) },
      TotalCount: total,
      PageNumber,
      PageSize
    }
  })
})
