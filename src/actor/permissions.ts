/** Whether a change may still be made when its key's turn comes: calls under way, by their request id. */
import { Context, Layer } from "effect"
import type { PermissionError } from "../domain/errorGroups.ts"

/** Why a call may no longer be carried out, because its permission was taken away. */
export type Recheck = () => PermissionError | undefined

/**
 * A message to a key is data and names its call by the request id. The check of that call stands here while the call is
 * under way, so that a message can be logged, sent or replayed without it.
 */
export class Permissions extends Context.Service<
  Permissions,
  {
    /** Answers how to end it. */
    readonly hold: (requestId: string, recheck: Recheck) => () => void
    /** Undefined if the call may go on, and for calls that nothing is held for. */
    readonly revoked: (requestId: string) => PermissionError | undefined
  }
>()("keystate/actor/Permissions") {
  static readonly layer = Layer.sync(Permissions, () => {
    const held = new Map<string, Recheck>()
    return {
      hold: (requestId, recheck) => {
        held.set(requestId, recheck)
        return () => held.delete(requestId)
      },
      // Mostly nothing is held, and then the id need not be hashed.
      revoked: (requestId) => (held.size === 0 ? undefined : held.get(requestId)?.())
    }
  })
}
