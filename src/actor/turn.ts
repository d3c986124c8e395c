/** One change of a key, in its turn: decide, commit, show the new state, perform the commands. */
import { Effect, Semaphore } from "effect"
import type { CmkEvent, CmkSnapshot, Decision } from "../../machines/cmk.ts"
import { broken } from "../../machines/invariants.ts"
import { decide } from "../../machines/permits.ts"
import { refuse } from "../domain/errors.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { mailboxDepthMax } from "../domain/limits.ts"
import { planCommands } from "../plan/commands.ts"
import { refusalOfEdit } from "../plan/metadataEdit.ts"
import type { Change, VersionRow } from "../records/rows.ts"
import type { StoreConflict, StoreFailure } from "../store/store.ts"
import { refusalOf } from "../store/unavailable.ts"
import { changeOf } from "./change.ts"
import type { Cause, Message } from "./change.ts"
import { adopt, armDeadlines, release, show } from "./keyState.ts"
import type { KeyState } from "./keyState.ts"
import { aliasConflict, expiredOnArrival, quotaReached, refusedBy, refusedEdit, retiredActor } from "./refusals.ts"

/** How often a decision is repeated because another writer changed the key. */
const adoptionsMax = 20

type Turn = Effect.Effect<void, AnyKmsError>

const tooManyWriters = (): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", { hint: "Other writers change the key too often; try again." })

const describe = (defect: unknown): string => (defect instanceof Error ? defect.message : "a defect")

/** Makes the sealed material that must be stored with the decision. */
const prepare = Effect.fnUntraced(function* (key: KeyState, decision: Decision, given: ReadonlyArray<VersionRow>) {
  const versions: Array<VersionRow> = [...given]
  for (const { versionId, at } of planCommands(decision.commands).versions) {
    if (given.some(({ keyVersionId }) => keyVersionId === versionId)) continue
    versions.push(yield* key.services.makeVersion({ keyId: key.keyId, context: decision.next.context, versionId, at }))
  }
  return versions
})

const makesVersions = ({ commands }: Decision): boolean => commands.some(({ _tag }) => _tag === "GenerateVersion")

/**
 * Times in a journal decrease only if a person sets the clock back. The clocks of two engines may differ a little, and a
 * virtual clock may have moved since the event got its time. The window of a deletion keeps its length.
 */
const inOrder = (key: KeyState, event: CmkEvent): CmkEvent => {
  if (event.at >= Math.max(key.notBefore, key.newestAt)) return event
  const notBefore = Math.max(key.notBefore, Math.min(key.newestAt, key.services.now()))
  if (event.at >= notBefore) return event
  return event.type === "ScheduleKeyDeletion"
    ? { ...event, at: notBefore, dueAt: event.dueAt + notBefore - event.at }
    : { ...event, at: notBefore }
}

/** Whether the material expired after the operation checked its expiry. */
const isTooLate = (event: CmkEvent): boolean =>
  event.type === "ImportKeyMaterial" && event.expiresAt !== null && event.expiresAt <= event.at

type Attempt<A> = Effect.Effect<A, AnyKmsError | StoreConflict | StoreFailure>

/** If the commit fails, destroys the material that was made for it. */
const commit = (key: KeyState, change: Change, next: CmkSnapshot): Attempt<string> => {
  const { discard, store } = key.services
  const committed = store.commit(change)
  return change.newVersions.length === 0
    ? committed
    : Effect.onError(committed, () => discard(next.context, change.newVersions))
}

const commitAndShow = (
  key: KeyState,
  decision: Decision,
  message: Message,
  newVersions: ReadonlyArray<VersionRow>
): Attempt<void> => {
  const { next } = decision
  const change = changeOf(key.row, decision, message, newVersions)
  return Effect.flatMap(commit(key, change, next), (head) => {
    show(key, { next, change, head, event: message.event })
    return key.services.performOwed(change)
  })
}

const retiredOrRevoked = (key: KeyState, { requestId }: Cause): AnyKmsError | undefined =>
  key.isRetired ? retiredActor() : key.services.revoked(requestId)

