/** The Principal element of a resource-based policy: a key policy, or the trust policy of a role. */
import { Result } from "effect"
import { isAccountId } from "../domain/ids.ts"
import type { AccountId } from "../domain/ids.ts"
import { quoted } from "../encoding/jsonPath.ts"
import type { Json } from "../encoding/strictJson.ts"
import { fault } from "./fault.ts"
import type { Read } from "./fault.ts"
import { listOrOne, recordOf } from "./shape.ts"

/** The members that a Principal element can have. */
export type PrincipalGroup = "RAM" | "Service" | "Federated"

export type Principal = { readonly group: PrincipalGroup; readonly written: string } & (
  | {
      /** `root` is the account (`:root`); `everyone` is also each user and role of it (`:*`). */
      readonly of: "root" | "everyone"
      readonly account: AccountId
    }
  | { readonly of: "user" | "role"; readonly account: AccountId; readonly name: string }
  | {
      readonly of: "service"
      readonly service: string
      /** The account of the service (`<account>@<service>`); undefined for the service in any account. */
      readonly account: AccountId | undefined
    }
  | { readonly of: "saml-provider" | "oidc-provider"; readonly account: AccountId; readonly name: string }
)

const forms: Readonly<Record<PrincipalGroup, string>> = {
  RAM: "acs:ram::<account>:root, :*, :user/<name> or :role/<name>",
  Service: "<service>.aliyuncs.com or <account>@<service>.aliyuncs.com",
  Federated: "acs:ram::<account>:saml-provider/<name> or :oidc-provider/<name>"
}

const ramArn = /^acs:ram::([0-9]+):(.*)$/s
/** RAM, limits: names have up to 64 letters, digits, `.`, `_` and `-`; those of identity providers up to 128. */
const named = /^(user|role)\/([A-Za-z0-9._-]{1,64})$/
const provided = /^(saml-provider|oidc-provider)\/([A-Za-z0-9._-]{1,128})$/
const serviceForm = /^(?:([0-9]+)@)?([a-z0-9-]+(?:\.[a-z0-9-]+)*\.aliyuncs\.com)$/

const arnParts = (written: string): { account: AccountId; rest: string } | undefined => {
  const [, account, rest] = ramArn.exec(written) ?? []
  return rest === undefined || !isAccountId(account) ? undefined : { account, rest }
}

const readRam = (written: string): Principal | undefined => {
  const parts = arnParts(written)
  if (parts === undefined) return undefined
  const { account, rest } = parts
  if (rest === "root") return { group: "RAM", written, of: "root", account }
  if (rest === "*") return { group: "RAM", written, of: "everyone", account }
  const [, kind, name] = named.exec(rest) ?? []
  if (name === undefined) return undefined
  return { group: "RAM", written, of: kind === "user" ? "user" : "role", account, name }
}

const readService = (written: string): Principal | undefined => {
  const [, account, service] = serviceForm.exec(written) ?? []
  if (service === undefined) return undefined
  if (account === undefined) return { group: "Service", written, of: "service", service, account }
  return isAccountId(account) ? { group: "Service", written, of: "service", service, account } : undefined
}

const readFederated = (written: string): Principal | undefined => {
  const parts = arnParts(written)
  if (parts === undefined) return undefined
  const [, kind, name] = provided.exec(parts.rest) ?? []
  if (name === undefined) return undefined
  const of = kind === "saml-provider" ? "saml-provider" : "oidc-provider"
  return { group: "Federated", written, of, account: parts.account, name }
}

const readers: Readonly<Record<PrincipalGroup, (written: string) => Principal | undefined>> = {
  RAM: readRam,
  Service: readService,
  Federated: readFederated
}

/** Undefined if the policy may name it. */
type Complaint = (principal: Principal) => string | undefined

const readGroup = (group: PrincipalGroup, json: Json, complaintAbout: Complaint): Read<ReadonlyArray<Principal>> =>
  Result.gen(function* () {
    const principals: Array<Principal> = []
    for (const item of yield* listOrOne(json)) {
      if (item.kind !== "string") return yield* fault(item.path, "must be a string")
      const principal = readers[group](item.text)
      if (principal === undefined) {
        return yield* fault(item.path, `is ${quoted(item.text)}, but must be ${forms[group]}`)
      }
      const complaint = complaintAbout(principal)
      if (complaint !== undefined) return yield* fault(item.path, complaint)
      principals.push(principal)
    }
    return principals
  })

/** `{"RAM": ["acs:ram::1:root"]}`, with the members that this kind of policy allows. */
export const readPrincipals = (
  json: Json,
  groups: ReadonlyArray<PrincipalGroup>,
  complaintAbout: Complaint = () => undefined
): Read<ReadonlyArray<Principal>> =>
  Result.gen(function* () {
    const { optional } = yield* recordOf(json, groups)
    const principals: Array<Principal> = []
    for (const group of groups) {
      const member = optional(group)
      if (member !== undefined) principals.push(...(yield* readGroup(group, member, complaintAbout)))
    }
    return principals
  })

/** The element in its written form. */
export const writePrincipals = (principals: ReadonlyArray<Principal>): Record<string, ReadonlyArray<string>> => {
  const groups = [...new Set(principals.map(({ group }) => group))]
  return Object.fromEntries(
    groups.map((name) => [name, principals.flatMap(({ group, written }) => (group === name ? [written] : []))])
  )
}

/** Accounts share no keys: a policy that grants access to another account would have no effect here. */
export const ofAccount =
  (own: AccountId): Complaint =>
  ({ account, written }) =>
    account === own ? undefined : `is ${quoted(written)}, but a key can be used only by its own account, ${own}`

/** The user, role or root that a principal can name. */
export interface Identity {
  readonly kind: "root" | "user" | "role"
  readonly account: AccountId
  /** Absent for the root. */
  readonly name?: string
}

/**
 * Whether a principal of the group RAM names the identity itself or its whole account. The kind of policy decides
 * whether a grant to the account also needs a policy of the identity.
 */
export const names = (principal: Principal, { kind, account, name }: Identity): boolean => {
  if (principal.account !== account) return false
  if (principal.of === "root" || principal.of === "everyone") return true
  return principal.of === kind && "name" in principal && principal.name === name
}
