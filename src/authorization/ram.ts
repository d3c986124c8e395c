/** Access control, alive: read at the start, changed one change at a time, durable before it is in force. */
import { Clock, Context, Effect, Layer, Redacted, Result, Semaphore } from "effect"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { RootKey } from "../crypto/seal.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { AccountId } from "../domain/ids.ts"
import { Randomness } from "../domain/outside.ts"
import type { AccessControl, AccessKeyPair, Actor, Holder, Named, PolicyShown } from "../operation/accessControl.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { callerArn } from "./caller.ts"
import { newAccountDigits, newPair, sealSecret } from "./keyPairs.ts"
import { formatPolicy } from "./policy.ts"
import { makeBook, ownerOf } from "./ramBook.ts"
import type { AccessKey, Book, HeldPolicy } from "./ramBook.ts"
import * as changes from "./ramChanges.ts"
import type { Decided } from "./ramChanges.ts"
import { decodeRecord, encodeEntity } from "./ramRecords.ts"
import type { Entity, StoredKey } from "./ramRecords.ts"
import { noteShown, ownRootPair } from "./rootPair.ts"
import { sealToken } from "./securityToken.ts"

export interface RamOptions {
  /** The account of the server: always there, and the only one whose root may make others. */
  readonly account: AccountId
  /** The pair of its root, if it is not the stored one. */
  readonly given: AccessKeyPair | undefined
}

export interface RamService extends Omit<AccessControl, "explain"> {
  /** What is in force now. */
  readonly book: Book
  /** The root pair of the server's own account. */
  readonly root: AccessKey
  /** Whether it is of our making and nobody was shown its secret yet. */
  readonly rootIsUnseen: boolean
  /** Somebody was shown the secret. */
  readonly rootSeen: Effect.Effect<void>
  /** Puts in what a seed asks for, all of it in one transaction. */
  readonly plant: (by: Actor, entities: ReadonlyArray<Entity>) => Effect.Effect<void, AnyKmsError>
  /** Long-lived access keys, of roots and users. */
  readonly accessKey: (accessKeyId: string) => AccessKey | undefined
}

export class Ram extends Context.Service<Ram, RamService>()("keystate/authorization/Ram") {
  static readonly layer = (options: RamOptions): Layer.Layer<Ram, StoreUnusable, Store | Randomness | HeldRootKey> =>
    Layer.effect(Ram, openRam(options))
}

/** The book as it was kept. A record that cannot be read may have been a restriction: nothing starts without it. */
const readBook = Effect.fnUntraced(function* (rootKey: RootKey) {
  const book = makeBook(rootKey)
  for (const record of yield* (yield* Store).ramRecords) {
    const entity = decodeRecord(record)
    const fault = entity === undefined ? "it is not in the form this version writes" : book.install(entity)
    if (fault !== undefined) {
      const name = `${record.kind} ${record.name} of the account ${record.account}`
      return yield* new StoreUnusable({ message: `The access control record ${name} cannot be used: ${fault}.` })
    }
  }
  return book
})

const rootOf = Effect.fnUntraced(function* (book: Book, { account, given }: RamOptions) {
  const caller = { kind: "root", account } as const
  if (given !== undefined) return { root: { ...given, active: true, caller }, rootIsUnseen: false }
  const kept = book.accessKey(book.accounts.get(account)?.root.accessKeyId ?? "")
  if (kept !== undefined) return { root: kept, rootIsUnseen: false }
  const { pair, wasShown } = yield* ownRootPair(account)
  return { root: { ...pair, active: true, caller }, rootIsUnseen: !wasShown }
})

