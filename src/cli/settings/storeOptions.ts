/** Where a command finds the store: in a directory, in memory, or in a PostgreSQL database. */
import { readFileSync } from "node:fs"
import { Effect, Option } from "effect"
import type { CliError, Command } from "effect/cli"
import type { EngineOptions } from "../../main.ts"
import { isPostgresUrl, postgres } from "../../postgres.ts"
import type { PostgresOptions } from "../../postgres.ts"
import { userError } from "../output/userError.ts"
import type { storeFlags } from "./engineFlags.ts"

export type StoreSettings = Command.Command.Config.Infer<typeof storeFlags>

/** The kinds of `--store`, by what is given. */
export const storeKind = (store: string): "sqlite" | "memory" | "postgres" | undefined => {
  if (store === "sqlite" || store === "memory") return store
  return isPostgresUrl(store) ? "postgres" : undefined
}

/** `--store` with a text that names no kind of store. */
export const unknownStore = (store: string): CliError.UserError =>
  userError(`--store takes sqlite, memory or postgres://user@host/database, not "${store}".`)

const certificateIn = (path: string): Effect.Effect<string, CliError.UserError> =>
  Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: () => userError(`The certificate file ${path} cannot be read.`)
  })

/** A command that an operator waits for gives a busy database more time than a server gives it for a call. */
const patientMillis = 30_000

/** How a command reaches the database of `--store`. Fails unless it is a PostgreSQL database. */
export const databaseOptions = (settings: StoreSettings): Effect.Effect<PostgresOptions, CliError.UserError> =>
  Effect.gen(function* () {
    const { store, storeCaFile, storePasswordFile, storeTls } = settings
    if (storeKind(store) !== "postgres") {
      return yield* userError("--store takes postgres://user@host/database here.")
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

/** The store that `serve` uses. `create` says whether a store is made in a directory that holds none. */
export const storeOf = (
  settings: StoreSettings & { readonly data: string },
  create: boolean
): Effect.Effect<EngineOptions["store"], CliError.UserError> => {
  const { data, store } = settings
  switch (storeKind(store)) {
    case "memory":
      return Effect.succeed("memory")
    case "sqlite":
      return Effect.succeed({ directory: data, create })
    case "postgres":
      return Effect.map(databaseOptions(settings), ({ url, timeoutMillis, ...options }) =>
        postgres(url, create ? { ...options, create } : { ...options, create, timeoutMillis })
      )
    default:
      return Effect.fail(unknownStore(store))
  }
}
