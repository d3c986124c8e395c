/** A use of a version's material: the gate, the work, and the conditions for a restart. */
import { Cause, Effect } from "effect"
import { isExpired } from "../../machines/deadlines.ts"
import { isUse, refusalOf } from "../../machines/permits.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyVersionId } from "../domain/ids.ts"
import { isDone, runNow, runNowWith } from "../platform/runNow.ts"
import { openHandle } from "./handles.ts"
import type { Work } from "./handles.ts"
import type { KeyState } from "./keyState.ts"
import { expired, refusedBy, retiredActor } from "./refusals.ts"
import { tell } from "./turn.ts"

/** How often one use may find its version at the limit. Each next version is made while the use waits. */
const exhaustedVersionsMax = 4

/** How often a use restarts because the key changed during its work. */
const restartsMax = 3

type Used<A> = Effect.Effect<A, AnyKmsError | CryptoFailed>

export interface Use<A> {
  readonly operation: KeyOperation
  readonly version: KeyVersionId | "primary"
  readonly work: Work<A>
}

const isExhaustion = (failure: AnyKmsError | CryptoFailed): boolean =>
  failure._tag === "CryptoFailed" && failure.reason === "Exhausted"

const isExhausted = (cause: Cause.Cause<AnyKmsError | CryptoFailed>): boolean =>
  cause.reasons.some((reason) => reason._tag === "Fail" && isExhaustion(reason.error))

/** Why a use is refused now. Expired material is not used, even while its erasure waits for the clock. */
const refusalNow = (key: KeyState, operation: KeyOperation): AnyKmsError | undefined => {
  if (key.isRetired) return retiredActor()
  const { snapshot } = key
  const refusal = refusalOf(operation, snapshot)
  if (refusal !== undefined) return refusedBy(refusal)
  if (snapshot.context.materialExpiry === null || !isUse(operation)) return undefined
  return isExpired(snapshot, key.services.now()) ? expired() : undefined
}

/** Fails unless the operation is permitted in the committed configuration at the time of this call. */
export const gate = (key: KeyState, operation: KeyOperation): Effect.Effect<void, AnyKmsError> =>
  runNow(() => {
    const refusal = refusalNow(key, operation)
    return refusal === undefined ? Effect.void : Effect.fail(refusal)
  })

/** Begins the work now. Its result is returned only if the key may still be used at that time. */
const useOnce = <A>(key: KeyState, use: Use<A>, restartsLeft: number): Used<A> => {
  const refusal = refusalNow(key, use.operation)
  if (refusal !== undefined) return Effect.fail(refusal)
  const keyVersionId = use.version === "primary" ? key.primary : use.version
  if (keyVersionId === undefined) return Effect.die(new Error(`the usable key ${key.keyId} has no primary version`))
  const opened = key.opened?.get(keyVersionId)
  const used = opened === undefined ? useAfterOpening(key, keyVersionId, use.work) : runNowWith(opened, use.work)
  // A result that is available at once was made in this step: nothing can have changed since.
  return isDone(used) ? used : ifStillUsable(key, use, used, restartsLeft)
}

const useAfterOpening = <A>(key: KeyState, keyVersionId: KeyVersionId, work: Work<A>): Used<A> =>
  Effect.flatMap(
    openHandle(key, keyVersionId, {
      context: key.snapshot.context,
      stillUsable: () => key.snapshot.hasTag("usable")
    }),
    work
  )

/**
 * Checks the gate again if the key changed while the work ran. A revocation closes handles and erases material. So work
 * that failed during a change checks the gate again, and restarts if the gate still permits it.
 */
const ifStillUsable = <A>(key: KeyState, use: Use<A>, used: Used<A>, restartsLeft: number): Used<A> => {
  const { epoch } = key.snapshot.context
  const hasChanged = (): boolean => key.snapshot.context.epoch !== epoch || key.isRetired
  return Effect.matchCauseEffect(used, {
    onSuccess: (result) => (hasChanged() ? Effect.as(gate(key, use.operation), result) : Effect.succeed(result)),
    onFailure: (cause) => {
      if (!hasChanged() || Cause.hasInterrupts(cause)) return Effect.failCause(cause)
      const isFinal = restartsLeft === 0 || isExhausted(cause)
      return Effect.flatMap(gate(key, use.operation), () =>
        isFinal ? Effect.failCause(cause) : useOnce(key, use, restartsLeft - 1)
      )
    }
  })
}

/** Replaces a primary version that has reached its limit of sealed messages, if the key has a rotation policy. */
const usePrimary = <A>(key: KeyState, use: Use<A>, versionsLeft: number): Used<A> => {
  const last = key.primary
  const used = useOnce(key, use, restartsMax)
  return isDone(used) && used._tag === "Success" ? used : renewing(key, use, { used, last, versionsLeft })
}

interface PrimaryUse<A> {
  readonly used: Used<A>
  /** The version that was primary when the use began. */
  readonly last: KeyVersionId | undefined
  readonly versionsLeft: number
}

const renewing = <A>(key: KeyState, use: Use<A>, { used, last, versionsLeft }: PrimaryUse<A>): Used<A> =>
  Effect.catchEager(used, (failure) => {
    if (!isExhaustion(failure) || versionsLeft === 0 || last === undefined) return Effect.fail(failure)
    return Effect.flatMap(tell(key, { ...key.services.exhausted(last), extra: {} }), () =>
      key.primary === last
        ? Effect.andThen(gate(key, use.operation), Effect.fail(failure))
        : usePrimary(key, use, versionsLeft - 1)
    )
  })

/** Uses a version's material. The work begins when this is called. */
export const useMaterial = <A>(key: KeyState, use: Use<A>): Used<A> =>
  use.version === "primary" ? usePrimary(key, use, exhaustedVersionsMax) : useOnce(key, use, restartsMax)