const openRam = Effect.fnUntraced(function* (options: RamOptions) {
  const store = yield* Store
  const randomness = yield* Randomness
  const { rootKey } = yield* HeldRootKey
  const book = yield* readBook(rootKey)
  const { root, rootIsUnseen } = yield* rootOf(book, options)
  const turn = yield* Semaphore.make(1)

  const accessKey = (accessKeyId: string): AccessKey | undefined => {
    if (accessKeyId === root.accessKeyId) return root
    const found = book.accessKey(accessKeyId)
    // The root of the server's account has the pair of this start, and no other.
    return found?.caller.kind === "root" && found.caller.account === options.account ? undefined : found
  }

  /** Decides, makes it durable, and only then lets every later call see it: a revocation that is answered is in force. */
  const change = (by: Actor, decide: () => Decided): Effect.Effect<void, AnyKmsError> =>
    Effect.gen(function* () {
      const { put, drop, subject } = yield* Effect.fromResult(decide())
      const { at, principal, requestId, operation } = by
      const audit = { at, principal, requestId, operation, subject, keyId: null, outcome: "Success" } as const
      yield* store.changeRam({ put: put.map(encodeEntity), drop, audit: { ...audit, before: null, after: null } })
      for (const entity of put) {
        const fault = book.install(entity)
        if (fault !== undefined) throw new Error(`what was just written cannot be used: ${fault}`)
      }
      for (const name of drop) book.remove(name)
    }).pipe(Effect.uninterruptible, turn.withPermit)

  const stored = (owner: string, pair: AccessKeyPair, at: number): StoredKey => ({
    accessKeyId: pair.accessKeyId,
    sealedSecret: sealSecret(rootKey, owner, pair),
    active: true,
    createdAt: at
  })

  /** Decides as `decide` does, unless the pair cannot be anybody's. */
  const ifFree = (pair: AccessKeyPair, decide: (pair: AccessKeyPair) => Decided): Decided => {
    if (!givenIdForm.test(pair.accessKeyId) || Redacted.value(pair.secret) === "") {
      return Result.fail(refuse("InvalidParameter", { parameter: "AccessKeyId", hint: givenIdHint }))
    }
    return accessKey(pair.accessKeyId) === undefined && book.accessKey(pair.accessKeyId) === undefined
      ? decide(pair)
      : Result.fail(refuse("EntityAlreadyExists.AccessKey"))
  }

  const createAccount: AccessControl["createAccount"] = Effect.fnUntraced(function* (by, wanted) {
    if (by.account !== options.account) {
      const hint = "Only the root access key of the server's own account makes accounts."
      return yield* refuse("Forbidden.NoPermission", { resource: "*", hint })
    }
    const id = wanted.id ?? AccountId.make(newAccountDigits(randomness))
    const pair = wanted.pair ?? newPair(randomness, "LTAI")
    const owner = ownerOf({ account: id, kind: "account", name: "root" })
    yield* change(by, () =>
      ifFree(pair, () => changes.createAccount(book, by, { id, root: stored(owner, pair, by.at) }))
    )
    return { id, pair }
  })

  const createAccessKey: AccessControl["createAccessKey"] = Effect.fnUntraced(function* (by, { user, pair: given }) {
    const pair = given ?? newPair(randomness, "LTAI")
    const owner = ownerOf({ account: by.account, kind: "user", name: user })
    yield* change(by, () =>
      ifFree(pair, () => changes.addAccessKey(book, by, { name: user, key: stored(owner, pair, by.at) }))
    )
    return pair
  })

  const assumeRole: AccessControl["assumeRole"] = Effect.fnUntraced(function* (by, wanted) {
    const { account } = by
    const role = yield* Effect.fromResult(changes.roleOf(book, account, wanted.role))
    const narrowed =
      wanted.policy === undefined ? undefined : yield* Effect.fromResult(changes.readPolicy(wanted.policy))
    const pair = newPair(randomness, "STS.")
    const expiresAt = (yield* Clock.currentTimeMillis) + wanted.seconds * 1000
    const { session } = wanted
    const contents = {
      secret: pair.secret,
      account,
      role: role.name,
      roleId: role.is.id,
      session,
      expiresAt,
      ...(narrowed === undefined ? {} : { policy: formatPolicy(narrowed) })
    }
    const securityToken = sealToken(rootKey, pair.accessKeyId, contents)
    const caller = {
      kind: "role",
      account,
      name: role.name,
      roleId: role.is.id,
      session,
      sessionPolicy: narrowed
    } as const
    return { ...pair, securityToken, expiresAt, arn: callerArn(caller) }
  })

  return {
    book,
    root,
    rootIsUnseen,
    rootSeen: noteShown(store, options.account),
    accessKey,
    plant: (by, entities) => change(by, () => Result.succeed({ put: entities, drop: [], subject: "seed" })),
    createAccount,
    createAccessKey,
    assumeRole,
    ...views(book, options),
    createUser: (by, name) => change(by, () => changes.createUser(book, by, name)),
    deleteUser: (by, name) => change(by, () => changes.deleteUser(book, by, name)),
    updateAccessKey: (by, { active, ...key }) =>
      change(by, () => changes.changeAccessKey(book, by, key, (known) => ({ ...known, active }))),
    deleteAccessKey: (by, key) => change(by, () => changes.changeAccessKey(book, by, key, () => undefined)),
    createPolicy: (by, policy) => change(by, () => changes.createPolicy(book, by, policy)),
    updatePolicy: (by, policy) => change(by, () => changes.updatePolicy(book, by, policy)),
    deletePolicy: (by, name) => change(by, () => changes.deletePolicy(book, by, name)),
    attachPolicy: (by, policy, to) => change(by, () => changes.attachPolicy(book, by, policy, to)),
    detachPolicy: (by, policy, from) => change(by, () => changes.detachPolicy(book, by, policy, from)),
    createRole: (by, name) => change(by, () => changes.createRole(book, by, { name, id: randomness.uuid() })),
    deleteRole: (by, name) => change(by, () => changes.deleteRole(book, by, name))
  } satisfies RamService
})

