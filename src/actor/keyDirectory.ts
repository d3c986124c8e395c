/** All keys in memory: a map of actors, started from the store on demand and released when idle. */
import { Context, Deferred, Effect, Layer } from "effect"
import { create } from "../../machines/cmk.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { KeyVersionId } from "../domain/ids.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import { actorIdleMillis } from "../domain/limits.ts"
import { Proofs } from "../proof/proofs.ts"
import type { AskProof } from "../proof/proofs.ts"
import type { DueRow, VersionRow } from "../records/rows.ts"
import type { StoreConflict } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import type { ActorServices } from "./actorServices.ts"
import { creationOf } from "./change.ts"
import type { Cause, NewKey } from "./change.ts"
import { makeKeyActor } from "./keyActor.ts"
import type { KeyActor } from "./keyActorPort.ts"
import { readStoredKey } from "./keyState.ts"
import type { StoredKey } from "./keyState.ts"
import { makeActorServices, makePerformer } from "./makeActorServices.ts"
import { settleOwed } from "./perform.ts"
import { quotaReached } from "./refusals.ts"

/** The interval between searches for idle actors. */
const sweepMillis = 60_000
const idleSweepsMax = Math.ceil(actorIdleMillis / sweepMillis)

export type FindError = ErrorOf<"Forbidden.KeyNotFound"> | ServiceError

/** Alias and quota errors occur only if the key is created with aliases or a quota. */
export type CreateError =
  | ErrorOf<"UnsupportedOperation" | "AliasAlreadyExists" | "Rejected.LimitExceeded">
  | ServiceError

export class KeyDirectory extends Context.Service<
  KeyDirectory,
  {
    /** The text as an id, if a key in memory of any realm has it. If undefined, the key may still be in the store. */
    readonly awake: (text: string) => KeyId | undefined
    /**
     * The actor of a key of this realm; a key of another realm is not found. With several engines, the actor shows the
     * store's row of now, or of the time of `seen`.
     */
    readonly find: (realm: Realm, keyId: KeyId, seen?: Seen) => Effect.Effect<KeyActor, FindError>
    /** Creates a key with its first version in one transaction. */
    readonly create: (key: NewKey, cause: Cause) => Effect.Effect<KeyActor, CreateError>
    /** Performs a deadline. A stale one changes nothing. */
    readonly deliver: (row: DueRow, at: number) => Effect.Effect<void, AnyKmsError>
    /** Performs the commands that a crash left owed. */
    readonly settleOwed: Effect.Effect<number>
    /** The number of keys in memory. */
    readonly size: () => number
    /** How often this engine adopted a key as another writer had left it. */
    readonly adoptions: () => number
  }
>()("keystate/actor/KeyDirectory") {
  static readonly layer = Layer.effect(
    KeyDirectory,
    Effect.gen(function* () {
      const awake = new Map<string, KeyActor>()
      const performer = yield* makePerformer
      const services = yield* makeActorServices(performer, awake)
      const { ask: askProof } = yield* Proofs
      const directory: Directory = { services, askProof, awake, waking: new Map() }
      // Another engine may have stopped between a commit and the work that it owes.
      const mayOwe = (): boolean => performer.isOwing || askProof !== undefined
      const retryOwed = Effect.suspend(() => (mayOwe() ? settleOwed(performer) : Effect.succeed(0)))
      const round = Effect.andThen(
        Effect.sync(() => sweep(directory)),
        retryOwed
      )
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(sweepMillis), round)))
      yield* Effect.addFinalizer(() => Effect.sync(() => retireAll(directory)))
      return {
        awake: (text) => awake.get(text)?.keyId,
        find: (realm, keyId, seen) => find(directory, { realm, keyId }, seen),
        create: (key, cause) => createKey(directory, key, cause),
        deliver: (row, at) => deliver(directory, row, at),
        settleOwed: settleOwed(performer),
        size: () => awake.size,
        adoptions: services.adoptions
      }
    })
  )
}

/** The store's row of a key at the time of the read; undefined if there was none. */
export interface Seen {
  readonly revision: string | undefined
}

interface Directory {
  readonly services: ActorServices
  /** Undefined if this engine is the only one on its store. */
  readonly askProof: AskProof | undefined
  readonly awake: Map<string, KeyActor>
  /** Activations in progress. Other requests for these keys wait for them. */
  readonly waking: Map<KeyId, Deferred.Deferred<KeyActor, FindError>>
}

/** A key of another realm does not exist here, and neither does a deleted key. */
const admit = (realm: Realm, actor: KeyActor): Effect.Effect<KeyActor, FindError> => {
  const at = actor.row().realm
  return at.account === realm.account && at.region === realm.region
    ? Effect.succeed(actor)
    : Effect.fail(refuse("Forbidden.KeyNotFound"))
}

const startActor = ({ services, awake }: Directory, stored: StoredKey): KeyActor => {
  const actor = makeKeyActor(services, stored)
  awake.set(actor.keyId, actor)
  return actor
}

/** If this engine is the only writer, its clock keeps the journals in order, and no entry needs to be read. */
const alone = { notBefore: Number.NEGATIVE_INFINITY } as const

const storedKey = ({ askProof, services }: Directory, keyId: KeyId) =>
  askProof === undefined
    ? Effect.map(orRefused(services.store.key(keyId)), (row) => row && { row, ...alone })
    : readStoredKey(services, keyId)

const startFromStore = Effect.fnUntraced(function* (directory: Directory, keyId: KeyId) {
  const stored = yield* storedKey(directory, keyId)
  const known = directory.awake.get(keyId)
  if (known !== undefined) return known
  if (stored === undefined) return yield* refuse("Forbidden.KeyNotFound")
  return startActor(directory, stored)
})

