/** All keys that are awake: a flat map of actors, woken from the store on demand and let go when idle. */
import { Context, Deferred, Effect, Layer } from "effect"
import { create, revive } from "../../machines/cmk.ts"
import type { CmkContext, CmkEvent } from "../../machines/cmk.ts"
import { deadlines, factOf } from "../../machines/deadlines.ts"
import { Providers } from "../crypto/providers.ts"
import { CryptoFailed } from "../crypto/provider.ts"
import { refuse } from "../domain/errors.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import { KeyVersionId } from "../domain/ids.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import { actorIdleMillis } from "../domain/limits.ts"
import { Failpoints, Randomness } from "../platform/services.ts"
import { Store } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import type { Change, DueRow, KeyRow, OwedRow, VersionRow } from "../records/rows.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { creationOf } from "./change.ts"
import type { Cause, NewKey } from "./change.ts"
import { keptIn, specOf } from "./handles.ts"
import { Inspection } from "./inspection.ts"
import { Happenings } from "./journal.ts"
import { makeKeyActor } from "./keyActor.ts"
import type { KeyActor } from "./keyActor.ts"
import { attempt, owedBy } from "./perform.ts"
import type { Performer } from "./perform.ts"
import { Permissions } from "./permissions.ts"
import type { Surroundings } from "./surroundings.ts"

const sweepMillis = 60_000
const idleSweepsMax = Math.ceil(actorIdleMillis / sweepMillis)

export type FindError = ErrorOf<"Forbidden.KeyNotFound"> | ServiceError

