/** Where a command finds the store: in a directory, in memory, or in a PostgreSQL database. */
import { Effect, Option } from "effect"
import type { CliError, Command } from "effect/cli"
import type { EngineOptions } from "../../main.ts"
import { storeWaitSeconds } from "../../domain/limits.ts"
import { isPostgresUrl, postgres } from "../../postgres.ts"
import type { PostgresOptions } from "../../postgres.ts"
import { readText } from "../output/input.ts"
import { userError } from "../output/userError.ts"
import type { keptStoreFlags } from "./engineFlags.ts"

export type StoreSettings = Command.Command.Config.Infer<typeof keptStoreFlags>

/** The kinds of `--store`, by the form of its value. */
export const storeKind = (store: string): "sqlite" | "memory" | "postgres" | undefined => {
  if (store === "sqlite" || store === "memory") return store
  return isPostgresUrl(store) ? "postgres" : undefined
}

/** `--store` with a text that is not a kind of store. */
export const unknownStore = (store: string): CliError.UserError =>
  userError(`--store takes sqlite, memory or postgres://user@host/database, not "${store}".`)

const certificateIn = (path: string): Effect.Effect<string, CliError.UserError> =>
  readText(path, `The certificate file ${path}`)

/** A command has a longer time limit for a busy database than a server has for a call. */
const patientMillis = 30_000

/** The connection to the database of `--store`. Fails unless it is a PostgreSQL database. */
export const databaseOptions = (settings: StoreSettings): Effect.Effect<PostgresOptions, CliError.UserError> =>
  Effect.gen(function* () {
    const { store, storeCaFile, storePasswordFile, storeTls } = settings
    if (storeKind(store) !== "postgres") {
      return yield* userError(
        store === ""
          ? "Name the database: --store postgres://user@host/database."
          : `--store takes postgres://user@host/database here, not "${store}".`
      )
    }
    if (Option.isSome(storeCaFile) && storeTls !== "verify-full") {
      return yield* userError(`--store-ca-file cannot be combined with --store-tls ${storeTls}.`)
    }
    const ca = Option.isSome(storeCaFile) ? yield* certificateIn(storeCaFile.value) : undefined
    return {
      url: store,
      timeoutMillis: patientMillis,
      tls: ca === undefined ? storeTls : { ca, rejectUnauthorized: true },
      ...(Option.isSome(storePasswordFile) ? { passwordFile: storePasswordFile.value } : {})
    }
  })

const startMillisOf = (seconds: number): Effect.Effect<number, CliError.UserError> =>
  seconds >= 0 && seconds <= storeWaitSeconds.maximum
    ? Effect.succeed(seconds * 1000)
    : Effect.fail(userError(`--store-wait takes 0 to ${storeWaitSeconds.maximum} seconds, not ${seconds}.`))

/** The database of `serve`, with the time limits of calls. */
const servedDatabase = (settings: StoreSettings, { storeWait }: Serving) =>
  Effect.gen(function* () {
    const { timeoutMillis: _timeoutMillis, url, ...options } = yield* databaseOptions(settings)
    return postgres(url, { ...options, create: true, startMillis: yield* startMillisOf(storeWait) })
  })

/** Options of `serve` only: create a missing store, and wait for a database. */
export interface Serving {
  readonly storeWait: number
}

/** The store of a command. Only `serve` passes `serving`. */
export const storeOf = (
  settings: StoreSettings & { readonly data: string },
  serving: Serving | undefined
): Effect.Effect<EngineOptions["store"], CliError.UserError> => {
  const { data, store } = settings
  const create = serving !== undefined
  switch (storeKind(store)) {
    case "memory":
      return Effect.succeed("memory")
    case "sqlite":
      return data === "" ? Effect.fail(userError("--data is empty.")) : Effect.succeed({ directory: data, create })
    case "postgres":
      return serving === undefined
        ? Effect.map(databaseOptions(settings), ({ url, ...options }) => postgres(url, { ...options, create }))
        : servedDatabase(settings, serving)
    default:
      return Effect.fail(unknownStore(store))
  }
}