/** Only one activation of a key runs at a time; other callers wait for it. */
const activate = (directory: Directory, keyId: KeyId): Effect.Effect<KeyActor, FindError> =>
  Effect.suspend(() => {
    const { awake, waking } = directory
    const known = awake.get(keyId)
    if (known !== undefined) return Effect.succeed(known)
    const running = waking.get(keyId)
    if (running !== undefined) return Deferred.await(running)
    const deferred = Deferred.makeUnsafe<KeyActor, FindError>()
    waking.set(keyId, deferred)
    return Effect.onExit(startFromStore(directory, keyId), (exit) => {
      waking.delete(keyId)
      return Deferred.done(deferred, exit)
    }).pipe(Effect.uninterruptible)
  })

interface Place {
  readonly realm: Realm
  readonly keyId: KeyId
}

const find = (directory: Directory, { realm, keyId }: Place, seen?: Seen): Effect.Effect<KeyActor, FindError> => {
  const { askProof, awake } = directory
  const known = awake.get(keyId)
  if (askProof !== undefined) {
    if (known === undefined || known.row().head !== seen?.revision) {
      return Effect.flatMap(upToDate({ directory, askProof, keyId }, seen), (actor) => admit(realm, actor))
    }
  } else if (known === undefined) return Effect.flatMap(activate(directory, keyId), (actor) => admit(realm, actor))
  known.idleSweeps = 0
  return admit(realm, known)
}

/** How often a key is looked up again because it changed during the read of the store, by other calls on this engine for example. */
const proofsMax = 100

const tooManyWriters = () => refuse("ServiceUnavailableTemporary", { hint: "The key changes too often; try again." })

interface Lookup {
  readonly directory: Directory
  readonly askProof: AskProof
  readonly keyId: KeyId
}

/**
 * The actor that shows the row of the store. If the actor shows a newer row, the store is read again: the other data of
 * the call must be of the same time.
 */
const upToDate = (lookup: Lookup, seen?: Seen, left = proofsMax): Effect.Effect<KeyActor, FindError> => {
  const { directory, askProof, keyId } = lookup
  if (seen === undefined) {
    return Effect.flatMap(orRefused(askProof({ rows: [{ table: "keys", id: [keyId] }] })), ({ revisions }) =>
      upToDate(lookup, { revision: revisions[0] }, left)
    )
  }
  const { revision } = seen
  const known = directory.awake.get(keyId)
  if (known === undefined && revision === undefined) return Effect.fail(refuse("Forbidden.KeyNotFound"))
  if (left === 0) return Effect.fail(tooManyWriters())
  const caughtUp = known === undefined ? activate(directory, keyId) : Effect.as(known.catchUp(revision), known)
  return Effect.flatMap(caughtUp, (actor) => {
    actor.idleSweeps = 0
    return actor.row().head === revision ? Effect.succeed(actor) : upToDate(lookup, undefined, left - 1)
  })
}

/** An actor that shows every change acknowledged earlier. */
const actorNow = (directory: Directory, keyId: KeyId): Effect.Effect<KeyActor, FindError> => {
  const { askProof } = directory
  return askProof === undefined ? activate(directory, keyId) : upToDate({ directory, askProof, keyId })
}

const firstVersion = Effect.fnUntraced(function* (services: ActorServices, key: NewKey) {
  const { keyId, input, stored } = key
  const { context } = create(input).next
  const { newestVersionId: versionId, newestVersionAt: at } = input
  if (context.origin === "EXTERNAL" || stored !== undefined) {
    const row: VersionRow = { keyId, keyVersionId: KeyVersionId.make(versionId), createdAt: at, stored }
    return row
  }
  return yield* services.makeVersion({ keyId, context, versionId, at })
})

/** The error of a creation that conflicts. */
const lostCreation = (
  { quota }: NewKey,
  on: StoreConflict["on"]
): Effect.Effect<never, ErrorOf<"AliasAlreadyExists" | "Rejected.LimitExceeded">> => {
  if (on === "aliases") return Effect.fail(refuse("AliasAlreadyExists"))
  if (on === "quota" && quota !== undefined) return Effect.fail(quotaReached(quota))
  return Effect.die(new Error("a fresh key id was taken already"))
}

/** Creates a key with its first version in one transaction. */
const createKey = (directory: Directory, key: NewKey, cause: Cause): Effect.Effect<KeyActor, CreateError> =>
  Effect.gen(function* () {
    const { services } = directory
    const version = yield* firstVersion(services, key)
    const change = creationOf(key, cause, version)
    const head = yield* orRefused(services.store.commit(change)).pipe(
      Effect.onError(() => services.discard(change.snapshot.context, [version])),
      Effect.catchTag("StoreConflict", ({ on }) => lostCreation(key, on))
    )
    for (const deadline of change.deadlines) services.armed(deadline.dueAt)
    services.commitFeed.publish(change)
    return startActor(directory, { row: { ...change, head }, ...alone })
  }).pipe(Effect.uninterruptible)

/** Performs a deadline. A stale one changes nothing. */
const deliver = (directory: Directory, due: DueRow, at: number): Effect.Effect<void, AnyKmsError> =>
  Effect.flatMap(actorNow(directory, due.keyId), (actor) => {
    const { event, cause } = directory.services.factAt(due, at)
    return Effect.asVoid(actor.tell(event, cause))
  })

/** Releases the actors that were not used for `actorIdleMillis`. */
const sweep = ({ awake }: Directory): void => {
  for (const [keyId, actor] of awake) {
    actor.idleSweeps++
    if (actor.idleSweeps > idleSweepsMax && actor.retire()) awake.delete(keyId)
  }
}

const retireAll = ({ awake }: Directory): void => {
  for (const actor of awake.values()) actor.retire()
  awake.clear()
}
