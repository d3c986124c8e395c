/** All keys that are awake: a flat map of actors, woken from the store on demand and let go when idle. */
import { Context, Deferred, Effect, Layer } from "effect"
import { create } from "../../machines/cmk.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { KeyVersionId } from "../domain/ids.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import { actorIdleMillis } from "../domain/limits.ts"
import type { DueRow, KeyRow, VersionRow } from "../records/rows.ts"
import type { StoreConflict } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import type { ActorServices } from "./actorServices.ts"
import { creationOf } from "./change.ts"
import type { Cause, NewKey } from "./change.ts"
import { makeKeyActor } from "./keyActor.ts"
import type { KeyActor } from "./keyActorPort.ts"
import { makeActorServices, makePerformer } from "./makeActorServices.ts"
import { settleOwed } from "./perform.ts"
import { quotaReached } from "./refusals.ts"

/** How often idle actors are looked for. */
const sweepMillis = 60_000
const idleSweepsMax = Math.ceil(actorIdleMillis / sweepMillis)

export type FindError = ErrorOf<"Forbidden.KeyNotFound"> | ServiceError

/** A key is refused for an alias or a quota only if it is made with them. */
export type CreateError =
  | ErrorOf<"UnsupportedOperation" | "AliasAlreadyExists" | "Rejected.LimitExceeded">
  | ServiceError

export class KeyDirectory extends Context.Service<
  KeyDirectory,
  {
    /** The text as an id, if a key that is awake has it, in whatever realm. Undefined says nothing about keys that sleep. */
    readonly awake: (text: string) => KeyId | undefined
    /** The actor of a key of this realm; a key of another realm is not found. */
    readonly find: (realm: Realm, keyId: KeyId) => Effect.Effect<KeyActor, FindError>
    /** Makes a key with its first version, all in one transaction. */
    readonly create: (key: NewKey, cause: Cause) => Effect.Effect<KeyActor, CreateError>
    /** Carries out a deadline. A stale one changes nothing. */
    readonly deliver: (row: DueRow, at: number) => Effect.Effect<void, AnyKmsError>
    /** Carries out what a crash left owing. */
    readonly settleOwed: Effect.Effect<number>
    /** Keys awake now. */
    readonly size: () => number
  }
>()("keystate/actor/KeyDirectory") {
  static readonly layer = Layer.effect(
    KeyDirectory,
    Effect.gen(function* () {
      const awake = new Map<string, KeyActor>()
      const performer = yield* makePerformer
      const services = yield* makeActorServices(performer, awake)
      const directory: Directory = { services, awake, waking: new Map() }
      const retryOwed = Effect.suspend(() => (performer.isOwing ? settleOwed(performer) : Effect.succeed(0)))
      const round = Effect.andThen(
        Effect.sync(() => sweep(directory)),
        retryOwed
      )
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(sweepMillis), round)))
      yield* Effect.addFinalizer(() => Effect.sync(() => retireAll(directory)))
      return {
        awake: (text) => awake.get(text)?.keyId,
        find: (realm, keyId) => find(directory, realm, keyId),
        create: (key, cause) => createKey(directory, key, cause),
        deliver: (row, at) => deliver(directory, row, at),
        settleOwed: settleOwed(performer),
        size: () => awake.size
      }
    })
  )
}

interface Directory {
  readonly services: ActorServices
  readonly awake: Map<string, KeyActor>
  /** Activations that run; other requests for their keys wait for them. */
  readonly waking: Map<KeyId, Deferred.Deferred<KeyActor, FindError>>
}

/** A key of another realm does not exist here, and neither does one that is gone. */
const admit = (realm: Realm, actor: KeyActor): Effect.Effect<KeyActor, FindError> => {
  const at = actor.row().realm
  return at.account === realm.account && at.region === realm.region
    ? Effect.succeed(actor)
    : Effect.fail(refuse("Forbidden.KeyNotFound"))
}

const startActor = ({ services, awake }: Directory, row: KeyRow): KeyActor => {
  const actor = makeKeyActor(services, row)
  awake.set(row.keyId, actor)
  return actor
}

const startFromStore = Effect.fnUntraced(function* (directory: Directory, keyId: KeyId) {
  const row = yield* orRefused(directory.services.store.key(keyId))
  const known = directory.awake.get(keyId)
  if (known !== undefined) return known
  if (row === undefined) return yield* refuse("Forbidden.KeyNotFound")
  return startActor(directory, row)
})

/** Only one activation of a key runs at a time; the others wait for it. */
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

const find = (directory: Directory, realm: Realm, keyId: KeyId): Effect.Effect<KeyActor, FindError> => {
  const known = directory.awake.get(keyId)
  if (known === undefined) return Effect.flatMap(activate(directory, keyId), (actor) => admit(realm, actor))
  known.idleSweeps = 0
  return admit(realm, known)
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

/** What a creation that conflicts is answered with. */
const lostCreation = (
  { quota }: NewKey,
  on: StoreConflict["on"]
): Effect.Effect<never, ErrorOf<"AliasAlreadyExists" | "Rejected.LimitExceeded">> => {
  if (on === "aliases") return Effect.fail(refuse("AliasAlreadyExists"))
  if (on === "quota" && quota !== undefined) return Effect.fail(quotaReached(quota))
  return Effect.die(new Error("a fresh key id was taken already"))
}

/** Makes a key with its first version, all in one transaction. */
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
    services.happenings.publish(change)
    return startActor(directory, { ...change, head })
  }).pipe(Effect.uninterruptible)

/** Carries out a deadline. A stale one changes nothing. */
const deliver = (directory: Directory, due: DueRow, at: number): Effect.Effect<void, AnyKmsError> =>
  Effect.flatMap(activate(directory, due.keyId), (actor) => {
    const { event, cause } = directory.services.factAt(due, at)
    return Effect.asVoid(actor.tell(event, cause))
  })

/** Lets go of the actors that were not used for `actorIdleMillis`. */
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
