/** Verifies a store, and opens every sealed secret in it. */
import { Effect, Layer } from "effect"
import { specOf } from "../../actor/handles.ts"
import { Providers } from "../../crypto/providers.ts"
import { storedEngineLayer } from "../../main.ts"
import type { EngineOptions } from "../../main.ts"
import type { VersionRow } from "../../records/rows.ts"
import { Driver } from "../../store/driver.ts"
import type { StoreDriver } from "../../store/driver.ts"
import { storeLayer } from "../../store/makeStore.ts"
import { Store } from "../../store/store.ts"
import { verifyStore } from "../../verification/verify.ts"
import type { Show } from "../output/progress.ts"

/** Whether a version's sealed material opens under the root key in use. */
const opens = Effect.fnUntraced(function* (row: VersionRow) {
  const store = yield* Store
  const providers = yield* Providers
  const key = yield* Effect.orElseSucceed(store.key(row.keyId), () => undefined)
  if (key === undefined || row.stored === undefined) return false
  const spec = specOf(key.snapshot.context)
  const provider = providers.find(key.snapshot.context.protection, spec)
  if (provider === undefined) return false
  const { keyId, keyVersionId, stored } = row
  return yield* provider.open({ row: { keyId, keyVersionId }, spec, stored }).pipe(
    Effect.map((handle) => {
      handle.close()
      return true
    }),
    Effect.catch(() => Effect.succeed(false))
  )
})

const keysShown =
  (show: Show) =>
  (keys: number): void =>
    show("verifying", `keys verified: ${keys}`)

/** The findings in the store of an engine. Its root key opens sealed secrets. */
export const verified = Effect.fnUntraced(function* (show: Show) {
  const store = yield* Store
  const providers = yield* Providers
  return yield* verifyStore({
    onProgress: keysShown(show),
    openMaterial: (row) =>
      opens(row).pipe(Effect.provideService(Store, store), Effect.provideService(Providers, providers))
  })
})

/** The findings in a store that is being filled. Without options the root key is unknown, and no secret is opened. */
export const verifiedOn = (driver: StoreDriver, options: EngineOptions | undefined, show: Show = () => undefined) => {
  const given = Layer.succeed(Driver, driver)
  return options === undefined
    ? verifyStore({ onProgress: keysShown(show) }).pipe(Effect.provide(storeLayer.pipe(Layer.provide(given))))
    : verified(show).pipe(Effect.provide(storedEngineLayer({ ...options, store: given })))
}
