/** Who may call, and on what: the owner of an account, a user of it, or somebody who assumed one of its roles. */
import type { AccountId, Realm } from "../domain/ids.ts"
import type { Policy } from "./policy.ts"

export type Caller =
  | { readonly kind: "root"; readonly account: AccountId }
  | { readonly kind: "user"; readonly account: AccountId; readonly name: string }
  | {
      readonly kind: "role"
      readonly account: AccountId
      readonly name: string
      /** Tells the role from another that has its name after it. */
      readonly roleId: string
      readonly session: string
      /** What the session was narrowed to when it began; the role's own policies must allow as well. */
      readonly sessionPolicy: Policy | undefined
    }

export const callerArn = (caller: Caller): string => {
  switch (caller.kind) {
    case "root":
      return `acs:ram::${caller.account}:root`
    case "user":
      return `acs:ram::${caller.account}:user/${caller.name}`
    case "role":
      return `acs:ram::${caller.account}:assumed-role/${caller.name}/${caller.session}`
    default:
      return caller satisfies never
  }
}

/** The user or role itself, without the session (RAM, condition key `acs:PrincipalARN`). */
export const principalArn = (caller: Caller): string =>
  caller.kind === "role" ? `acs:ram::${caller.account}:role/${caller.name}` : callerArn(caller)

/** What is asked for: something of a realm, `key`, `key/<id>` or `alias/<name>`, or the account as a whole. */
export interface Resource {
  readonly realm: Realm
  readonly relative: string
}

export const resourceArn = ({ realm, relative }: Resource): string =>
  relative === "*" ? "*" : `acs:kms:${realm.region}:${realm.account}:${relative}`
