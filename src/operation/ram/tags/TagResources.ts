/** Adds tags to roles or policies of the account. */
import { tagErrors } from "../../tags/tags.ts"
import { changeTags, withTags } from "../../../ram/tags.ts"
import { required } from "../../parameters.ts"
import { tagRecords } from "../../resources.ts"
import { change, done, ramOperation } from "../ramOperation.ts"
import { ResourceNames, ResourceType, namedBy, onEach } from "./resourceTags.ts"
import { tagMapOf, tagsFault } from "./tagParameters.ts"

export const TagResources = ramOperation({
  about: "Adds tags to roles or policies of the account: to all of them or to none.",
  errors: ["EntityNotExist.Policy", "EntityNotExist.Role", "LimitExceeded.Tag", ...tagErrors],
  changes: true,
  Request: { ResourceType, ResourceNames, Tag: required(tagRecords, "The tags.") },
  conflict: ({ Tag }) => tagsFault(Tag),
  requestTags: ({ Tag }) => tagMapOf(Tag),
  on: onEach,
  handle: (request, call) => {
    const added = tagMapOf(request.Tag)
    return done(change(call, (entities) => changeTags(entities, namedBy(request), (tags) => withTags(tags, added))))
  }
})
