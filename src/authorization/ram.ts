/** The service of access control: makes each change durable, then puts it in force, and reads changes of others. */
import { Context, Effect, Layer, Redacted, Result, Semaphore } from "effect"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { RootKey } from "../crypto/seal.ts"
import { refuse } from "../domain/errors.ts"
import type { CallError, ServiceError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import { AccountId } from "../domain/ids.ts"
import { Randomness } from "../platform/services.ts"
import type { AccessControl, AccessKeyPair, Actor } from "./accessControl.ts"
import { createAccount as decideAccount } from "../ram/accounts.ts"
import { encodeEntity } from "../ram/records.ts"
import type { Entity, StoredKey } from "../ram/records.ts"
import type { Decision } from "../ram/entities.ts"
import { addAccessKey } from "../ram/users.ts"
import { Proofs } from "../proof/proofs.ts"
import type { AskProof, Proof } from "../proof/proofs.ts"
import { SessionTime } from "../timers/sessionTime.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import { newAccountDigits, newPair, openSecret, sealSecret } from "./keyPairs.ts"
import { putInForce, readHeld, reload } from "./heldRecords.ts"
import type { Held } from "./heldRecords.ts"
import { ownerOf } from "./ramTables.ts"
import type { AccessKey, RamTables } from "./ramTables.ts"
import { makeRoleSessions, readPolicy, readTrust } from "./roleSessions.ts"
import type { RoleSessions } from "./roleSessions.ts"
import { noteShown, ownRootPair } from "./rootPair.ts"

export interface RamOptions {
  /** The server's own account. It always exists, and only its root can create accounts. */
  readonly account: AccountId
  /** The supplied pair of its root, if it differs from the stored one. */
  readonly given: AccessKeyPair | undefined
}

export interface RamService extends Omit<AccessControl, "explain" | "issueSession">, RoleSessions {
  /** The entities in force now. */
  readonly tables: RamTables
  /** The root pair of the server's own account. */
  readonly root: AccessKey
  /** Whether it was generated here and its secret has not been shown. */
  readonly rootIsUnseen: boolean
  /** Records that the secret was shown. */
  readonly rootSeen: Effect.Effect<void>
  /** Creates the entities of a seed in one transaction. */
  readonly plant: (by: Actor, entities: ReadonlyArray<Entity>) => Effect.Effect<void, CallError>
  /** Whether the entities in force here are those that the store held at the time of the proof. */
  readonly isCurrent: (proof: Proof) => boolean
  /** Puts the changes of other engines in force, if the proof reports a change that is unknown here. */
  readonly adopt: (proof: Proof) => Effect.Effect<void, ServiceError>
  /** Requests a proof, and returns when every change acknowledged earlier is in force here. */
  readonly current: Effect.Effect<void, ServiceError>
  /** Long-lived access keys of roots and users. */
  readonly accessKey: (accessKeyId: string) => AccessKey | undefined
}

export class Ram extends Context.Service<Ram, RamService>()("keystate/authorization/Ram") {
  static readonly layer = (
    options: RamOptions
  ): Layer.Layer<Ram, StoreUnusable, Store | Proofs | Randomness | HeldRootKey> => Layer.effect(Ram, openRam(options))
}

const rootOf = Effect.fnUntraced(function* (tables: RamTables, { account, given }: RamOptions) {
  const caller = { kind: "root", account } as const
  if (given !== undefined) return { root: { ...given, active: true, caller }, rootIsUnseen: false }
  const kept = tables.accessKey(tables.accounts.get(account)?.root.accessKeyId ?? "")
  if (kept !== undefined) return { root: kept, rootIsUnseen: false }
  const { pair, wasShown } = yield* ownRootPair(account)
  return { root: { ...pair, active: true, caller }, rootIsUnseen: !wasShown }
})

interface State {
  readonly options: RamOptions
  readonly store: Store["Service"]
  readonly askProof: AskProof | undefined
  readonly randomness: Randomness["Service"]
  readonly rootKey: RootKey
  readonly held: Held
  readonly tables: RamTables
  readonly root: AccessKey
  /** Held by one change at a time. */
  readonly turn: Semaphore.Semaphore
}

const accessKeyOf = ({ tables, options, root }: State, accessKeyId: string): AccessKey | undefined => {
  if (accessKeyId === root.accessKeyId) return root
  const found = tables.accessKey(accessKeyId)
  // The root of the server's account has only the pair supplied at this start.
  return found?.caller.kind === "root" && found.caller.account === options.account ? undefined : found
}

/** How often a decision is repeated because other engines change access control. */
const attemptsMax = 20

const tooManyChanges = () =>
  refuse("ServiceUnavailableTemporary", { hint: "Other nodes change access control too often; try again." })

const versionIn = ({ accessVersion }: Proof): number => (accessVersion === undefined ? 0 : Number(accessVersion))

const adopt = (state: State, proof: Proof): Effect.Effect<void, ServiceError> =>
  state.turn.withPermit(
    Effect.suspend(() => (versionIn(proof) > state.held.version ? reload(state.held, state.store) : Effect.void))
  )

/**
 * Adopts every change that the store knew when it was asked. The question follows the request, so a later change is
 * concurrent with it. Another question would not end while other engines change access control all the time.
 */
const current = (state: State): Effect.Effect<void, ServiceError> =>
  state.askProof === undefined
    ? Effect.void
    : Effect.flatMap(orRefused(state.askProof({ rows: [] })), (proof) => adopt(state, proof))

/** Decides a change, makes it durable, and then puts it in force for every later call. */
const carryOutOnce = Effect.fnUntraced(function* <A, Refused extends AnyKmsError>(
  { held, store }: State,
  by: Actor,
  decide: () => Result.Result<Decision<A>, Refused>
) {
  const revoked = by.revoked?.()
  if (revoked !== undefined) return yield* Effect.fail(revoked)
  const { put, drop, subject, answer } = yield* Effect.fromResult(decide())
  const { at, principal, requestId, operation } = by
  const audit = { at, principal, requestId, operation, subject, keyId: null, outcome: "Success" } as const
  const records = put.map(encodeEntity)
  const after = held.version
  yield* orRefused(store.changeRam({ after, put: records, drop, audit: { ...audit, before: null, after: null } }))
  putInForce(held, records, drop)
  held.version = after + 1
  return answer
})

/** If another engine committed first, the decision is repeated on the new entities. */
const carryOut = <A, Refused extends AnyKmsError>(
  state: State,
  by: Actor,
  decide: () => Result.Result<Decision<A>, Refused>
): Effect.Effect<A, Refused | CallError> => {
  const attempt = (left: number): Effect.Effect<A, Refused | CallError> =>
    Effect.catchTag(carryOutOnce(state, by, decide), "StoreConflict", () =>
      left === 0 ? Effect.fail(tooManyChanges()) : Effect.andThen(reload(state.held, state.store), attempt(left - 1))
    )
  return attempt(attemptsMax).pipe(Effect.uninterruptible, state.turn.withPermit)
}

/** Decides as `decide` does, unless the pair is malformed or its id is taken. */
const ifFree = <A, Refused>(
  state: State,
  pair: AccessKeyPair,
  decide: () => Result.Result<A, Refused>
): Result.Result<A, Refused | ErrorOf<"InvalidParameter" | "EntityAlreadyExists.AccessKey">> => {
  const { accessKeyId, secret } = pair
  if (!givenIdForm.test(accessKeyId) || Redacted.value(secret) === "") {
    return Result.fail(refuse("InvalidParameter", { parameter: "AccessKeyId", hint: givenIdHint }))
  }
  return accessKeyOf(state, accessKeyId) === undefined && state.tables.accessKey(accessKeyId) === undefined
    ? decide()
    : Result.fail(refuse("EntityAlreadyExists.AccessKey"))
}

const storedKey = ({ rootKey }: State, owner: string, pair: AccessKeyPair, createdAt: number): StoredKey => ({
  accessKeyId: pair.accessKeyId,
  sealedSecret: sealSecret(rootKey, owner, pair),
  active: true,
  createdAt
})

type Verb<Name extends keyof AccessControl> = (
  state: State,
  ...given: Parameters<AccessControl[Name]>
) => ReturnType<AccessControl[Name]>

const createAccount: Verb<"createAccount"> = (state, by, wanted) => {
  const { tables, options, randomness } = state
  if (by.account !== options.account) {
    const hint = "Only the root access key of the server's own account may create accounts."
    return Effect.fail(refuse("Forbidden.NoPermission", { resource: "*", hint }))
  }
  const id = wanted.id ?? AccountId.make(newAccountDigits(randomness))
  const pair = wanted.pair ?? newPair(randomness, "LTAI")
  const owner = ownerOf({ account: id, kind: "account", name: "root" })
  const decide = () => {
    const root = storedKey(state, owner, pair, by.at)
    return decideAccount(tables.accounts, { id, own: by.account, createdAt: by.at, root })
  }
  return Effect.as(
    carryOut(state, by, () => ifFree(state, pair, decide)),
    { id, pair }
  )
}

const createAccessKey: Verb<"createAccessKey"> = (state, by, { user, pair: given }) => {
  const pair = given ?? newPair(state.randomness, "LTAI")
  const owner = ownerOf({ account: by.account, kind: "user", name: user })
  const decide = () => addAccessKey(state.tables.entitiesOf(by.account), user, storedKey(state, owner, pair, by.at))
  return Effect.as(
    carryOut(state, by, () => ifFree(state, pair, decide)),
    pair
  )
}

const resealed: Verb<"resealed"> = ({ rootKey }, user, newName) =>
  user.is.keys.map((key) => {
    const { accessKeyId } = key
    const secret = openSecret(rootKey, { owner: ownerOf(user), accessKeyId }, key.sealedSecret)
    if (secret === undefined) throw new Error("the secret of an access key in force does not open")
    const owner = ownerOf({ account: user.account, kind: "user", name: newName })
    return { ...key, sealedSecret: sealSecret(rootKey, owner, { accessKeyId, secret }) }
  })

const openRam = Effect.fnUntraced(function* (options: RamOptions) {
  const store = yield* Store
  const randomness = yield* Randomness
  const { rootKey } = yield* HeldRootKey
  const held = yield* readHeld(rootKey)
  const { tables } = held
  const { root, rootIsUnseen } = yield* rootOf(tables, options)
  const { ask: askProof } = yield* Proofs
  const turn = yield* Semaphore.make(1)
  const state: State = { options, store, askProof, randomness, rootKey, held, tables, root, turn }
  const time = yield* SessionTime
  return {
    tables,
    root,
    rootIsUnseen,
    rootSeen: noteShown(store, options.account),
    isCurrent: (proof) => versionIn(proof) === held.version,
    adopt: (proof) => adopt(state, proof),
    current: current(state),
    accessKey: (accessKeyId) => accessKeyOf(state, accessKeyId),
    plant: (by, entities) =>
      carryOut(state, by, () => Result.succeed({ put: entities, drop: [], subject: "seed", answer: undefined })),
    entitiesOf: tables.entitiesOf,
    change: (by, decide) => carryOut(state, by, () => decide(tables.entitiesOf(by.account))),
    checkPolicy: (document) => Effect.asVoid(Effect.fromResult(readPolicy(document))),
    checkTrust: (document) => Effect.fromResult(readTrust(document)),
    createAccount: (by, wanted) => Effect.suspend(() => createAccount(state, by, wanted)),
    accounts: (by) => Effect.sync(() => accountsFor(tables, by, options.account)),
    rootAccessKeyId: (account) =>
      account === options.account ? root.accessKeyId : tables.accounts.get(account)?.root.accessKeyId,
    createAccessKey: (by, wanted) => Effect.suspend(() => createAccessKey(state, by, wanted)),
    resealed: (user, newName) => resealed(state, user, newName),
    ...makeRoleSessions({ tables, rootKey, randomness, time })
  } satisfies RamService
})

/** An id with the prefix of temporary keys would be treated as a temporary one. */
export const givenIdForm = /^(?!STS\.)[A-Za-z0-9._-]{1,64}$/
const givenIdHint = "An access key id has 1 to 64 letters, digits, `.`, `_` and `-`, and does not begin with STS."

/** All accounts for the server's own account; for another account only itself. */
const accountsFor = (tables: RamTables, by: Actor, own: AccountId) => {
  const made = [...tables.accounts].map(([id, { createdAt }]) => ({ id, createdAt }))
  if (by.account !== own) return made.filter(({ id }) => id === by.account)
  return tables.accounts.has(own) ? made : [{ id: own, createdAt: undefined }, ...made]
}
