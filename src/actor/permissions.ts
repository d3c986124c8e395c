/** Permission checks of the calls in progress, by request id: a change repeats the check when its turn comes. */
import { Context, Layer } from "effect"
import type { PermissionError } from "../domain/errorGroups.ts"

/** The error of a call whose permission was removed after it started. */
export type Recheck = () => PermissionError | undefined

/**
 * A message to a key is data and names its call by the request id. The check of that call is stored here while the call
 * runs. So a message can be logged, sent or replayed without it.
 */
export class Permissions extends Context.Service<
  Permissions,
  {
    /** Returns a function that removes the check. */
    readonly hold: (requestId: string, recheck: Recheck) => () => void
    /** Undefined if the call may proceed, and for calls without a check. */
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
      // Usually no check is held, and then the id need not be hashed.
      revoked: (requestId) => (held.size === 0 ? undefined : held.get(requestId)?.())
    }
  })
}
