/** RAM: the roles and policies of the account that a tag operation names. */
import { resourcesPerCallMax } from "../../../domain/limits.ts"
import type { Tagged } from "../../../ram/tags.ts"
import { list, oneOf, required, text } from "../../parameters.ts"
import type { Kind } from "../../parameters.ts"
import type { Resources } from "../ramOperation.ts"

const types = ["policy", "role"] as const

export const names = list(text({ charsMin: 1, charsMax: 128 }), { itemsMax: resourcesPerCallMax })

export const ResourceType = required(oneOf(types), "The resource type.")

export const ResourceNames = required(names, "The names of the resources.")

interface Named {
  readonly ResourceType: Tagged["type"]
  readonly ResourceNames: ReadonlyArray<string>
}

export const namedBy = ({ ResourceType: type, ResourceNames }: Named): ReadonlyArray<Tagged> =>
  [...new Set(ResourceNames)].map((name) => ({ type, name }))

export const onEach: Resources<Named> = {
  says: "`<ResourceType>/<name>` for each resource",
  of: (request) => namedBy(request).map(({ type, name }) => `${type}/${name}`)
}

export const onEachOrAll: Resources<
  Omit<Named, "ResourceNames"> & { readonly ResourceNames: Named["ResourceNames"] | undefined }
> = {
  says: "`<ResourceType>/<name>` for each resource, or `<ResourceType>/*`",
  of: ({ ResourceType, ResourceNames = ["*"] }) => ResourceNames.map((name) => `${ResourceType}/${name}`)
}

const place = /^[1-9][0-9]{0,8}$/

export const nextToken: Kind<string, number> = {
  read: (given) => (typeof given === "string" && place.test(given) ? Number(given) : undefined),
  form: "the NextToken of the previous page's answer"
}
