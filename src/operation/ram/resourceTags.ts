/** RAM: tags of roles and of policies of the account. */
import { Effect } from "effect"
import { ramPage, resourcesPerCallMax } from "../../domain/limits.ts"
import type { HeldPolicy, Role } from "../../ram/records.ts"
import { changeTags, taggedOf } from "../../ram/tags.ts"
import type { Tagged } from "../../ram/tags.ts"
import { boolean, defaulted, integer, list, oneOf, optional, required, text } from "../parameters.ts"
import { tagKeyList, tagRecords } from "../resources.ts"
import { change, done, ramOperation, shelfOf } from "./ramOperation.ts"
import type { Resources } from "./ramOperation.ts"
import { hasTags, tagMapOf, TagFilter, tagsFault } from "./tagParameters.ts"

const types = ["policy", "role"] as const

const names = list(text({ charsMin: 1, charsMax: 128 }), { itemsMax: resourcesPerCallMax })
const ResourceType = required(oneOf(types), "What kind of resource.")
const ResourceNames = required(names, "The names of the resources.")

interface Named {
  readonly ResourceType: Tagged["type"]
  readonly ResourceNames: ReadonlyArray<string>
}

const namedBy = ({ ResourceType: type, ResourceNames }: Named): ReadonlyArray<Tagged> =>
  [...new Set(ResourceNames)].map((name) => ({ type, name }))

const onEach: Resources<Named> = {
  says: "`<ResourceType>/<name>` for each resource",
  of: (request) => namedBy(request).map(({ type, name }) => `${type}/${name}`)
}

const onEachOrAll: Resources<
  Omit<Named, "ResourceNames"> & { readonly ResourceNames: Named["ResourceNames"] | undefined }
> = {
  says: "`<ResourceType>/<name>` for each resource, or `<ResourceType>/*`",
  of: ({ ResourceType, ResourceNames = ["*"] }) => ResourceNames.map((name) => `${ResourceType}/${name}`)
}

export const TagResources = ramOperation({
  about: "Adds tags to roles or policies of the account: to all of them or to none.",
  changes: true,
  Request: { ResourceType, ResourceNames, Tag: required(tagRecords, "The tags.") },
  conflict: ({ Tag }) => tagsFault(Tag),
  requestTags: ({ Tag }) => tagMapOf(Tag),
  on: onEach,
  handle: (request, call) => {
    const added = tagMapOf(request.Tag)
    return done(change(call, (shelf) => changeTags(shelf, namedBy(request), (tags) => ({ ...tags, ...added }))))
  }
})

export const UntagResources = ramOperation({
  about: "Removes tags from roles or policies of the account.",
  changes: true,
  Request: {
    ResourceType,
    ResourceNames,
    // Older clients send TagKey.1 as well.
    TagKeys: optional(tagKeyList, "The tag keys."),
    TagKey: optional(tagKeyList, "The tag keys: the earlier name of TagKeys."),
    All: defaulted(boolean, false, "Whether all tags are removed, if no tag key is given.")
  },
  on: onEach,
  handle: (request, call) => {
    const { TagKeys, TagKey, All } = request
    const given = TagKeys === undefined && TagKey === undefined ? undefined : [...(TagKeys ?? []), ...(TagKey ?? [])]
    const isLeft = (key: string): boolean => (given === undefined ? !All : !given.includes(key))
    return done(
      change(call, (shelf) =>
        changeTags(shelf, namedBy(request), (tags) =>
          Object.fromEntries(Object.entries(tags).filter(([key]) => isLeft(key)))
        )
      )
    )
  }
})

const place = /^[1-9][0-9]{0,8}$/

const nextToken = {
  read: (given: unknown): number | undefined =>
    typeof given === "string" && place.test(given) ? Number(given) : undefined,
  form: "the NextToken of the page before"
} as const

export const ListTagResources = ramOperation({
  about: "Lists the tags of roles or policies of the account.",
  Request: {
    ResourceType,
    ResourceNames: optional(names, "The names of the resources; all of this type if absent."),
    Tag: TagFilter,
    NextToken: optional(nextToken, "Where the page begins."),
    PageSize: defaulted(integer(ramPage), ramPage.default, "Tags on a page.")
  },
  on: onEachOrAll,
  handle: Effect.fnUntraced(function* (request, call) {
    const shelf = shelfOf(call)
    const { ResourceType: type, ResourceNames, Tag, NextToken = 0, PageSize } = request
    const all: Iterable<Role | HeldPolicy> = type === "role" ? shelf.roles.values() : shelf.policies.values()
    const resources =
      ResourceNames === undefined
        ? [...all]
        : yield* Effect.forEach(new Set(ResourceNames), (name) => Effect.fromResult(taggedOf(shelf, { type, name })))
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
