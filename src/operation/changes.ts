/** Telling a key what a request asks for: the event carries the lifecycle clock's instant and the caller's name. */
import { Effect } from "effect"
import type { CmkEvent } from "../../machines/cmk.ts"
import type { Cause, ExtraChanges } from "../actor/change.ts"
import type { KeyActor } from "../actor/keyActor.ts"
import type { Call } from "./operation.ts"

/** What a key is told of a call: data alone. */
export const causeOf = ({ principal, requestId, operation }: Call): Cause => ({ principal, requestId, operation })

/** Makes the event at the clock's now and sees it through. */
export const change = Effect.fnUntraced(function* <Event extends CmkEvent>(
  call: Call,
  key: KeyActor,
  eventAt: (at: number) => Event,
  extra?: ExtraChanges
) {
  yield* key.tell(eventAt(call.world.clock.now()), causeOf(call), extra)
  return {}
})
