/** Creates the accounts of a seed: applies them to a copy of the entities in force, then stores all changes at once. */
import { Effect, Redacted, Result } from "effect"
import { newPair, redactSecret, sealSecret } from "../authorization/keyPairs.ts"
import { makeRamTables, ownerOf } from "../authorization/ramTables.ts"
import type { RamTables } from "../authorization/ramTables.ts"
import { readPolicy, readTrust } from "../authorization/roleSessions.ts"
import { Ram } from "../authorization/ram.ts"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { RootKey } from "../crypto/seal.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { AccountId } from "../domain/ids.ts"
import { sessionSeconds } from "../domain/limits.ts"
import { Randomness } from "../platform/services.ts"
import type { Actor } from "../authorization/accessControl.ts"
import { createAccount } from "../ram/accounts.ts"
import { attachPolicy } from "../ram/attachments.ts"
import { addUserToGroup, createGroup } from "../ram/groups.ts"
import { newGroupId, newRoleId, newUserId } from "../ram/ids.ts"
import { createPolicy } from "../ram/policies.ts"
import { decodeRecord } from "../ram/records.ts"
import type { Entity, StoredKey } from "../ram/records.ts"
import { createRole } from "../ram/roles.ts"
import type { Decision, Holder } from "../ram/entities.ts"
import { trustOf } from "../ram/trust.ts"
import { addAccessKey, createUser } from "../ram/users.ts"
import { Store } from "../store/store.ts"
import { refusal } from "./fault.ts"
import type { SeedFault } from "./fault.ts"
import type { SeedAccessKey, SeedAccount } from "./format.ts"

/** The copy of the entities, and its changes. */
interface Draft {
  readonly tables: RamTables
  readonly rootKey: RootKey
  readonly randomness: Randomness["Service"]
  readonly root: { readonly accessKeyId: string; readonly secret: Redacted.Redacted<string> }
  readonly entities: Map<string, Entity>
  readonly faults: Array<SeedFault>
}

const makeDraft = Effect.gen(function* () {
  const { rootKey } = yield* HeldRootKey
  const { root } = yield* Ram
  const tables = makeRamTables(rootKey)
  for (const record of yield* (yield* Store).ramRecords) {
    const entity = decodeRecord(record)
    if (entity === undefined || tables.install(entity) !== undefined) {
      return yield* Effect.die(new Error(`the access control record ${record.name} was readable at the start`))
    }
  }
  const randomness = yield* Randomness
  const draft: Draft = { tables, rootKey, randomness, root, entities: new Map(), faults: [] }
  return draft
})

/** The decision for an account, or the error. */
type Wanted<A> = Result.Result<Decision<A>, AnyKmsError>

const apply = <A>({ tables, entities, faults }: Draft, path: string, decided: Wanted<A>): void => {
  if (Result.isFailure(decided)) {
    faults.push({ path, complaint: refusal(decided.failure) })
    return
  }
  for (const entity of decided.success.put) {
    tables.install(entity)
    entities.set(ownerOf(entity), entity)
  }
}

const isSecret = (secret: Redacted.Redacted<string>, given: string): boolean => Redacted.value(secret) === given

const sealed = ({ rootKey }: Draft, owner: string, { id, secret }: SeedAccessKey, createdAt: number): StoredKey => {
  const pair = { accessKeyId: id, secret: redactSecret(secret) }
  return { accessKeyId: id, sealedSecret: sealSecret(rootKey, owner, pair), active: true, createdAt }
}

/** The present owner of the pair, if it is not `owner` with exactly this secret. */
const isTaken = ({ tables, root }: Draft, { id, secret }: SeedAccessKey, owner: string): boolean => {
  if (id === root.accessKeyId) return true
  const known = tables.accessKey(id)
  if (known === undefined) return false
  const { caller } = known
  const name = caller.kind === "user" ? caller.name : "root"
  const kind = caller.kind === "user" ? "user" : "account"
  return ownerOf({ account: caller.account, kind, name }) !== owner || !isSecret(known.secret, secret)
}

const taken = "belongs to another owner already, or has another secret"

/** A root pair that no person knows: the seed alone fills its account. */
const unknownPair = ({ randomness }: Draft): SeedAccessKey => {
  const { accessKeyId, secret } = newPair(randomness, "LTAI")
  return { id: accessKeyId, secret: Redacted.value(secret) }
}

interface Plan {
  readonly draft: Draft
  readonly by: Actor
}

const planRoot = ({ draft, by }: Plan, { rootAccessKey: pair }: SeedAccount, id: AccountId, path: string): void => {
  const owner = ownerOf({ account: id, kind: "account", name: "root" })
  const known = draft.tables.accounts.get(id)
  const at = `${path}.rootAccessKey`
  if (id === by.account) {
    const isOwn = pair === undefined || (pair.id === draft.root.accessKeyId && isSecret(draft.root.secret, pair.secret))
    const complaint = "is the server's own: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to it"
    if (!isOwn) draft.faults.push({ path: at, complaint })
  } else if (pair !== undefined && (isTaken(draft, pair, owner) || (known?.root.accessKeyId ?? pair.id) !== pair.id)) {
    draft.faults.push({ path: at, complaint: taken })
  } else if (known === undefined) {
    const root = sealed(draft, owner, pair ?? unknownPair(draft), by.at)
    apply(draft, path, createAccount(draft.tables.accounts, { id, own: by.account, createdAt: by.at, root }))
  }
}

