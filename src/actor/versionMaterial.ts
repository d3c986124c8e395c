/** Creates the material of a key's versions in its provider, and destroys material that no row names. */
import { Effect } from "effect"
import type { CmkContext } from "../../machines/cmk.ts"
import { CryptoFailed } from "../crypto/provider.ts"
import type { CryptoProvider } from "../crypto/provider.ts"
import type { Providers } from "../crypto/providers.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { refuse } from "../domain/errors.ts"
import type { ErrorOf } from "../domain/errors.ts"
import { KeyVersionId } from "../domain/ids.ts"
import type { VersionRow } from "../records/rows.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import type { ActorServices, VersionToMake } from "./actorServices.ts"
import { keptIn, specOf } from "./handles.ts"

export interface MaterialPlace {
  readonly providers: Providers["Service"]
  readonly store: Store["Service"]
}

export const providerOf = (
  { providers }: Pick<MaterialPlace, "providers">,
  context: CmkContext
): Effect.Effect<CryptoProvider, CryptoFailed> => {
  const provider = providers.find(context.protection, specOf(context))
  return provider === undefined
    ? Effect.fail(new CryptoFailed({ reason: "UnsupportedSpec" }))
    : Effect.succeed(provider)
}

const notMade = (failure: CryptoFailed): Effect.Effect<never, ErrorOf<"UnsupportedOperation"> | ServiceError> =>
  Effect.fail(
    failure.reason === "UnsupportedSpec"
      ? refuse("UnsupportedOperation", { hint: "No provider of this service can hold keys of this spec." })
      : refuse("ServiceUnavailableTemporary", { hint: "The key's provider did not answer; try again." })
  )

/** Makes and seals material for a new version. */
export const makeVersion = (
  place: MaterialPlace,
  { keyId, context, versionId, at }: VersionToMake
): ReturnType<ActorServices["makeVersion"]> =>
  Effect.gen(function* () {
    const provider = yield* providerOf(place, context)
    const keyVersionId = KeyVersionId.make(versionId)
    const stored = yield* provider.generate({ row: { keyId, keyVersionId }, spec: specOf(context) })
    const row: VersionRow = { keyId, keyVersionId, createdAt: at, stored }
    return row
  }).pipe(Effect.catchTag("CryptoFailed", notMade))

/** Destroys material that no row of the store names. If a row names the version by then, its material stays. */
export const destroyUnnamed = (
  place: MaterialPlace,
  context: CmkContext,
  versions: ReadonlyArray<VersionRow>
): Effect.Effect<void, CryptoFailed | StoreFailure> =>
  Effect.gen(function* () {
    const provider = yield* providerOf(place, context)
    for (const { keyId, keyVersionId } of versions) {
      const row = { keyId, keyVersionId }
      yield* provider.destroy({ row, keep: keptIn(place.store, row) })
    }
  })

/** Destroys material that was made for versions whose commit failed. Logs material that cannot be destroyed now. */
export const discard = (
  place: MaterialPlace,
  context: CmkContext,
  versions: ReadonlyArray<VersionRow>
): Effect.Effect<void> =>
  destroyUnnamed(place, context, versions).pipe(
    Effect.catch(() => Effect.logError("the material of a version whose commit failed is still there"))
  )
