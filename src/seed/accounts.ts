/** What a seed asks for of access control: played through on a copy of what is in force, then planted all at once. */
import { Effect, Redacted, Result } from "effect"
import { newPair, redactSecret, sealSecret } from "../authorization/keyPairs.ts"
import { Ram } from "../authorization/ram.ts"
import { makeBook, ownerOf } from "../authorization/ramBook.ts"
import type { Book } from "../authorization/ramBook.ts"
import * as changes from "../authorization/ramChanges.ts"
import type { Decided } from "../authorization/ramChanges.ts"
import { decodeRecord } from "../authorization/ramRecords.ts"
import type { Entity, StoredKey } from "../authorization/ramRecords.ts"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { RootKey } from "../crypto/seal.ts"
import { AccountId } from "../domain/ids.ts"
import { Randomness } from "../domain/outside.ts"
import type { Actor } from "../operation/accessControl.ts"
import { Store } from "../store/store.ts"
import { refusal } from "./fault.ts"
import type { SeedFault } from "./fault.ts"
import type { SeedAccessKey, SeedAccount } from "./format.ts"

/** The copy, and what was changed in it. */
interface Draft {
  readonly book: Book
  readonly rootKey: RootKey
  readonly randomness: Randomness["Service"]
  readonly root: { readonly accessKeyId: string; readonly secret: Redacted.Redacted<string> }
  readonly entities: Map<string, Entity>
  readonly faults: Array<SeedFault>
}

const makeDraft = Effect.gen(function* () {
  const { rootKey } = yield* HeldRootKey
  const { root } = yield* Ram
  const book = makeBook(rootKey)
  for (const record of yield* (yield* Store).ramRecords) {
    const entity = decodeRecord(record)
    if (entity === undefined || book.install(entity) !== undefined) {
      return yield* Effect.die(new Error(`the access control record ${record.name} was readable at the start`))
    }
  }
  const randomness = yield* Randomness
  const draft: Draft = { book, rootKey, randomness, root, entities: new Map(), faults: [] }
  return draft
})

const apply = ({ book, entities, faults }: Draft, path: string, decided: Decided): void => {
  if (Result.isFailure(decided)) {
    faults.push({ path, complaint: refusal(decided.failure) })
    return
  }
  for (const entity of decided.success.put) {
    book.install(entity)
    entities.set(ownerOf(entity), entity)
  }
}

const isSecret = (secret: Redacted.Redacted<string>, given: string): boolean => Redacted.value(secret) === given

const sealed = ({ rootKey }: Draft, owner: string, { id, secret }: SeedAccessKey, createdAt: number): StoredKey => {
  const pair = { accessKeyId: id, secret: redactSecret(secret) }
  return { accessKeyId: id, sealedSecret: sealSecret(rootKey, owner, pair), active: true, createdAt }
}

/** Whoever has the pair already, if it is not `owner` with this very secret. */
const isTaken = ({ book, root }: Draft, { id, secret }: SeedAccessKey, owner: string): boolean => {
  if (id === root.accessKeyId) return true
  const known = book.accessKey(id)
  if (known === undefined) return false
  const { caller } = known
  const name = caller.kind === "user" ? caller.name : "root"
  const kind = caller.kind === "user" ? "user" : "account"
  return ownerOf({ account: caller.account, kind, name }) !== owner || !isSecret(known.secret, secret)
}

const taken = "is somebody else's already, or has another secret"

/** A root that nobody can sign as: its account is the seed's to fill. */
const strangersPair = ({ randomness }: Draft): SeedAccessKey => {
  const { accessKeyId, secret } = newPair(randomness, "LTAI")
  return { id: accessKeyId, secret: Redacted.value(secret) }
}

const planRoot = (draft: Draft, { rootAccessKey: pair }: SeedAccount, by: Actor, id: AccountId, path: string): void => {
  const owner = ownerOf({ account: id, kind: "account", name: "root" })
  const known = draft.book.accounts.get(id)
  const at = `${path}.rootAccessKey`
  if (id === by.account) {
    const isOwn = pair === undefined || (pair.id === draft.root.accessKeyId && isSecret(draft.root.secret, pair.secret))
    const complaint = "is the server's own: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to it"
    if (!isOwn) draft.faults.push({ path: at, complaint })
  } else if (pair !== undefined && (isTaken(draft, pair, owner) || (known?.root.accessKeyId ?? pair.id) !== pair.id)) {
    draft.faults.push({ path: at, complaint: taken })
  } else if (known === undefined) {
    const root = sealed(draft, owner, pair ?? strangersPair(draft), by.at)
    apply(draft, path, changes.createAccount(draft.book, by, { id, root }))
  }
}

const planUsers = (draft: Draft, { users = [] }: SeedAccount, by: Actor, path: string): void => {
  const { book } = draft
  const there = new Set(book.shelf(by.account).users.keys())
  for (const [place, { name, accessKeys = [], policies = [] }] of users.entries()) {
    const at = `${path}.users[${place}]`
    const owner = ownerOf({ account: by.account, kind: "user", name })
    // A user that is there is left alone, whatever became of it.
    const isNew = !there.has(name)
    if (isNew) apply(draft, at, changes.createUser(book, by, name))
    for (const [number, pair] of accessKeys.entries()) {
      const where = `${at}.accessKeys[${number}]`
      if (isTaken(draft, pair, owner)) draft.faults.push({ path: where, complaint: taken })
      else if (isNew) {
        const key = sealed(draft, owner, pair, by.at)
        apply(draft, where, changes.addAccessKey(book, by, { name, key }))
      }
    }
    for (const policy of isNew ? policies : []) {
      apply(draft, `${at}.policies`, changes.attachPolicy(book, by, policy, { kind: "user", name }))
    }
  }
}

const planRoles = (draft: Draft, { roles = [] }: SeedAccount, by: Actor, path: string): void => {
  const { book, randomness } = draft
  const there = new Set(book.shelf(by.account).roles.keys())
  for (const [place, { name, policies = [] }] of roles.entries()) {
    if (there.has(name)) continue
    const at = `${path}.roles[${place}]`
    apply(draft, at, changes.createRole(book, by, { name, id: randomness.uuid() }))
    for (const policy of policies) {
      apply(draft, `${at}.policies`, changes.attachPolicy(book, by, policy, { kind: "role", name }))
    }
  }
}

const planPolicies = (draft: Draft, { policies = [] }: SeedAccount, by: Actor, path: string): void => {
  const there = new Set(draft.book.shelf(by.account).policies.keys())
  for (const [place, { name, document }] of policies.entries()) {
    if (there.has(name)) continue
    const policy = { name, document: JSON.stringify(document) }
    apply(draft, `${path}.policies[${place}]`, changes.createPolicy(draft.book, by, policy))
  }
}

/** What is to be put in, and what is wrong with it. `by` acts for the server's own account. */
export const planAccounts = Effect.fnUntraced(function* (accounts: ReadonlyArray<SeedAccount>, by: Actor) {
  const draft = yield* makeDraft
  for (const [place, account] of accounts.entries()) {
    const path = `accounts[${place}]`
    const id = account.id === undefined ? by.account : AccountId.make(account.id)
    planRoot(draft, account, by, id, path)
    const inside = { ...by, account: id }
    planPolicies(draft, account, inside, path)
    planUsers(draft, account, inside, path)
    planRoles(draft, account, inside, path)
  }
  return { entities: [...draft.entities.values()], faults: draft.faults }
})
