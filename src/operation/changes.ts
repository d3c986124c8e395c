/** Telling a key what a request asks for: the event carries the lifecycle clock's instant and the caller's name. */
import { Effect } from "effect"
import type { CmkEvent } from "../../machines/cmk.ts"
import type { Beside } from "../actor/change.ts"
import type { KeyActor } from "../actor/keyActor.ts"
import type { Call } from "./operation.ts"

/** Makes the event at the clock's now and sees it through. */
export const change = Effect.fnUntraced(function* <Event extends CmkEvent>(
  call: Call,
  key: KeyActor,
  eventAt: (at: number) => Event,
  beside?: Beside
) {
  yield* key.tell(eventAt(call.world.clock.now()), call, beside)
  return {}
})
