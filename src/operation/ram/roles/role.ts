/** RAM: roles, as replies show them. */
import { formatInstant } from "../../../domain/time.ts"
import type { Role } from "../../../ram/records.ts"

export const listed = ({ account, name, is }: Role) => ({
  RoleId: is.id,
  RoleName: name,
  Arn: `acs:ram::${account}:role/${name}`,
  Description: is.description,
  MaxSessionDuration: is.maxSessionSeconds,
  CreateDate: formatInstant(is.createdAt)
})

export const shown = (role: Role) => ({ ...listed(role), AssumeRolePolicyDocument: role.is.trust })

export const updated = (role: Role) => ({ ...shown(role), UpdateDate: formatInstant(role.is.updatedAt) })