/** A key is refused for an alias only if it is made with aliases. */
export type CreateError = ErrorOf<"UnsupportedOperation" | "AliasAlreadyExists"> | ServiceError

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
      const store = yield* Store
      const providers = yield* Providers
      const timers = yield* Timers
      const clock = yield* LifecycleClock
      const failpoints = yield* Failpoints
      const randomness = yield* Randomness
      const happenings = yield* Happenings
      const permissions = yield* Permissions
      const awake = new Map<string, KeyActor>()
      const waking = new Map<KeyId, Deferred.Deferred<KeyActor, FindError>>()
      const { followerOf } = yield* Inspection

      const providerOf: Surroundings["providerOf"] = (context) => {
        const provider = providers.find(context.protection, specOf(context))
        return provider === undefined
          ? Effect.fail(new CryptoFailed({ reason: "UnsupportedSpec" }))
          : Effect.succeed(provider)
      }

      const makeVersion: Surroundings["makeVersion"] = (keyId, context, versionId, at) =>
        Effect.gen(function* () {
          const provider = yield* providerOf(context)
          const keyVersionId = KeyVersionId.make(versionId)
          const stored = yield* provider.generate({ row: { keyId, keyVersionId }, spec: specOf(context) })
          const row: VersionRow = { keyId, keyVersionId, createdAt: at, stored }
          return row
        }).pipe(Effect.catchTag("CryptoFailed", unavailable))

      /** What the store does not name, a token must not hold; what it names meanwhile is spared. */
      const destroyUnnamed = (context: CmkContext, versions: ReadonlyArray<VersionRow>) =>
        Effect.gen(function* () {
          const provider = yield* providerOf(context)
          for (const { keyId, keyVersionId } of versions) {
            const row = { keyId, keyVersionId }
            yield* provider.destroy({ row, keep: keptIn(store, row) })
          }
        })

      const discard: Surroundings["discard"] = (context, versions) =>
        destroyUnnamed(context, versions).pipe(
          Effect.catch(() => Effect.logError("what was made for a version that did not come to be is still there"))
        )

      const performer: Performer = { store, failpoints, destroyUnnamed }
      let isOwing = false
      const attemptAll = Effect.fnUntraced(function* (rows: ReadonlyArray<OwedRow>) {
        for (const row of rows) {
          const isDone = yield* attempt(performer, row)
          if (!isDone) isOwing = true
        }
      })
      const performOwed = (change: Change) => (change.owed.length === 0 ? Effect.void : attemptAll(owedBy(change)))

      /** What time brings a key, and on whose behalf. */
      const factAt = (due: DueRow, at: number): { readonly event: CmkEvent; readonly cause: Cause } => ({
        event: factOf(due, at, randomness.uuid()),
        cause: { principal: "clock", requestId: randomness.uuid(), operation: due.kind }
      })

      const around: Surroundings = {
        store,
        providerOf,
        makeVersion,
        performOwed,
        discard,
        exhausted: (exhaustedVersionId) => ({
          event: { type: "VersionExhausted", at: clock.now(), exhaustedVersionId, versionId: randomness.uuid() },
          cause: { principal: "limit", requestId: randomness.uuid(), operation: "VersionExhausted" }
        }),
        dueNow: (keyId, snapshot) => {
          const due = deadlines(snapshot).find((deadline) => timers.isFiring(deadline))
          return due === undefined ? undefined : factAt({ keyId, ...due }, clock.now())
        },
        revoked: permissions.revoked,
        now: clock.now,
        armed: timers.armed,
        happenings,
        followerOf,
        reach: failpoints.reach,
        drop: (keyId) => {
          awake.delete(keyId)
        }
      }

      const welcome = (row: KeyRow): KeyActor => {
        const actor = makeKeyActor(around, row, revive(row.snapshot))
        awake.set(row.keyId, actor)
        return actor
      }

      const wake = (keyId: KeyId): Effect.Effect<KeyActor, FindError> =>
        Effect.gen(function* () {
          const row = yield* orRefused(store.key(keyId))
          const known = awake.get(keyId)
          if (known !== undefined) return known
          if (row === undefined) return yield* refuse("Forbidden.KeyNotFound")
          return welcome(row)
        })

      /** Only one activation of a key runs at a time; the others wait for it. */
      const activate = (keyId: KeyId): Effect.Effect<KeyActor, FindError> =>
        Effect.suspend(() => {
          const known = awake.get(keyId)
          if (known !== undefined) return Effect.succeed(known)
          const running = waking.get(keyId)
          if (running !== undefined) return Deferred.await(running)
          const deferred = Deferred.makeUnsafe<KeyActor, FindError>()
          waking.set(keyId, deferred)
          return Effect.onExit(wake(keyId), (exit) => {
            waking.delete(keyId)
            return Deferred.done(deferred, exit)
          }).pipe(Effect.uninterruptible)
        })

      const find = (realm: Realm, keyId: KeyId): Effect.Effect<KeyActor, FindError> => {
        const known = awake.get(keyId)
        if (known === undefined) return Effect.flatMap(activate(keyId), (actor) => admit(realm, actor))
        known.idleSweeps = 0
        return admit(realm, known)
      }

      const create_ = Effect.fnUntraced(function* (key: NewKey, cause: Cause) {
        const decision = create(key.input)
        const { context } = decision.next
        const keyVersionId = KeyVersionId.make(key.input.newestVersionId)
        const version: VersionRow =
          context.origin === "EXTERNAL" || key.stored !== undefined
            ? { keyId: key.keyId, keyVersionId, createdAt: key.input.newestVersionAt, stored: key.stored }
            : yield* makeVersion(key.keyId, context, keyVersionId, key.input.newestVersionAt)
        const change = creationOf(key, cause, version)
        const head = yield* orRefused(store.commit(change)).pipe(
          Effect.onError(() => discard(context, [version])),
          Effect.catchTag("StoreConflict", ({ on }) =>
            on === "aliases"
              ? Effect.fail(refuse("AliasAlreadyExists"))
              : Effect.die(new Error("a fresh key id was taken already"))
          )
        )
        for (const deadline of change.deadlines) timers.armed(deadline.dueAt)
        happenings.publish(change)
        return welcome({ ...change, head })
      }, Effect.uninterruptible)

      const deliver = Effect.fnUntraced(function* (due: DueRow, at: number) {
        const actor = yield* activate(due.keyId)
        const { event, cause } = factAt(due, at)
        yield* actor.tell(event, cause)
      })

      const settleOwed = Effect.gen(function* () {
        const rows = yield* store.owed
        isOwing = false
        yield* attemptAll(rows)
        return rows.length
      }).pipe(
        Effect.catch(({ message }) => {
          isOwing = true
          return Effect.as(Effect.logWarning(`what keys still owe is read again later: ${message}`), 0)
        })
      )

      const sweep = Effect.sync(() => {
        for (const [keyId, actor] of awake) {
          actor.idleSweeps++
          if (actor.idleSweeps > idleSweepsMax && actor.retire()) awake.delete(keyId)
        }
      })
      yield* Effect.forkScoped(
        Effect.forever(
          Effect.andThen(Effect.sleep(sweepMillis), sweep).pipe(
            Effect.andThen(Effect.suspend(() => (isOwing ? settleOwed : Effect.succeed(0))))
          )
        )
      )
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const actor of awake.values()) actor.retire()
          awake.clear()
        })
      )

      return {
        awake: (text) => awake.get(text)?.keyId,
        find,
        create: create_,
        deliver,
        settleOwed,
        size: () => awake.size
      }
    })
  )
}

/** A key of another realm does not exist here, and neither does one that is gone. */
const admit = (realm: Realm, actor: KeyActor): Effect.Effect<KeyActor, FindError> => {
  const at = actor.row().realm
  return at.account === realm.account && at.region === realm.region
    ? Effect.succeed(actor)
    : Effect.fail(refuse("Forbidden.KeyNotFound"))
}

const unavailable = (failure: CryptoFailed): Effect.Effect<never, ErrorOf<"UnsupportedOperation"> | ServiceError> =>
  Effect.fail(
    failure.reason === "UnsupportedSpec"
      ? refuse("UnsupportedOperation", { hint: "No provider here can hold keys of this spec." })
      : refuse("ServiceUnavailableTemporary", { hint: "The key's provider did not answer; try again." })
  )
