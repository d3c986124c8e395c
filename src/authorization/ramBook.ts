/** Access control in memory: what each account has, and whom each access key stands for. */
import { Result } from "effect"
import type { Redacted } from "effect"
import type { RootKey } from "../crypto/seal.ts"
import type { AccountId } from "../domain/ids.ts"
import type { RamName } from "../store/store.ts"
import type { Caller } from "./caller.ts"
import type { NamedPolicy } from "./evaluate.ts"
import { openSecret } from "./keyPairs.ts"
import { parsePolicy } from "./policy.ts"
import type { Policy } from "./policy.ts"
import type { AccountRecord, Entity, PolicyRecord, Role, StoredKey, User } from "./ramRecords.ts"

/** An access key that may sign, and whose it is. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly active: boolean
  readonly caller: Caller
}

export interface HeldPolicy extends PolicyRecord {
  readonly name: string
  readonly policy: Policy
}

/** One account's. */
export interface Shelf {
  readonly users: Map<string, User>
  readonly roles: Map<string, Role>
  readonly policies: Map<string, HeldPolicy>
}

export interface Book {
  readonly shelf: (account: AccountId) => Shelf
  readonly accounts: ReadonlyMap<AccountId, AccountRecord>
  readonly accessKey: (accessKeyId: string) => AccessKey | undefined
  /** Puts in or replaces; answers what is wrong with it, if anything, and then changes nothing. */
  readonly install: (entity: Entity) => string | undefined
  readonly remove: (name: RamName) => void
  /** The policies of these names, as they are now. */
  readonly named: (account: AccountId, names: ReadonlyArray<string>) => ReadonlyArray<NamedPolicy>
}

/** Whose an access key is, as its secret is sealed for. */
export const ownerOf = ({ account, kind, name }: RamName): string => `${account} ${kind} ${name}`

const keysOf = (entity: Entity): ReadonlyArray<StoredKey> => {
  switch (entity.kind) {
    case "account":
      return [entity.is.root]
    case "user":
      return entity.is.keys
    case "role":
    case "policy":
      return []
    default:
      return entity satisfies never
  }
}

const callerOf = (entity: Entity): Caller =>
  entity.kind === "user"
    ? { kind: "user", account: entity.account, name: entity.name }
    : { kind: "root", account: entity.account }

export const makeBook = (rootKey: RootKey): Book => {
  const shelves = new Map<AccountId, Shelf>()
  const accounts = new Map<AccountId, AccountRecord>()
  const accessKeys = new Map<string, AccessKey>()
  /** The ids of the keys that an entity brought, to be forgotten with it. */
  const brought = new Map<string, ReadonlyArray<string>>()

  const shelf = (account: AccountId): Shelf => {
    const known = shelves.get(account)
    if (known !== undefined) return known
    const fresh: Shelf = { users: new Map(), roles: new Map(), policies: new Map() }
    shelves.set(account, fresh)
    return fresh
  }

  const opened = (entity: Entity): ReadonlyArray<AccessKey> | undefined => {
    const keys: Array<AccessKey> = []
    for (const { accessKeyId, sealedSecret, active } of keysOf(entity)) {
      const secret = openSecret(rootKey, { owner: ownerOf(entity), accessKeyId }, sealedSecret)
      if (secret === undefined) return undefined
      keys.push({ accessKeyId, secret, active, caller: callerOf(entity) })
    }
    return keys
  }

  const forgetKeys = (name: RamName): void => {
    for (const accessKeyId of brought.get(ownerOf(name)) ?? []) accessKeys.delete(accessKeyId)
    brought.delete(ownerOf(name))
  }

  const place = (entity: Entity): string | undefined => {
    const { account, kind, name, is } = entity
    switch (kind) {
      case "account":
        accounts.set(account, is)
        return undefined
      case "user":
        shelf(account).users.set(name, entity)
        return undefined
      case "role":
        shelf(account).roles.set(name, entity)
        return undefined
      case "policy": {
        const policy = parsePolicy(is.document)
        if (Result.isFailure(policy)) return policy.failure.message
        shelf(account).policies.set(name, { ...is, name, policy: policy.success })
        return undefined
      }
      default:
        return kind satisfies never
    }
  }

  const install = (entity: Entity): string | undefined => {
    const keys = opened(entity)
    if (keys === undefined) return "a secret in it does not open under this root key"
    const fault = place(entity)
    if (fault !== undefined) return fault
    forgetKeys(entity)
    for (const key of keys) accessKeys.set(key.accessKeyId, key)
    if (keys.length > 0) {
      brought.set(
        ownerOf(entity),
        keys.map(({ accessKeyId }) => accessKeyId)
      )
    }
    return undefined
  }

  const remove = (name: RamName): void => {
    forgetKeys(name)
    if (name.kind === "account") accounts.delete(name.account)
    else {
      const { users, roles, policies } = shelf(name.account)
      const table = { user: users, role: roles, policy: policies }[name.kind]
      table.delete(name.name)
    }
  }

  return {
    shelf,
    accounts,
    accessKey: (accessKeyId) => accessKeys.get(accessKeyId),
    install,
    remove,
    named: (account, names) => {
      const { policies } = shelf(account)
      return names.flatMap((name) => policies.get(name) ?? [])
    }
  }
}
