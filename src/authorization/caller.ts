/** Who may call, and what each may do. Pure: a request's caller and resource in, yes or no out. */
import type { AccountId, Realm } from "../domain/ids.ts"

/** The owner of an account. */
export interface Caller {
  readonly kind: "root"
  readonly account: AccountId
}

export const callerArn = (caller: Caller): string => `acs:ram::${caller.account}:${caller.kind}`

/** What is asked for: something of a realm, `key`, `key/<id>` or `alias/<name>`, or the account as a whole. */
export interface Resource {
  readonly realm: Realm
  readonly relative: string
}

export const resourceArn = ({ realm, relative }: Resource): string =>
  relative === "*" ? "*" : `acs:kms:${realm.region}:${realm.account}:${relative}`

/** An account's root has every permission on the account's own resources and none on others (API reference 13.2). */
export const allows = (caller: Caller, _action: string, { realm }: Resource): boolean =>
  realm.account === caller.account
