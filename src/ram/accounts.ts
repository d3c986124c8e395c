/** The creation of accounts and changes of their settings, as decisions on the present entities. */
import type { AccountId } from "../domain/ids.ts"
import { accountsMax } from "../domain/limits.ts"
import type { AccountRecord, SettingsRecord, StoredKey } from "./records.ts"
import { no, put } from "./entities.ts"
import type { Decided, AccountEntities } from "./entities.ts"

export interface NewAccount {
  readonly id: AccountId
  /** The server's own account, which creates the others. */
  readonly own: AccountId
  readonly createdAt: number
  readonly root: StoredKey
}

export const createAccount = (
  accounts: ReadonlyMap<AccountId, AccountRecord>,
  { id, own, createdAt, root }: NewAccount
): Decided<unknown, "EntityAlreadyExists.Account" | "LimitExceeded.Account"> => {
  if (accounts.has(id) || id === own) return no("EntityAlreadyExists.Account")
  if (accounts.size >= accountsMax) return no("LimitExceeded.Account")
  return put({ account: id, kind: "account", name: "root", is: { createdAt, root } }, `/${id}`)
}

export const changeSettings = ({ account, settings }: AccountEntities, change: SettingsRecord): Decided<unknown> =>
  put({ account, kind: "settings", name: "account", is: { ...settings?.is, ...change } })
