/** The findings of `keystate hsm reconcile` for a data directory and a token without other users. */
import { Effect } from "effect"
import { reconcile } from "../../src/verification/reconcile.ts"
import type { Reconciliation } from "../../src/verification/reconcile.ts"
import { storeTag, TokenConnection } from "../../src/crypto/hsm/connection.ts"
import { inventoryOf } from "../../src/crypto/hsm/provider/inventory.ts"
import { HeldRootKey } from "../../src/crypto/heldRootKey.ts"
import { optionsOf } from "../../src/index.ts"
import type { KmsOptions } from "../../src/index.ts"
import { storedEngineLayer } from "../../src/main.ts"

export const reconciled = (
  directory: string,
  repair: boolean,
  hsm: NonNullable<KmsOptions["hsm"]>
): Promise<Reconciliation> =>
  Effect.gen(function* () {
    const { token } = yield* TokenConnection
    const { rootKey } = yield* HeldRootKey
    if (token === undefined) throw new Error("a token is connected")
    return yield* reconcile(inventoryOf(token, { rootKey, tag: yield* storeTag }), repair)
  }).pipe(Effect.provide(storedEngineLayer(optionsOf({ directory }, { hsm }))), Effect.runPromise)
