/** Tags of roles and custom policies, as decisions on the entities of the account. */
import { Result } from "effect"
import type { ErrorOf } from "../domain/errors.ts"
import { tagsPerCallMax } from "../domain/limits.ts"
import type { HeldPolicy, Role } from "./records.ts"
import { customPolicyOf, no, roleOf } from "./entities.ts"
import type { Decision, Found, AccountEntities } from "./entities.ts"

export type Tags = Readonly<Record<string, string>>

export interface Tagged {
  readonly type: "policy" | "role"
  readonly name: string
}

type NotThere = "EntityNotExist.Role" | "EntityNotExist.Policy"

export const taggedOf = (entities: AccountEntities, { type, name }: Tagged): Found<Role | HeldPolicy, NotThere> =>
  type === "role" ? roleOf(entities, name) : customPolicyOf(entities, name)

const retagged = (entity: Role | HeldPolicy, tags: Tags): Role | HeldPolicy =>
  entity.kind === "role" ? { ...entity, is: { ...entity.is, tags } } : { ...entity, is: { ...entity.is, tags } }

/** A resource's tags after an addition, which replaces tags with the same key. */
export const withTags = (tags: Tags, added: Tags): Found<Tags, "LimitExceeded.Tag"> => {
  const all = { ...tags, ...added }
  return Object.keys(all).length > tagsPerCallMax.many ? no("LimitExceeded.Tag") : Result.succeed(all)
}

/** The tags of each resource after `change`: all resources are changed, or none. */
export const changeTags = <Refused>(
  entities: AccountEntities,
  resources: ReadonlyArray<Tagged>,
  change: (tags: Tags) => Result.Result<Tags, Refused>
): Result.Result<Decision<undefined>, Refused | ErrorOf<NotThere>> =>
  Result.gen(function* () {
    const put: Array<Role | HeldPolicy> = []
    for (const resource of resources) {
      const entity = yield* taggedOf(entities, resource)
      put.push(retagged(entity, yield* change(entity.is.tags)))
    }
    return { put, drop: [], subject: resources.map(({ type, name }) => `${type}/${name}`).join(" "), answer: undefined }
  })
