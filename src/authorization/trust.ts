/** Does a role's trust policy let this user or session assume the role, and do sessions that began so still hold? */
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

/** Whether the trust policy, as it is now, allows the call that begins or began a session. */
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

/** The caller as one that assumes a role. A root cannot. */
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
 * Whether a session still holds: each role on the way to it trusts the one that assumed it, and the user at the
 * beginning is there with the access key that signed. What ends a right ends the sessions that began by it.
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

/** Whether the caller is still there: a user or a role may be deleted while its credentials are in use. */
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