/** An id that begins as temporary ones do would be taken for one. */
export const givenIdForm = /^(?!STS\.)[A-Za-z0-9._-]{1,64}$/
const givenIdHint = "An access key id has 1 to 64 letters, digits, `.`, `_` and `-`, and does not begin with STS."

const byName = (left: { readonly name: string }, right: { readonly name: string }): number =>
  left.name < right.name ? -1 : 1

const named = (entities: Iterable<{ readonly name: string; readonly is: { readonly createdAt: number } }>) =>
  [...entities].map(({ name, is }): Named => ({ name, createdAt: is.createdAt })).sort(byName)

const views = (book: Book, { account: own }: RamOptions) => {
  const shown = (account: AccountId, { name, createdAt, updatedAt, document }: HeldPolicy): PolicyShown => ({
    name,
    createdAt,
    updatedAt,
    document,
    attachedTo: changes.holdersOf(book, account, name).length
  })
  return {
    accounts: (by: Actor) => {
      const others = [...book.accounts].map(([id, { createdAt }]) => ({ id, createdAt }))
      if (by.account !== own) return Effect.succeed(others.filter(({ id }) => id === by.account))
      return Effect.succeed(book.accounts.has(own) ? others : [{ id: own, createdAt: undefined }, ...others])
    },
    users: (account: AccountId) => Effect.sync(() => named(book.shelf(account).users.values())),
    roles: (account: AccountId) => Effect.sync(() => named(book.shelf(account).roles.values())),
    accessKeys: (account: AccountId, user: string) =>
      Effect.fromResult(Result.map(changes.userOf(book, account, user), ({ is }) => is.keys)),
    policy: (account: AccountId, name: string) =>
      Effect.fromResult(Result.map(changes.policyOf(book, account, name), (policy) => shown(account, policy))),
    policies: (account: AccountId) =>
      Effect.sync(() =>
        [...book.shelf(account).policies.values()].map((policy) => shown(account, policy)).sort(byName)
      ),
    policiesOf: (account: AccountId, holder: Holder) =>
      Effect.fromResult(
        Result.map(changes.holderOf(book, account, holder), ({ is }) =>
          is.policies.flatMap((name) => {
            const policy = book.shelf(account).policies.get(name)
            return policy === undefined ? [] : shown(account, policy)
          })
        )
      )
  }
}
