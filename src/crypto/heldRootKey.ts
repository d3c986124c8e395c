/** The root key of the running service: checked by its check value, wiped when the service stops. */
import { Context, Effect, Layer } from "effect"
import { encodeBase64 } from "../encoding/base64.ts"
import { rootKeyCheckName } from "../records/metaNames.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { RootKey } from "./seal.ts"

export const checkOf = (rootKey: RootKey): string => encodeBase64(rootKey.checkValue)

export class HeldRootKey extends Context.Service<HeldRootKey, { readonly rootKey: RootKey }>()(
  "keystate/crypto/HeldRootKey"
) {
  /** Opens the root key and refuses a store that was sealed under another one. */
  static readonly layer = <E, R>(
    open: Effect.Effect<RootKey, E, R>
  ): Layer.Layer<HeldRootKey, E | StoreUnusable, R | Store> =>
    Layer.effect(
      HeldRootKey,
      Effect.gen(function* () {
        const store = yield* Store
        const rootKey = yield* Effect.acquireRelease(open, (held) => Effect.sync(() => held.close()))
        const check = checkOf(rootKey)
        const known = yield* orUnusable(store.metaOnce(rootKeyCheckName, check))
        if (known !== check) {
          return yield* new StoreUnusable({
            message: "The data was sealed under another root key; start with the root key it was made with."
          })
        }
        return { rootKey }
      })
    )
}
