/** Adds tags to several CMKs. */
import { Effect } from "effect"
import { tagsPerCallMax } from "../domain/limits.ts"
import { operation } from "./operation.ts"
import { required } from "./parameters.ts"
import { keysNamed, regionId, resourceIds, resourceType, tagRecords, tagsOf } from "./resources.ts"
import { addTags, checkTags } from "./tags.ts"

export const TagResources = operation({
  about: "Adds tags to up to 50 CMKs; a key has at most 20.",
  changes: true,
  Request: {
    RegionId: regionId,
    ResourceType: resourceType,
    ResourceId: required(resourceIds, "The key ids."),
    Tag: required(tagRecords, "The tags.")
  },
  permission: {
    on: "found",
    says: "`kms:TagResources` on each key",
    checks: [{ of: "key", gate: "TagResources" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const tags = tagsOf(request.Tag)
    yield* checkTags(tags)
    const keys = yield* keysNamed(call, request.ResourceId, "TagResources")
    for (const key of keys) yield* addTags(call, key, { tags, tagsMax: tagsPerCallMax.many })
    return {}
  })
})
