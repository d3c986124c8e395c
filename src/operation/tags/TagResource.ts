/** Adds tags to a CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { tagsPerCallMax } from "../../domain/limits.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { required } from "../parameters.ts"
import { addTags, onlyKeys, tagErrors, tagList, tagRecord, tagsConflict } from "./tags.ts"

export const TagResource = keyOperation({
  about: "Adds tags to a CMK, and replaces tags with the same tag key. A key has at most 10.",
  errors: ["Unsupported.Alias", ...refusalCodes.TagResource, "Rejected.LimitExceeded", ...tagErrors],
  changes: true,
  Request: { ...onlyKeys, KeyId: keyId, Tags: required(tagList, "The tags.") },
  conflict: ({ Tags }) => tagsConflict(Tags),
  requestTags: ({ Tags }) => tagRecord(Tags),
  permission: { on: "key", alias: false },
  handle: (request, call, key) => Effect.as(addTags(call, key, { tags: request.Tags, tagsMax: tagsPerCallMax.one }), {})
})