const entitiesOf = ({ draft, by }: Plan) => draft.tables.entitiesOf(by.account)

/** Names of policies of the account, and of system policies. */
interface Attached {
  readonly policies?: ReadonlyArray<string> | undefined
  readonly systemPolicies?: ReadonlyArray<string> | undefined
}

const attach = (plan: Plan, path: string, to: Holder, { policies = [], systemPolicies = [] }: Attached): void => {
  const { draft, by } = plan
  for (const name of policies) {
    apply(draft, `${path}.policies`, attachPolicy(entitiesOf(plan), { name, type: "Custom" }, to, by.at))
  }
  for (const name of systemPolicies) {
    apply(draft, `${path}.systemPolicies`, attachPolicy(entitiesOf(plan), { name, type: "System" }, to, by.at))
  }
}

const planGroups = (plan: Plan, { groups = [] }: SeedAccount, path: string): void => {
  const { draft, by } = plan
  const there = new Set(entitiesOf(plan).groups.keys())
  for (const [place, group] of groups.entries()) {
    const { name, comments = "" } = group
    if (there.has(name)) continue
    const at = `${path}.groups[${place}]`
    apply(draft, at, createGroup(entitiesOf(plan), { name, comments, id: newGroupId(draft.randomness), at: by.at }))
    attach(plan, at, { kind: "group", name }, group)
  }
}

const planUsers = (plan: Plan, { users = [] }: SeedAccount, path: string): void => {
  const { draft, by } = plan
  const there = new Set(entitiesOf(plan).users.keys())
  for (const [place, user] of users.entries()) {
    const { name, accessKeys = [], groups = [] } = user
    const { displayName = "", email = "", mobilePhone = "", comments = "" } = user
    const details = { displayName, email, mobilePhone, comments }
    const at = `${path}.users[${place}]`
    const owner = ownerOf({ account: by.account, kind: "user", name })
    // An existing user is left unchanged, even if it differs from the seed.
    const isNew = !there.has(name)
    if (isNew) {
      apply(draft, at, createUser(entitiesOf(plan), { name, id: newUserId(draft.randomness), at: by.at, ...details }))
    }
    for (const [number, pair] of accessKeys.entries()) {
      const where = `${at}.accessKeys[${number}]`
      if (isTaken(draft, pair, owner)) draft.faults.push({ path: where, complaint: taken })
      else if (isNew) apply(draft, where, addAccessKey(entitiesOf(plan), name, sealed(draft, owner, pair, by.at)))
    }
    if (!isNew) continue
    attach(plan, at, { kind: "user", name }, user)
    for (const group of groups) {
      apply(draft, `${at}.groups`, addUserToGroup(entitiesOf(plan), { user: name, group }, by.at))
    }
  }
}

/** Decides as `decide` does, unless the document is invalid. */
const ifRead = <A>(read: Result.Result<unknown, AnyKmsError>, decide: () => Wanted<A>): Wanted<A> =>
  Result.flatMap(read, decide)

const planRoles = (plan: Plan, { roles = [] }: SeedAccount, path: string): void => {
  const { draft, by } = plan
  const there = new Set(entitiesOf(plan).roles.keys())
  for (const [place, role] of roles.entries()) {
    const { name, description = "", maxSessionDuration = sessionSeconds.maximum, tags = {} } = role
    if (there.has(name)) continue
    const at = `${path}.roles[${place}]`
    const trust = role.trust === undefined ? trustOf(by.account) : JSON.stringify(role.trust)
    const id = newRoleId(draft.randomness)
    const wanted = { name, id, trust, description, maxSessionSeconds: maxSessionDuration, tags, at: by.at }
    const made = ifRead(readTrust(trust), () => createRole(entitiesOf(plan), wanted))
    apply(draft, at, made)
    attach(plan, at, { kind: "role", name }, role)
  }
}

const planPolicies = (plan: Plan, { policies = [] }: SeedAccount, path: string): void => {
  const { draft, by } = plan
  const there = new Set(entitiesOf(plan).policies.keys())
  for (const [place, { name, description = "", document: written, tags = {} }] of policies.entries()) {
    if (there.has(name)) continue
    const document = JSON.stringify(written)
    const wanted = { name, document, description, tags, at: by.at }
    const made = ifRead(readPolicy(document), () => createPolicy(entitiesOf(plan), wanted))
    apply(draft, `${path}.policies[${place}]`, made)
  }
}

/** The changes to store, and the faults of the seed. `by` acts for the server's own account. */
export const planAccounts = Effect.fnUntraced(function* (accounts: ReadonlyArray<SeedAccount>, by: Actor) {
  const draft = yield* makeDraft
  for (const [place, account] of accounts.entries()) {
    const path = `accounts[${place}]`
    const id = account.id === undefined ? by.account : AccountId.make(account.id)
    planRoot({ draft, by }, account, id, path)
    const plan: Plan = { draft, by: { ...by, account: id } }
    planPolicies(plan, account, path)
    planGroups(plan, account, path)
    planUsers(plan, account, path)
    planRoles(plan, account, path)
  }
  return { entities: [...draft.entities.values()], faults: draft.faults }
})
