/** Removes tags from a CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { required } from "../parameters.ts"
import { onlyKeys, removeTags, tagNames } from "./tags.ts"

export const UntagResource = keyOperation({
  about: "Removes tags from a CMK. Tag keys that it does not have are ignored.",
  errors: ["Unsupported.Alias", ...refusalCodes.UntagResource],
  changes: true,
  Request: { ...onlyKeys, KeyId: keyId, TagKeys: required(tagNames, "The tag keys to remove.") },
  permission: { on: "key", alias: false },
  handle: (request, call, key) => Effect.as(removeTags(call, key, request.TagKeys), {})
})
