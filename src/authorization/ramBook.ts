/** Access control in memory: what each account has, what its policies mean, and whose each access key is. */
import { Result } from "effect"
import type { Redacted } from "effect"
import type { RootKey } from "../crypto/seal.ts"
import type { AccountId } from "../domain/ids.ts"
import { documentOf } from "../ram/records.ts"
import type {
  AccountRecord,
  Attachment,
  Entity,
  Group,
  HeldPolicy,
  Role,
  Settings,
  StoredKey,
  User
} from "../ram/records.ts"
import type { Shelf } from "../ram/shelf.ts"
import { systemPolicies } from "../ram/systemPolicies.ts"
import type { RamName } from "../records/rows.ts"
import type { Caller } from "./caller.ts"
import type { NamedPolicy } from "./evaluate.ts"
import { openSecret } from "./keyPairs.ts"
import { parsePolicy } from "./policy.ts"
import type { Policy } from "./policy.ts"
import { parseResourcePolicy, trustPolicyForm } from "./resourcePolicy.ts"
import type { ResourcePolicy } from "./resourcePolicy.ts"

/** An access key that may sign, and whose it is. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly active: boolean
  readonly caller: Caller
}

export interface Book {
  readonly shelf: (account: AccountId) => Shelf
  readonly accounts: ReadonlyMap<AccountId, AccountRecord>
  readonly accessKey: (accessKeyId: string) => AccessKey | undefined
  /** Puts in or replaces; answers what is wrong with it, if anything, and then changes nothing. */
  readonly install: (entity: Entity) => string | undefined
  readonly remove: (name: RamName) => void
  /** The policies as they are now, by their default versions. */
  readonly attached: (account: AccountId, attachments: ReadonlyArray<Attachment>) => ReadonlyArray<NamedPolicy>
  /** The trust policy of a role. */
  readonly trust: (role: Role) => ResourcePolicy | undefined
}

/** Whose an access key is, as its secret is sealed for. */
export const ownerOf = ({ account, kind, name }: RamName): string => `${account} ${kind} ${name}`

const keysOf = (entity: Entity): ReadonlyArray<StoredKey> => {
  if (entity.kind === "account") return [entity.is.root]
  return entity.kind === "user" ? entity.is.keys : []
}

const callerOf = (entity: Entity): Caller =>
  entity.kind === "user"
    ? { kind: "user", account: entity.account, name: entity.name, userId: entity.is.id }
    : { kind: "root", account: entity.account }

class OneShelf implements Shelf {
  readonly account: AccountId
  readonly users = new Map<string, User>()
  readonly groups = new Map<string, Group>()
  readonly roles = new Map<string, Role>()
  readonly policies = new Map<string, HeldPolicy>()
  settings: Settings | undefined
  /** What the default versions of the policies mean, and the trust policies of the roles. */
  readonly meanings = new Map<string, Policy>()
  readonly trusts = new Map<string, ResourcePolicy>()

  constructor(account: AccountId) {
    this.account = account
  }
}

const parsedSystemPolicies: ReadonlyMap<string, Policy> = new Map(
  [...systemPolicies].map(([name, record]) => [
    name,
    Result.getOrThrowWith(parsePolicy(documentOf(record)), ({ message }) => new Error(message))
  ])
)

export const makeBook = (rootKey: RootKey): Book => {
  const shelves = new Map<AccountId, OneShelf>()
  const accounts = new Map<AccountId, AccountRecord>()
  const accessKeys = new Map<string, AccessKey>()
  /** The ids of the keys that an entity brought, to be forgotten with it. */
  const brought = new Map<string, ReadonlyArray<string>>()

  const shelf = (account: AccountId): OneShelf => {
    const known = shelves.get(account)
    if (known !== undefined) return known
    const fresh = new OneShelf(account)
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

  const placePolicy = (policy: HeldPolicy): string | undefined => {
    const meaning = parsePolicy(documentOf(policy.is))
    if (Result.isFailure(meaning)) return meaning.failure.message
    const { policies, meanings } = shelf(policy.account)
    policies.set(policy.name, policy)
    meanings.set(policy.name, meaning.success)
    return undefined
  }

  const placeRole = (role: Role): string | undefined => {
    const trust = parseResourcePolicy(trustPolicyForm, role.is.trust)
    if (Result.isFailure(trust)) return trust.failure.message
    const { roles, trusts } = shelf(role.account)
    roles.set(role.name, role)
    trusts.set(role.name, trust.success)
    return undefined
  }

  const place = (entity: Entity): string | undefined => {
    switch (entity.kind) {
      case "account":
        accounts.set(entity.account, entity.is)
        return undefined
      case "user":
        shelf(entity.account).users.set(entity.name, entity)
        return undefined
      case "group":
        shelf(entity.account).groups.set(entity.name, entity)
        return undefined
      case "role":
        return placeRole(entity)
      case "policy":
        return placePolicy(entity)
      case "settings":
        shelf(entity.account).settings = entity
        return undefined
      default:
        return entity satisfies never
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
    if (name.kind === "account") {
      accounts.delete(name.account)
      return
    }
    const its = shelf(name.account)
    if (name.kind === "settings") {
      its.settings = undefined
      return
    }
    const tables = { user: its.users, group: its.groups, role: its.roles, policy: its.policies }
    tables[name.kind].delete(name.name)
    if (name.kind === "role") its.trusts.delete(name.name)
    if (name.kind === "policy") its.meanings.delete(name.name)
  }

  return {
    shelf,
    accounts,
    accessKey: (accessKeyId) => accessKeys.get(accessKeyId),
    install,
    remove,
    attached: (account, attachments) => {
      const { meanings } = shelf(account)
      return attachments.flatMap(({ name, type }) => {
        const policy = type === "System" ? parsedSystemPolicies.get(name) : meanings.get(name)
        return policy === undefined ? [] : { name, policy }
      })
    },
    trust: ({ account, name }) => shelf(account).trusts.get(name)
  }
}
