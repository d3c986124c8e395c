/** The last use of each of several keys of a realm. */
import { Effect } from "effect"
import type { KeyDirectory } from "../../actor/keyDirectory.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { KeyId, Realm } from "../../domain/ids.ts"
import type { LastUse, LastUses } from "../protocol.ts"
import type { UseIndex } from "./useIndex.ts"

interface Sources {
  readonly uses: UseIndex
  readonly directory: KeyDirectory["Service"]
}

/** A key of another realm, or one that was deleted, has no answer. */
export const lastUses = (
  { directory, uses }: Sources,
  realm: Realm,
  keyIds: ReadonlyArray<KeyId>
): Effect.Effect<LastUses, AnyKmsError> =>
  Effect.gen(function* () {
    const found: Array<LastUse> = []
    let isComplete = true
    for (const keyId of keyIds) {
      const isHere = yield* Effect.match(directory.find(realm, keyId), {
        onFailure: () => false,
        onSuccess: () => true
      })
      if (!isHere) continue
      const { progress, uses: counts } = yield* uses.of(keyId)
      isComplete &&= progress.read >= progress.of
      const [newest] = counts
      if (newest !== undefined) found.push({ keyId, at: newest.lastAt, principal: newest.principal })
    }
    return { uses: found, isComplete }
  })
