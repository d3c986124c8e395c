/** One key, alive: decides purely, makes the decision durable, only then shows it, answers, and owes its work. */
import { Cause as EffectCause, Effect, Semaphore } from "effect"
import { revive } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot, Decision } from "../../machines/cmk.ts"
import { deadlines, isExpired } from "../../machines/deadlines.ts"
import { broken } from "../../machines/invariants.ts"
import { decide, isUse, refusalOf } from "../../machines/permits.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import { runNowWith, isDone } from "../platform/runNow.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { KeyVersionId } from "../domain/ids.ts"
import type { KeyId } from "../domain/ids.ts"
import { mailboxDepthMax } from "../domain/limits.ts"
import type { Change, KeyRow, VersionRow } from "../records/rows.ts"
import { orRefused } from "../store/unavailable.ts"
import { changeOf } from "./change.ts"
import type { Beside, Cause } from "./change.ts"
import { makeHandles } from "./handles.ts"
import type { Follower } from "./inspection.ts"
import { planCommands } from "../plan/commands.ts"
import { stated } from "./keyErrors.ts"
import type { Unstated } from "./keyErrors.ts"
import { refusalOfEdit } from "../plan/metadataEdit.ts"
import { aliasConflict, expired, refusedBy, refusedEdit } from "./refusals.ts"
import type { KeyActor } from "./keyActorPort.ts"
import type { Surroundings } from "./surroundings.ts"
import { exhaustedVersionsMax, isExhausted, restartsMax } from "./use.ts"
import type { Use, Used, Work } from "./use.ts"

export type { KeyActor } from "./keyActorPort.ts"

const primaryOf = ({ context }: CmkSnapshot): KeyVersionId | undefined =>
  context.primaryVersionId === null ? undefined : KeyVersionId.make(context.primaryVersionId)

/** The sealed material a decision needs on disk with it. */
const prepare = Effect.fnUntraced(function* (
  around: Surroundings,
  keyId: KeyId,
  decision: Decision,
  { versions: given = [] }: Beside
) {
  const versions: Array<VersionRow> = [...given]
  for (const { versionId, at } of planCommands(decision.commands).versions) {
    if (given.some(({ keyVersionId }) => keyVersionId === versionId)) continue
    versions.push(yield* around.makeVersion(keyId, decision.next.context, versionId, at))
  }
  return versions
})

/** How often a decision is taken again because another writer changed the key. */
const adoptionsMax = 20

/** What a key is told: data, which can be logged, sent and replayed. */
interface Message {
  readonly event: CmkEvent
  readonly cause: Cause
  readonly beside: Beside
}

type Turn = Effect.Effect<void, AnyKmsError>

const tooManyWriters = (): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", { hint: "Other writers change the key all the time; try again." })

const describe = (defect: unknown): string => (defect instanceof Error ? defect.message : "a defect")

