/** Who may call, and what each may do. Pure: a request's caller and resource in, yes or no out. */
import type { AccountId } from "../domain/ids.ts"

/** The owner of an account. */
export interface Caller {
  readonly kind: "root"
  readonly account: AccountId
}

export const callerArn = (caller: Caller): string => `acs:ram::${caller.account}:${caller.kind}`

const accountOf = (resource: string): string | undefined => resource.split(":")[3]

/** An account's root has every permission on the account's own resources and none on others (API reference 13.2). */
export const allows = (caller: Caller, _action: string, resource: string): boolean =>
  resource === "*" || accountOf(resource) === caller.account
