/** Decides whether a role's trust policy allows an identity to assume the role, and whether a session is valid. */
import type { Role } from "../ram/records.ts"
import type { Assumer, Begun, Caller } from "./caller.ts"
import { evaluateResourcePolicy } from "./evaluate.ts"
import { names } from "./principal.ts"
import type { RamTables } from "./ramTables.ts"

const stated = ({ session, externalId }: Begun): ReadonlyMap<string, string> =>
  new Map([
    ["sts:RoleSessionName", session],
    ...(externalId === undefined ? [] : [["sts:ExternalId", externalId] as const])
  ])

/** Whether the present trust policy allows the call that begins or began a session. */
export const isTrusted = (tables: RamTables, role: Role, begun: Begun): boolean => {
  const policy = tables.trust(role)
  if (policy === undefined) return false
  const { by, at, sourceIp, secureTransport } = begun
  const attributes = {
    currentTimeMillis: at,
    secureTransport,
    sourceIp,
    mfaPresent: undefined,
    tags: new Map(Object.entries(role.is.tags)),
    principalArn: `acs:ram::${by.account}:${by.kind}/${by.name}`,
    stated: stated(begun)
  }
  const ruling = evaluateResourcePolicy(
    { name: "trust policy", policy },
    (principal) => principal.group === "RAM" && names(principal, by),
    { action: "sts:AssumeRole", attributes }
  )
  return ruling.effect === "Allow"
}

/** The caller as the assumer of a role. A root cannot be one. */
export const assumerOf = (caller: Exclude<Caller, { kind: "root" }>, accessKeyId: string | undefined): Assumer => {
  const { kind, account, name } = caller
  return kind === "user"
    ? { kind, account, name, id: caller.userId, accessKeyId }
    : { kind, account, name, id: caller.roleId }
}

const isUserThere = (tables: RamTables, { account, name, id, accessKeyId }: Assumer): boolean => {
  if (tables.entitiesOf(account).users.get(name)?.is.id !== id) return false
  return accessKeyId === undefined || tables.accessKey(accessKeyId)?.active === true
}

const roleThere = (tables: RamTables, { account, name, id }: Omit<Assumer, "kind">): Role | undefined => {
  const role = tables.entitiesOf(account).roles.get(name)
  return role?.is.id === id ? role : undefined
}

/**
 * Whether a session is still valid. Each role of the chain must trust its assumer, and the first user must still have
 * the signing access key. The loss of a permission ends the sessions that began by it.
 */
const isSessionValid = (tables: RamTables, { account, name, roleId, begun }: Caller & { kind: "role" }): boolean => {
  let role = roleThere(tables, { account, name, id: roleId })
  for (const step of begun) {
    if (role === undefined) return false
    if (step.trustRevision !== role.is.trustRevision && !isTrusted(tables, role, step)) return false
    if (step.by.kind === "user") return isUserThere(tables, step.by)
    role = roleThere(tables, step.by)
  }
  return role !== undefined
}

/** Whether the caller still exists: a user or a role may be deleted while its credentials are in use. */
export const isThere = (tables: RamTables, caller: Caller): boolean => {
  switch (caller.kind) {
    case "root":
      return true
    case "user":
      return tables.entitiesOf(caller.account).users.get(caller.name)?.is.id === caller.userId
    case "role":
      return isSessionValid(tables, caller)
    default:
      return caller satisfies never
  }
}