/** Decides and commits once. Most changes make no version, and for these nothing runs between decision and commit. */
const takeTurnOnce = (key: KeyState, { cause, event: told, extra }: Message): Attempt<void> =>
  Effect.suspend(() => {
    const event = inOrder(key, told)
    const message = { event, cause, extra }
    const early = retiredOrRevoked(key, cause)
    if (early !== undefined) return Effect.fail(early)
    if (isTooLate(event)) return Effect.fail(expiredOnArrival())
    const verdict = decide(key.snapshot, event)
    if (verdict._tag === "Stale") return Effect.void
    if (verdict._tag === "Refusal") return Effect.fail(refusedBy(verdict))
    const fault = extra.edit && refusalOfEdit(extra.edit, key.row.metadata)
    if (fault !== undefined) return Effect.fail(refusedEdit(fault))
    const faults = broken(verdict.next)
    if (faults.length > 0) return Effect.die(new Error(`${event.type} would break ${faults.join(", ")}`))
    const given = extra.versions ?? []
    return makesVersions(verdict)
      ? Effect.flatMap(prepare(key, verdict, given), (versions) => commitAndShow(key, verdict, message, versions))
      : commitAndShow(key, verdict, message, given)
  })

/** A lost race is not a refusal: the decision is repeated on the configuration that won. */
const takeTurn = (key: KeyState, message: Message, adoptionsLeft = adoptionsMax): Turn =>
  Effect.catchTag(
    takeTurnOnce(key, message),
    ["StoreConflict", "StoreUnavailable", "StoreDamaged"],
    (failure): Turn => {
      if (failure._tag !== "StoreConflict") {
        key.services.mayOwe()
        return Effect.fail(refusalOf(failure))
      }
      const { quota } = message.extra
      if (failure.on === "aliases") return Effect.fail(aliasConflict(message.extra))
      if (failure.on === "quota" && quota !== undefined) return Effect.fail(quotaReached(quota))
      if (failure.on !== "keys") return Effect.die(failure)
      if (adoptionsLeft === 0) return Effect.fail(tooManyWriters())
      return Effect.flatMap(adopt(key), () => takeTurn(key, message, adoptionsLeft - 1))
    }
  )

/**
 * Performs deadlines that a change made due, so that they have happened when the change is answered. A fact that fails
 * here stays armed, and the timers try it again.
 */
const settleDue = Effect.fnUntraced(function* (key: KeyState) {
  const { keyId, services } = key
  for (let fact = services.dueNow(keyId, key.snapshot); fact; fact = services.dueNow(keyId, key.snapshot)) {
    const { epoch } = key.snapshot.context
    const { event, cause } = fact
    yield* takeTurn(key, { event, cause, extra: {} }).pipe(
      Effect.catch((error) =>
        Effect.logError(`${event.type} of key ${keyId} failed and is tried again later: ${error.message}`)
      )
    )
    if (key.snapshot.context.epoch === epoch) break
  }
  armDeadlines(key)
})

const takeTurnAndSettle = (key: KeyState, message: Message): Effect.Effect<CmkSnapshot, AnyKmsError> =>
  Effect.flatMap(takeTurn(key, message), () => {
    if (key.services.dueNow(key.keyId, key.snapshot) !== undefined) {
      return Effect.map(settleDue(key), () => key.snapshot)
    }
    armDeadlines(key)
    return Effect.succeed(key.snapshot)
  })

/** Drops the actor; the next request restores the key from the store. */
const stop = Effect.fnUntraced(function* (key: KeyState, why: string) {
  release(key)
  key.services.drop(key.keyId)
  yield* Effect.logError(`key ${key.keyId} was restored from the store: ${why}`)
  return yield* refuse("InternalFailure", { hint: "The key was restored from the store; try again." })
})

/** Counts the changes that wait for a turn: an actor with waiting changes is not retired. */
const inTurn = <A, E>(key: KeyState, work: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  key.waiting++
  key.turn ??= Semaphore.makeUnsafe(1)
  return key.turn.withPermit(Effect.uninterruptible(work)).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        key.waiting--
      })
    )
  )
}

/** Reads the key from the store, unless this engine already shows that revision. */
export const catchUp = (key: KeyState, revision: string | undefined): Effect.Effect<void, ServiceError> =>
  Effect.suspend(() =>
    inTurn(
      key,
      Effect.suspend(() => (key.isRetired || key.row.head === revision ? Effect.void : adopt(key)))
    )
  )

/** Takes the message through decide → persist → commit → perform when its turn comes. */
export const tell = (key: KeyState, message: Message): Effect.Effect<CmkSnapshot, AnyKmsError> =>
  Effect.suspend(() => {
    if (key.waiting >= mailboxDepthMax) {
      return Effect.fail(refuse("Rejected.Throttling", { hint: "Too many changes wait for this key." }))
    }
    return inTurn(
      key,
      Effect.catchDefect(takeTurnAndSettle(key, message), (defect) => stop(key, describe(defect)))
    )
  })
