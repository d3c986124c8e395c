/** `keystate migrate`: makes or updates the tables of a PostgreSQL database. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { migratePostgres } from "../../postgres.ts"
import { print } from "../output/print.ts"
import { userError } from "../output/userError.ts"
import { databaseFlags } from "../settings/engineFlags.ts"
import { databaseOptions } from "../settings/storeOptions.ts"

export const migrate = Command.make("migrate", databaseFlags, (settings) =>
  Effect.gen(function* () {
    const options = yield* databaseOptions(settings)
    const migrated = yield* Effect.mapError(migratePostgres(options), ({ message }) => userError(message))
    yield* print("migrate", { value: migrated, normally: "json" })
  })
).pipe(
  Command.withExamples([
    {
      command: "keystate migrate --store postgres://keystate@db/keystate --store-password-file password",
      description: "Before the first start, and before the servers of a new release start"
    }
  ])
)
