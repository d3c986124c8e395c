/** Removes tags from roles or policies of the account. */
import { Result } from "effect"
import { changeTags } from "../../../ram/tags.ts"
import { boolean, defaulted, optional } from "../../parameters.ts"
import { tagKeyList } from "../../resources.ts"
import { change, done, ramOperation } from "../ramOperation.ts"
import { ResourceNames, ResourceType, namedBy, onEach } from "./resourceTags.ts"

export const UntagResources = ramOperation({
  about: "Removes tags from roles or policies of the account.",
  errors: ["EntityNotExist.Policy", "EntityNotExist.Role"],
  changes: true,
  Request: {
    ResourceType,
    ResourceNames,
    // Older clients send TagKey.1 as well.
    TagKeys: optional(tagKeyList, "The tag keys."),
    TagKey: optional(tagKeyList, "The tag keys: the earlier name of TagKeys."),
    All: defaulted(boolean, false, "Whether to remove all tags, if no tag key is given.")
  },
  on: onEach,
  handle: (request, call) => {
    const { TagKeys, TagKey, All } = request
    const given = TagKeys === undefined && TagKey === undefined ? undefined : [...(TagKeys ?? []), ...(TagKey ?? [])]
    const isLeft = (key: string): boolean => (given === undefined ? !All : !given.includes(key))
    return done(
      change(call, (entities) =>
        changeTags(entities, namedBy(request), (tags) =>
          Result.succeed(Object.fromEntries(Object.entries(tags).filter(([key]) => isLeft(key))))
        )
      )
    )
  }
})
