/** Shows the lifecycle of keys to an XState inspector: each key in memory has an XState actor for its commits. */
import { Context, Effect, Layer } from "effect"
import { createActor } from "xstate"
import type { ActorOptions } from "xstate"
import { cmkMachine } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import type { KeyId } from "../domain/ids.ts"

/** A function or an observer of inspection events, as `createActor` of XState takes it. */
export type Inspect = NonNullable<ActorOptions<typeof cmkMachine>["inspect"]>

/** An XState actor that repeats the committed events of a key. It makes no decisions. */
export interface Follower {
  /** Called when the event is durable. */
  readonly follow: (event: CmkEvent) => void
  readonly stop: () => void
}

export type FollowerOf = (keyId: KeyId, snapshot: CmkSnapshot) => Follower

/** The followers of keys; undefined unless the service was started with an inspector. */
export const Inspection = Context.Reference<{ readonly followerOf: FollowerOf | undefined }>(
  "keystate/actor/Inspection",
  { defaultValue: () => ({ followerOf: undefined }) }
)

const followerWith =
  (inspect: Inspect): FollowerOf =>
  (keyId, snapshot) => {
    const actor = createActor(cmkMachine, { id: keyId, input: snapshot.context, snapshot, inspect }).start()
    return { follow: (event) => actor.send(event), stop: () => actor.stop() }
  }

/** Reports an inspector that throws and does not call it again: it must not fail a durable change. */
const untilItThrows = (inspect: Inspect, report: (cause: unknown) => void): Inspect => {
  let hasThrown = false
  return (event) => {
    if (hasThrown) return
    try {
      if (typeof inspect === "function") inspect(event)
      else inspect.next?.(event)
    } catch (cause) {
      hasThrown = true
      report(cause)
    }
  }
}

export const inspectionLayer = (inspect: Inspect | undefined): Layer.Layer<never> =>
  inspect === undefined
    ? Layer.empty
    : Layer.effect(
        Inspection,
        Effect.map(Effect.context<never>(), (context) => {
          const run = Effect.runForkWith(context)
          const report = (cause: unknown): void => {
            run(Effect.logError("The XState inspector threw an error and is not called again.", cause))
          }
          return { followerOf: followerWith(untilItThrows(inspect, report)) }
        })
      )
