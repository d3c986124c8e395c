/** The opened versions of one key: a few handles, closed and wiped as soon as the key may no longer be used. */
import { Effect } from "effect"
import type { CmkContext } from "../../machines/cmk.ts"
import { CryptoFailed } from "../crypto/provider.ts"
import type { CryptoProvider, KeyHandle } from "../crypto/provider.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import { capabilities } from "../domain/keySpec.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import type { StoredMaterial, VersionRow } from "../records/rows.ts"
import type { Store } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import type { ActorServices } from "./actorServices.ts"

/** The most versions that stay open at once. Old versions of a rotated key are opened on demand. */
const openMax = 16

/** A version opened for use, with the provider that can use it. */
export interface Opened {
  readonly handle: KeyHandle
  readonly provider: CryptoProvider
}

/** The work that a use performs with an opened version. */
export type Work<A> = (opened: Opened) => Effect.Effect<A, CryptoFailed>

export interface Handles {
  readonly get: (keyVersionId: KeyVersionId) => Opened | undefined
  readonly open: (
    keyVersionId: KeyVersionId,
    context: CmkContext,
    stillUsable: () => boolean
  ) => Effect.Effect<Opened, AnyKmsError | CryptoFailed>
  readonly closeAll: () => void
}

export const specOf = ({ spec }: Pick<CmkContext, "spec">): KeySpec => {
  if (isKeySpec(spec)) return spec
  throw new Error(`a key cannot have the spec ${spec}`)
}
const isKeySpec = (spec: string): spec is KeySpec => spec in capabilities

export const makeHandles = (services: ActorServices, keyId: KeyId): Handles => {
  const open = new Map<KeyVersionId, Opened>()

  const keep = (keyVersionId: KeyVersionId, opened: Opened): Opened => {
    const known = open.get(keyVersionId)
    if (known !== undefined) {
      opened.handle.close()
      return known
    }
    const oldest = open.keys().next()
    if (open.size >= openMax && oldest.done !== true) {
      open.get(oldest.value)?.handle.close()
      open.delete(oldest.value)
    }
    open.set(keyVersionId, opened)
    return opened
  }

  return {
    get: (keyVersionId) => open.get(keyVersionId),
    open: Effect.fnUntraced(function* (keyVersionId, context, stillUsable) {
      yield* services.reach("actor.open.before")
      const row = yield* orRefused(services.store.version(keyId, keyVersionId))
      if (row === undefined) return yield* refuse("Forbidden.KeyVersionNotFound")
      if (row.stored === undefined) return yield* refuse("Rejected.PendingImport")
      const provider = yield* services.providerOf(context)
      const handle = yield* provider.open({
        row: { keyId, keyVersionId },
        spec: specOf(context),
        stored: row.stored
      })
      yield* services.reach("actor.open.after")
      if (stillUsable()) return keep(keyVersionId, { handle, provider })
      handle.close()
      return yield* new CryptoFailed({ reason: "Unavailable" })
    }),
    closeAll: () => {
      for (const { handle } of open.values()) handle.close()
      open.clear()
    }
  }
}

/** The material that the store names for a version. If the lookup fails, the material must not be destroyed. */
export const keptIn = (
  store: Store["Service"],
  { keyId, keyVersionId }: Pick<VersionRow, "keyId" | "keyVersionId">
): Effect.Effect<StoredMaterial | undefined, CryptoFailed> =>
  store.version(keyId, keyVersionId).pipe(
    Effect.map((row) => row?.stored),
    Effect.mapError(() => new CryptoFailed({ reason: "Unavailable" }))
  )
