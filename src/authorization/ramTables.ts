/** Access control in memory: the entities of each account, its parsed policies, and the owner of each access key. */
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
import type { AccountEntities } from "../ram/entities.ts"
import { systemPolicies } from "../ram/systemPolicies.ts"
import type { RamName } from "../records/rows.ts"
import type { Caller } from "./caller.ts"
import type { NamedPolicy } from "./evaluate.ts"
import { openSecret } from "./keyPairs.ts"
import { parsePolicy } from "./policy.ts"
import type { Policy } from "./policy.ts"
import { parseResourcePolicy, trustPolicyForm } from "./resourcePolicy.ts"
import type { ResourcePolicy } from "./resourcePolicy.ts"

/** An access key, with the caller it identifies. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly active: boolean
  readonly caller: Caller
}

export interface RamTables {
  readonly entitiesOf: (account: AccountId) => AccountEntities
  readonly accounts: ReadonlyMap<AccountId, AccountRecord>
  readonly accessKey: (accessKeyId: string) => AccessKey | undefined
  /** Adds or replaces an entity. If the entity has a fault, returns it and changes nothing. */
  readonly install: (entity: Entity) => string | undefined
  readonly remove: (name: RamName) => void
  /** The default versions of the policies, as they are now. */
  readonly attached: (account: AccountId, attachments: ReadonlyArray<Attachment>) => ReadonlyArray<NamedPolicy>
  /** The trust policy of a role. */
  readonly trust: (role: Role) => ResourcePolicy | undefined
}

/** The owner of an access key. Its secret is sealed for this name. */
export const ownerOf = ({ account, kind, name }: RamName): string => `${account} ${kind} ${name}`

const keysOf = (entity: Entity): ReadonlyArray<StoredKey> => {
  if (entity.kind === "account") return [entity.is.root]
  return entity.kind === "user" ? entity.is.keys : []
}

const callerOf = (entity: Entity): Caller =>
  entity.kind === "user"
    ? { kind: "user", account: entity.account, name: entity.name, userId: entity.is.id }
    : { kind: "root", account: entity.account }

class AccountTables implements AccountEntities {
  readonly account: AccountId
  readonly users = new Map<string, User>()
  readonly groups = new Map<string, Group>()
  readonly roles = new Map<string, Role>()
  readonly policies = new Map<string, HeldPolicy>()
  settings: Settings | undefined
  /** The parsed default versions of the policies, and the parsed trust policies of the roles. */
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

interface State {
  readonly rootKey: RootKey
  readonly byAccount: Map<AccountId, AccountTables>
  readonly accounts: Map<AccountId, AccountRecord>
  readonly accessKeys: Map<string, AccessKey>
  /** The ids of each entity's access keys, which are removed with it. */
  readonly keysOfEntity: Map<string, ReadonlyArray<string>>
}

const entitiesOf = ({ byAccount }: State, account: AccountId): AccountTables => {
  const known = byAccount.get(account)
  if (known !== undefined) return known
  const fresh = new AccountTables(account)
  byAccount.set(account, fresh)
  return fresh
}

const openKeys = (rootKey: RootKey, entity: Entity): ReadonlyArray<AccessKey> | undefined => {
  const keys: Array<AccessKey> = []
  for (const { accessKeyId, sealedSecret, active } of keysOf(entity)) {
    const secret = openSecret(rootKey, { owner: ownerOf(entity), accessKeyId }, sealedSecret)
    if (secret === undefined) return undefined
    keys.push({ accessKeyId, secret, active, caller: callerOf(entity) })
  }
  return keys
}

const forgetKeys = ({ accessKeys, keysOfEntity }: State, name: RamName): void => {
  for (const accessKeyId of keysOfEntity.get(ownerOf(name)) ?? []) accessKeys.delete(accessKeyId)
  keysOfEntity.delete(ownerOf(name))
}

const placePolicy = (entities: AccountTables, policy: HeldPolicy): string | undefined => {
  const meaning = parsePolicy(documentOf(policy.is))
  if (Result.isFailure(meaning)) return meaning.failure.message
  entities.policies.set(policy.name, policy)
  entities.meanings.set(policy.name, meaning.success)
  return undefined
}

const placeRole = (entities: AccountTables, role: Role): string | undefined => {
  const trust = parseResourcePolicy(trustPolicyForm, role.is.trust)
  if (Result.isFailure(trust)) return trust.failure.message
  entities.roles.set(role.name, role)
  entities.trusts.set(role.name, trust.success)
  return undefined
}

/** Adds or replaces an entity. If the entity has a fault, returns it and changes nothing. */
const place = (state: State, entity: Entity): string | undefined => {
  switch (entity.kind) {
    case "account":
      state.accounts.set(entity.account, entity.is)
      return undefined
    case "user":
      entitiesOf(state, entity.account).users.set(entity.name, entity)
      return undefined
    case "group":
      entitiesOf(state, entity.account).groups.set(entity.name, entity)
      return undefined
    case "role":
      return placeRole(entitiesOf(state, entity.account), entity)
    case "policy":
      return placePolicy(entitiesOf(state, entity.account), entity)
    case "settings":
      entitiesOf(state, entity.account).settings = entity
      return undefined
    default:
      return entity satisfies never
  }
}

const install = (state: State, entity: Entity): string | undefined => {
  const keys = openKeys(state.rootKey, entity)
  if (keys === undefined) return "one of its secrets does not open under this root key"
  const fault = place(state, entity)
  if (fault !== undefined) return fault
  forgetKeys(state, entity)
  const ids = keys.map(({ accessKeyId }) => accessKeyId)
  for (const key of keys) state.accessKeys.set(key.accessKeyId, key)
  if (ids.length > 0) state.keysOfEntity.set(ownerOf(entity), ids)
  return undefined
}

const remove = (state: State, name: RamName): void => {
  forgetKeys(state, name)
  if (name.kind === "account") {
    state.accounts.delete(name.account)
    return
  }
  const entities = entitiesOf(state, name.account)
  if (name.kind === "settings") {
    entities.settings = undefined
    return
  }
  const tables = { user: entities.users, group: entities.groups, role: entities.roles, policy: entities.policies }
  tables[name.kind].delete(name.name)
  if (name.kind === "role") entities.trusts.delete(name.name)
  if (name.kind === "policy") entities.meanings.delete(name.name)
}

const attachedPolicies = (
  entities: AccountTables,
  attachments: ReadonlyArray<Attachment>
): ReadonlyArray<NamedPolicy> =>
  attachments.flatMap(({ name, type }) => {
    const policy = type === "System" ? parsedSystemPolicies.get(name) : entities.meanings.get(name)
    return policy === undefined ? [] : { name, policy }
  })

export const makeRamTables = (rootKey: RootKey): RamTables => {
  const state: State = {
    rootKey,
    byAccount: new Map(),
    accounts: new Map(),
    accessKeys: new Map(),
    keysOfEntity: new Map()
  }
  return {
    entitiesOf: (account) => entitiesOf(state, account),
    accounts: state.accounts,
    accessKey: (accessKeyId) => state.accessKeys.get(accessKeyId),
    install: (entity) => install(state, entity),
    remove: (name) => remove(state, name),
    attached: (account, attachments) => attachedPolicies(entitiesOf(state, account), attachments),
    trust: ({ account, name }) => entitiesOf(state, account).trusts.get(name)
  }
}
