/** Lists the tags of roles or policies of the account. */
import { Effect } from "effect"
import { ramPage } from "../../../domain/limits.ts"
import type { HeldPolicy, Role } from "../../../ram/records.ts"
import { taggedOf } from "../../../ram/tags.ts"
import { defaulted, integer, optional } from "../../parameters.ts"
import { ramOperation, entitiesOf } from "../ramOperation.ts"
import { ResourceType, names, nextToken, onEachOrAll } from "./resourceTags.ts"
import { TagFilter, hasTags } from "./tagParameters.ts"

export const ListTagResources = ramOperation({
  about: "Lists the tags of roles or policies of the account.",
  errors: ["EntityNotExist.Role", "EntityNotExist.Policy"],
  Request: {
    ResourceType,
    ResourceNames: optional(names, "The names of the resources; all of this type if absent."),
    Tag: TagFilter,
    NextToken: optional(nextToken, "Where the page begins."),
    PageSize: defaulted(integer(ramPage), ramPage.default, "Tags on a page.")
  },
  on: onEachOrAll,
  handle: Effect.fnUntraced(function* (request, call) {
    const entities = entitiesOf(call)
    const { ResourceType: type, ResourceNames, Tag, NextToken = 0, PageSize } = request
    const all: Iterable<Role | HeldPolicy> = type === "role" ? entities.roles.values() : entities.policies.values()
    const resources =
      ResourceNames === undefined
        ? [...all]
        : yield* Effect.forEach(new Set(ResourceNames), (name) => Effect.fromResult(taggedOf(entities, { type, name })))
    const rows = resources
      .filter(({ is }) => hasTags(is.tags, Tag))
      .flatMap(({ name, is }) =>
        Object.entries(is.tags).map(([TagKey, TagValue]) => ({
          ResourceType: type,
          ResourceName: name,
          TagKey,
          TagValue
        }))
      )
    const next = NextToken + PageSize
    return {
      TagResources: rows.slice(NextToken, next),
      ...(next < rows.length ? { NextToken: String(next) } : {})
    }
  })
})
