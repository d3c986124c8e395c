/** The source of read-only commands: a copy of a data directory, or a database at one instant. */
import { Effect, Layer } from "effect"
import type { CliError } from "effect/cli"
import { Admission } from "../../admission.ts"
import { copiedEngineLayer, rowsLayer, storedEngineLayer } from "../../main.ts"
import type { EngineOptions } from "../../main.ts"
import { postgresSchemaOf, postgresSnapshot, withoutPassword } from "../../postgres.ts"
import { storeLayer } from "../../store/makeStore.ts"
import type { Store, StoreUnusable } from "../../store/store.ts"
import { userError } from "../output/userError.ts"
import { storedOptions } from "./engineOptions.ts"
import type { StoredSettings } from "./engineOptions.ts"
import { databaseOptions, storeKind, unknownStore } from "./storeOptions.ts"
import type { StoreSettings } from "./storeOptions.ts"

/** The location that a read-only command reads. */
export interface LookedPlace extends StoreSettings {
  /** The data directory. */
  readonly data: string
}

/** The rows alone, without the root key. */
export interface LookedRows {
  /** The name of the place in messages. */
  readonly name: string
  readonly layer: Layer.Layer<Store, StoreUnusable>
}

const nothingKept = userError("--store memory keeps nothing that another command could read.")

/** Chooses by the kind of the store. */
const byKind = <A>(
  { store }: StoreSettings,
  directory: () => Effect.Effect<A, CliError.UserError>,
  database: () => Effect.Effect<A, CliError.UserError>
): Effect.Effect<A, CliError.UserError> => {
  switch (storeKind(store)) {
    case "sqlite":
      return directory()
    case "postgres":
      return database()
    case "memory":
      return Effect.fail(nothingKept)
    default:
      return Effect.fail(unknownStore(store))
  }
}

export const lookedRows = (place: LookedPlace): Effect.Effect<LookedRows, CliError.UserError> =>
  byKind<LookedRows>(
    place,
    () => Effect.succeed({ name: place.data, layer: rowsLayer(place.data) }),
    () =>
      Effect.map(databaseOptions(place), (options) => ({
        name: withoutPassword(place.store),
        layer: Layer.provide(storeLayer, postgresSnapshot(options))
      }))
  )

const admittedSchema = Effect.map(Effect.service(Admission), ({ schema }) => schema)

/** The schema of a database is read before the rest; the schema of a directory together with it. */
const inDatabase = (options: EngineOptions, settings: StoreSettings) =>
  Effect.gen(function* () {
    const database = yield* databaseOptions(settings)
    const schema = yield* Effect.mapError(postgresSchemaOf(database), ({ message }) => userError(message))
    return {
      layer: storedEngineLayer({ ...options, store: postgresSnapshot(database) }),
      schema: Effect.as(admittedSchema, schema)
    }
  })

/** The rows, and the root key that opens their secrets. */
export const lookedEngine = (settings: StoredSettings) =>
  Effect.flatMap(storedOptions(settings, process.env), (options) =>
    byKind(
      settings,
      () => Effect.succeed({ layer: copiedEngineLayer(options, settings.data), schema: admittedSchema }),
      () => inDatabase(options, settings)
    )
  )
