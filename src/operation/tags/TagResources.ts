/** Adds tags to several CMKs. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { tagsPerCallMax } from "../../domain/limits.ts"
import { operation } from "../operation.ts"
import { required } from "../parameters.ts"
import { keysNamed, regionId, resourceIds, resourceType, tagRecords, tagsOf } from "../resources.ts"
import { addTags, tagErrors, tagRecord, tagsConflict, tooManyTags } from "./tags.ts"

export const TagResources = operation({
  about: "Adds tags to up to 50 CMKs. A key has at most 20.",
  errors: [
    "InvalidResourceId.NotFound",
    "Unsupported.Alias",
    ...refusalCodes.TagResources,
    "Rejected.LimitExceeded",
    ...tagErrors
  ],
  changes: true,
  Request: {
    RegionId: regionId,
    ResourceType: resourceType,
    ResourceId: required(resourceIds, "The key ids."),
    Tag: required(tagRecords, "The tags.")
  },
  conflict: ({ Tag }) => tagsConflict(tagsOf(Tag)),
  requestTags: ({ Tag }) => tagRecord(tagsOf(Tag)),
  permission: {
    on: "found",
    says: "`kms:TagResources` on each key",
    checks: [{ of: "key", gate: "TagResources" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const addition = { tags: tagsOf(request.Tag), tagsMax: tagsPerCallMax.many }
    const keys = yield* keysNamed(call, request.ResourceId, "TagResources")
    // Each key has a separate transaction. The checks before it make sure, as far as possible, that all keys or none
    // change.
    for (const key of keys) {
      const fault = tooManyTags(addition)(key.metadata())
      if (fault !== undefined) return yield* Effect.fail(fault)
    }
    for (const key of keys) yield* addTags(call, key, addition)
    return {}
  })
})
