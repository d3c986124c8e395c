/** The opened versions of one key: a few handles, closed and wiped as soon as the key may no longer be used. */
import { Effect } from "effect"
import type { CmkContext } from "../../machines/cmk.ts"
import { CryptoFailed } from "../crypto/provider.ts"
import type { CryptoProvider, KeyHandle } from "../crypto/provider.ts"
import { refuse } from "../domain/errors.ts"
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

/** A key that has opened versions. It is a plain record, because many keys are in memory at once. */
export interface HandleHolder {
  readonly services: ActorServices
  readonly keyId: KeyId
  /** Undefined until a version is opened. */
  opened: Map<KeyVersionId, Opened> | undefined
}

export const specOf = ({ spec }: Pick<CmkContext, "spec">): KeySpec => {
  if (isKeySpec(spec)) return spec
  throw new Error(`a key cannot have the spec ${spec}`)
}
const isKeySpec = (spec: string): spec is KeySpec => spec in capabilities

const keep = (holder: HandleHolder, keyVersionId: KeyVersionId, opened: Opened): Opened => {
  const open = (holder.opened ??= new Map())
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

/** Opens a version of a key, unless the key may no longer be used by then. */
export const openHandle = Effect.fnUntraced(function* (
  holder: HandleHolder,
  keyVersionId: KeyVersionId,
  { context, stillUsable }: { readonly context: CmkContext; readonly stillUsable: () => boolean }
) {
  const { keyId, services } = holder
  yield* services.reach("actor.open.before")
  const row = yield* orRefused(services.store.version(keyId, keyVersionId))
  if (row === undefined) return yield* refuse("Forbidden.KeyVersionNotFound")
  if (row.stored === undefined) return yield* refuse("Rejected.PendingImport")
  const provider = yield* services.providerOf(context)
  const handle = yield* provider.open({ row: { keyId, keyVersionId }, spec: specOf(context), stored: row.stored })
  yield* services.reach("actor.open.after")
  if (stillUsable()) return keep(holder, keyVersionId, { handle, provider })
  handle.close()
  return yield* new CryptoFailed({ reason: "Unavailable" })
})

export const closeHandles = (holder: HandleHolder): void => {
  if (holder.opened === undefined) return
  for (const { handle } of holder.opened.values()) handle.close()
  holder.opened = undefined
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
