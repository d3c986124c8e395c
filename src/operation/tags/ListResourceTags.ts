/** Lists the tags of a CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"

export const ListResourceTags = keyOperation({
  about: "Lists the tags of a CMK.",
  errors: ["Unsupported.Alias", ...refusalCodes.ListResourceTags],
  Request: { KeyId: keyId },
  permission: { on: "key", alias: false },
  handle: Effect.fnUntraced(function* (_request, _call, key) {
    yield* key.gate("ListResourceTags")
    const tags = Object.entries(key.metadata().tags ?? {})
    return { Tags: { Tag: tags.map(([TagKey, TagValue]) => ({ KeyId: key.keyId, TagKey, TagValue })) } }
  })
})
