/** Removes tags from several CMKs. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { operation } from "../operation.ts"
import { boolean, defaulted, missing, optional, required } from "../parameters.ts"
import { keysNamed, regionId, resourceIds, resourceType, tagKeyList } from "../resources.ts"
import { removeTags } from "./tags.ts"

export const UntagResources = operation({
  about: "Removes tags from up to 50 CMKs.",
  errors: ["InvalidResourceId.NotFound", "Unsupported.Alias", ...refusalCodes.UntagResources],
  changes: true,
  Request: {
    RegionId: regionId,
    ResourceType: resourceType,
    ResourceId: required(resourceIds, "The key ids."),
    TagKey: optional(tagKeyList, "The tag keys to remove."),
    All: defaulted(boolean, false, "Whether to remove every tag; ignored if TagKey is given.")
  },
  conflict: ({ TagKey, All }) => (TagKey === undefined && !All ? missing("TagKey") : undefined),
  permission: {
    on: "found",
    says: "`kms:UntagResources` on each key",
    checks: [{ of: "key", gate: "UntagResources" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const keys = yield* keysNamed(call, request.ResourceId, "UntagResources")
    for (const key of keys) yield* removeTags(call, key, request.TagKey)
    return {}
  })
})
