/** Sends the event of a request to a key, with the time of the lifecycle clock and the caller's name. */
import { Effect } from "effect"
import type { CmkEvent } from "../../machines/cmk.ts"
import type { Cause, ExtraChanges } from "../actor/change.ts"
import type { KeyActor } from "../actor/keyActor.ts"
import type { Call } from "./operation.ts"

/** The part of a call that a key records. It is data only. */
export const causeOf = ({ principal, requestId, operation }: Call): Cause => ({ principal, requestId, operation })

/** Creates the event at the present time of the clock, and sends it to the key. */
export const change = Effect.fnUntraced(function* <Event extends CmkEvent>(
  call: Call,
  key: KeyActor,
  eventAt: (at: number) => Event,
  extra?: ExtraChanges
) {
  yield* key.tell(eventAt(call.services.clock.now()), causeOf(call), extra)
  return {}
})