export const makeKeyActor = (around: Surroundings, initialRow: KeyRow, initial: CmkSnapshot): KeyActor => {
  const { keyId } = initialRow
  const turn = Semaphore.makeUnsafe(1)
  const handles = makeHandles(around, keyId)
  let follower: Follower | undefined = around.followerOf?.(keyId, initial)
  let row = initialRow
  let snapshot = initial
  let primary = primaryOf(initial)
  let waiting = 0
  let isRetired = false

  const retire = (): boolean => {
    if (waiting > 0) return false
    isRetired = true
    handles.closeAll()
    follower?.stop()
    return true
  }

  /** The commit's in-memory half: from here on every gate sees the new configuration. */
  const show = (decision: Decision, change: Change, head: string, event: CmkEvent): void => {
    row = { ...row, snapshot: change.snapshot, metadata: change.metadata, head }
    snapshot = decision.next
    if (snapshot.context.primaryVersionId !== (primary ?? null)) primary = primaryOf(snapshot)
    // The same material imported again is kept elsewhere from now on, and what was opened before is destroyed.
    if (!snapshot.hasTag("usable") || event.type === "ImportKeyMaterial") handles.closeAll()
    follower?.follow(event)
    around.happenings.publish(change)
  }

  /** Decides and commits once. */
  const takeTurnOnce = Effect.fnUntraced(function* (event: CmkEvent, cause: Cause, beside: Beside) {
    if (isRetired) return yield* refuse("ServiceUnavailableTemporary", { hint: "Try again." })
    const revoked = around.revoked(cause.requestId)
    if (revoked !== undefined) return yield* Effect.fail(revoked)
    const verdict = decide(snapshot, event)
    if (verdict._tag === "Stale") return
    if (verdict._tag === "Refusal") return yield* Effect.fail(refusedBy(verdict))
    const fault = beside.edit && refusalOfEdit(beside.edit, row.metadata)
    if (fault !== undefined) return yield* Effect.fail(refusedEdit(fault))
    const faults = broken(verdict.next)
    if (faults.length > 0) return yield* Effect.die(new Error(`${event.type} would break ${faults.join(", ")}`))
    const newVersions = yield* prepare(around, keyId, verdict, beside)
    const change = changeOf(row, verdict, event, cause, beside, newVersions)
    const head = yield* Effect.onError(orRefused(around.store.commit(change)), () =>
      around.discard(verdict.next.context, newVersions)
    )
    show(verdict, change, head, event)
    yield* around.performOwed(change)
  })

  /** Takes the row that another writer made. Uses that began before it are put to the gate again. */
  const adopt = Effect.fnUntraced(function* () {
    const stored = yield* orRefused(around.store.key(keyId))
    if (stored === undefined) return yield* Effect.die(new Error("the key is gone from the store"))
    row = stored
    snapshot = revive(stored.snapshot)
    primary = primaryOf(snapshot)
    handles.closeAll()
    follower?.stop()
    follower = around.followerOf?.(keyId, snapshot)
  })

  /** A lost race is no refusal: the decision is taken again in the configuration that won. */
  const takeTurn = (message: Message, adoptionsLeft = adoptionsMax): Turn =>
    Effect.catchTag(takeTurnOnce(message.event, message.cause, message.beside), "StoreConflict", (conflict): Turn => {
      if (conflict.on === "aliases") return Effect.fail(aliasConflict(message.beside))
      if (conflict.on !== "keys") return Effect.die(conflict)
      if (adoptionsLeft === 0) return Effect.fail(tooManyWriters())
      return Effect.flatMap(adopt(), () => takeTurn(message, adoptionsLeft - 1))
    })

  const armDeadlines = (): void => {
    for (const { dueAt } of deadlines(snapshot)) around.armed(dueAt)
  }

  /**
   * Carries out what a change made due, so that it has happened when the change is answered. A fact that fails here
   * stays armed, and the timers try it again.
   */
  const settleDue = Effect.fnUntraced(function* () {
    for (let fact = around.dueNow(keyId, snapshot); fact !== undefined; fact = around.dueNow(keyId, snapshot)) {
      const { epoch } = snapshot.context
      const { event, cause } = fact
      yield* takeTurn({ event, cause, beside: {} }).pipe(
        Effect.catch((error) => Effect.logError(`${event.type} of key ${keyId} is tried again later: ${error.message}`))
      )
      if (snapshot.context.epoch === epoch) break
    }
    armDeadlines()
  })

  const changeAndSettle = (event: CmkEvent, cause: Cause, beside: Beside) =>
    Effect.flatMap(takeTurn({ event, cause, beside }), () => {
      if (around.dueNow(keyId, snapshot) !== undefined) return Effect.map(settleDue(), () => snapshot)
      armDeadlines()
      return Effect.succeed(snapshot)
    })

  /** Drops this actor; the next request restores the key from the store. */
  const stop = (why: string) =>
    Effect.gen(function* () {
      isRetired = true
      handles.closeAll()
      follower?.stop()
      around.drop(keyId)
      yield* Effect.logError(`key ${keyId} was restored from the store: ${why}`)
      return yield* refuse("InternalFailure", { hint: "The key was restored from the store; try again." })
    })

  const tell: Unstated["tell"] = (event, cause, beside = {}) =>
    Effect.suspend(() => {
      if (waiting >= mailboxDepthMax) {
        return Effect.fail(refuse("Rejected.Throttling", { hint: "Too many changes wait for this key." }))
      }
      waiting++
      return changeAndSettle(event, cause, beside).pipe(
        Effect.catchDefect((defect) => stop(describe(defect))),
        Effect.uninterruptible,
        turn.withPermit,
        Effect.ensuring(
          Effect.sync(() => {
            waiting--
          })
        )
      )
    })

  /** Why a use is refused now. Expired material is not used, also while its erasure waits for the clock. */
  const refusalNow = (operation: KeyOperation): AnyKmsError | undefined => {
    if (isRetired) return refuse("ServiceUnavailableTemporary", { hint: "Try again." })
    const refusal = refusalOf(operation, snapshot)
    if (refusal !== undefined) return refusedBy(refusal)
    if (snapshot.context.materialExpiry === null || !isUse(operation)) return undefined
    return isExpired(snapshot, around.now()) ? expired() : undefined
  }

  const gate: Unstated["gate"] = (operation) =>
    Effect.suspend(() => {
      const refusal = refusalNow(operation)
      return refusal === undefined ? Effect.void : Effect.fail(refusal)
    })

  /** Begins the work now. Its result is delivered only if the key may still be used by then. */
  const useOnce = <A>(use: Use<A>, restartsLeft = restartsMax): Used<A> => {
    const { operation, version, work } = use
    const refusal = refusalNow(operation)
    if (refusal !== undefined) return Effect.fail(refusal)
    const keyVersionId = version === "primary" ? primary : version
    if (keyVersionId === undefined) return Effect.die(new Error(`the usable key ${keyId} has no primary version`))
    const opened = handles.get(keyVersionId)
    const used = opened === undefined ? useAfterOpening(keyVersionId, work) : runNowWith(opened, work)
    // What is there already was made in this very step: nothing can have changed meanwhile.
    return isDone(used) ? used : ifStillUsable(use, used, snapshot.context.epoch, restartsLeft)
  }

  const useAfterOpening = <A>(keyVersionId: KeyVersionId, work: Work<A>): Used<A> =>
    Effect.flatMap(
      handles.open(keyVersionId, snapshot.context, () => snapshot.hasTag("usable")),
      work
    )

  /**
   * Asks the gate again if the key changed while the work ran. A revocation closes handles and erases material, so work
   * that failed during a change is put to the gate again, and begins again if the gate still permits it.
   */
  const ifStillUsable = <A>(use: Use<A>, used: Used<A>, epoch: number, restartsLeft: number): Used<A> => {
    const hasChanged = (): boolean => snapshot.context.epoch !== epoch || isRetired
    return Effect.matchCauseEffect(used, {
      onSuccess: (result) => (hasChanged() ? Effect.as(gate(use.operation), result) : Effect.succeed(result)),
      onFailure: (cause) => {
        if (!hasChanged() || EffectCause.hasInterrupts(cause)) return Effect.failCause(cause)
        const isFinal = restartsLeft === 0 || isExhausted(cause)
        return Effect.flatMap(gate(use.operation), () =>
          isFinal ? Effect.failCause(cause) : useOnce(use, restartsLeft - 1)
        )
      }
    })
  }

  /** A primary version that has sealed all it may makes room for a new one where there is a policy. */
  const usePrimary = <A>(turnsLeft: number, operation: KeyOperation, work: Work<A>): Used<A> => {
    const last = primary
    const used = useOnce({ operation, version: "primary", work })
    return isDone(used) && used._tag === "Success" ? used : renewing(used, last, turnsLeft, operation, work)
  }

  const renewing = <A>(
    used: Used<A>,
    last: KeyVersionId | undefined,
    turnsLeft: number,
    operation: KeyOperation,
    work: Work<A>
  ): Used<A> =>
    Effect.catchEager(used, (failure) => {
      if (failure._tag !== "CryptoFailed" || failure.reason !== "Exhausted") return Effect.fail(failure)
      if (turnsLeft === 0 || last === undefined) return Effect.fail(failure)
      const { event, cause } = around.exhausted(last)
      return Effect.flatMap(tell(event, cause), () =>
        primary === last
          ? Effect.andThen(gate(operation), Effect.fail(failure))
          : usePrimary(turnsLeft - 1, operation, work)
      )
    })

  const use: Unstated["use"] = (operation, version, work) =>
    version === "primary" ? usePrimary(exhaustedVersionsMax, operation, work) : useOnce({ operation, version, work })

  return stated({
    keyId,
    snapshot: () => snapshot,
    metadata: () => row.metadata,
    row: () => row,
    tell,
    gate,
    use,
    retire,
    retired: () => isRetired,
    idleSweeps: 0
  })
}
