/** The location of a command's store: the data directory, or the database of `--store`. */
import { existsSync } from "node:fs"
import { Effect } from "effect"
import type { CliError } from "effect/cli"
import { sourceIn } from "../../crypto/rootKeySource.ts"
import type { EngineOptions } from "../../main.ts"
import { withoutPassword } from "../../postgres.ts"
import type { StorePlace } from "../../transfers.ts"
import { userError } from "../output/userError.ts"
import { dataFlag, keptStoreFlags } from "../settings/engineFlags.ts"
import { storedOptions } from "../settings/engineOptions.ts"
import type { StoredSettings } from "../settings/engineOptions.ts"
import { databaseOptions, storeKind } from "../settings/storeOptions.ts"
import type { StoreSettings } from "../settings/storeOptions.ts"

/** The flags of a command that names a store and needs no root key. */
export const placeFlags = { data: dataFlag, ...keptStoreFlags }

export const placeOf = (
  settings: StoreSettings & { readonly data: string }
): Effect.Effect<StorePlace, CliError.UserError> => {
  switch (storeKind(settings.store)) {
    case "sqlite":
      return Effect.succeed({ kind: "directory", directory: settings.data })
    case "postgres":
      return Effect.map(databaseOptions(settings), (options) => ({ kind: "database", options }))
    default:
      return Effect.fail(
        userError(`--store takes sqlite or postgres://user@host/database here, not "${settings.store}".`)
      )
  }
}

/** The place as text, without a password. */
export const placeInWords = (place: StorePlace): string =>
  place.kind === "directory" ? place.directory : withoutPassword(place.options.url)

/** How sealed secrets of the store are opened. Undefined if the root key file is missing: it may be supplied later. */
export const openingOptions = (
  settings: StoredSettings,
  environment: Readonly<Record<string, string | undefined>>
): Effect.Effect<EngineOptions | undefined, CliError.UserError> =>
  Effect.gen(function* () {
    const options = yield* storedOptions(settings, environment)
    const rootKey = sourceIn(settings.data, options.rootKey)
    if (rootKey.kind !== "file" || existsSync(rootKey.path)) return { ...options, rootKey }
    if (options.rootKey === undefined) return undefined
    return yield* userError(`The root key file ${rootKey.path} is missing.`)
  })
