/** Tags of roles and custom policies, decided on what the account has. */
import { Result } from "effect"
import { tagsPerCallMax } from "../domain/limits.ts"
import type { HeldPolicy, Role } from "./records.ts"
import { customPolicyOf, no, roleOf } from "./shelf.ts"
import type { Decided, Found, Shelf } from "./shelf.ts"

export type Tags = Readonly<Record<string, string>>

export interface Tagged {
  readonly type: "policy" | "role"
  readonly name: string
}

export const taggedOf = (shelf: Shelf, { type, name }: Tagged): Found<Role | HeldPolicy> =>
  type === "role" ? roleOf(shelf, name) : customPolicyOf(shelf, name)

const retagged = (entity: Role | HeldPolicy, tags: Tags): Role | HeldPolicy =>
  entity.kind === "role" ? { ...entity, is: { ...entity.is, tags } } : { ...entity, is: { ...entity.is, tags } }

/** The tags of each resource as `change` leaves them; all resources or none. */
export const changeTags = (
  shelf: Shelf,
  resources: ReadonlyArray<Tagged>,
  change: (tags: Tags) => Tags
): Decided<undefined> =>
  Result.gen(function* () {
    const put: Array<Role | HeldPolicy> = []
    for (const resource of resources) {
      const entity = yield* taggedOf(shelf, resource)
      const tags = change(entity.is.tags)
      if (Object.keys(tags).length > tagsPerCallMax.many) return yield* no("LimitExceeded.Tag")
      put.push(retagged(entity, tags))
    }
    return { put, drop: [], subject: resources.map(({ type, name }) => `${type}/${name}`).join(" "), answer: undefined }
  })
