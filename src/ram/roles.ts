/** Changes of roles, as decisions on the entities of the account. Trust policies are already checked. */
import { Result } from "effect"
import { rolesMax } from "../domain/limits.ts"
import type { Role } from "./records.ts"
import { drop, no, put, roleOf } from "./entities.ts"
import type { Decided, AccountEntities } from "./entities.ts"

export interface NewRole {
  readonly name: string
  readonly id: string
  readonly trust: string
  readonly description: string
  readonly maxSessionSeconds: number
  readonly tags: Readonly<Record<string, string>>
  readonly at: number
}

export const createRole = (
  { account, roles }: AccountEntities,
  { name, at, ...details }: NewRole
): Decided<Role, "EntityAlreadyExists.Role" | "LimitExceeded.Role"> => {
  if (roles.has(name)) return no("EntityAlreadyExists.Role")
  if (roles.size >= rolesMax) return no("LimitExceeded.Role")
  const is = { createdAt: at, updatedAt: at, ...details, trustRevision: 1, policies: [] }
  return put({ account, kind: "role", name, is })
}

export interface RoleChange {
  readonly at: number
  readonly trust: string | undefined
  readonly description: string | undefined
  readonly maxSessionSeconds: number | undefined
}

export const updateRole = (
  entities: AccountEntities,
  name: string,
  change: RoleChange
): Decided<Role, "EntityNotExist.Role"> =>
  Result.flatMap(roleOf(entities, name), (role) => {
    const { is } = role
    const trust = change.trust ?? is.trust
    return put({
      ...role,
      is: {
        ...is,
        updatedAt: change.at,
        trust,
        trustRevision: trust === is.trust ? is.trustRevision : is.trustRevision + 1,
        description: change.description ?? is.description,
        maxSessionSeconds: change.maxSessionSeconds ?? is.maxSessionSeconds
      }
    })
  })

export const deleteRole = (
  entities: AccountEntities,
  name: string
): Decided<undefined, "EntityNotExist.Role" | "DeleteConflict.Role.Policy"> =>
  Result.flatMap(roleOf(entities, name), (role) =>
    role.is.policies.length > 0 ? no("DeleteConflict.Role.Policy", "Detach the role's policies first.") : drop(role)
  )
