/** `keystate seed export`: a seed of what a data directory holds, on stdout. */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { copiedEngineLayer } from "../../main.ts"
import { exportSeed } from "../../seed/exportSeed.ts"
import { orUnusable } from "../../store/unavailable.ts"
import { engineFlags, engineOptions, userError } from "../settings/settings.ts"

const { clock: _clock, store: _store, stsClock: _stsClock, ...flags } = engineFlags

const exportCommand = Command.make("export", flags, (settings) =>
  Effect.gen(function* () {
    const options = yield* engineOptions({ ...settings, store: "sqlite", clock: "real", stsClock: "real" }, process.env)
    const seed = yield* exportSeed.pipe(
      orUnusable,
      Effect.provide(copiedEngineLayer(options, settings.data)),
      Effect.catchTags({
        StoreUnusable: (error) => Effect.fail(userError(error.message)),
        CryptoFailed: () => Effect.fail(userError("The data holds material that does not open; see keystate verify."))
      })
    )
    yield* Console.error("keystate: seeded and imported key material is written in the clear. NOT FOR PRODUCTION.")
    yield* Console.log(JSON.stringify(seed, null, 2))
  })
).pipe(
  Command.withDescription("Write the keys of a data directory as a seed; material only if it was seeded or imported")
)

export const seed = Command.make("seed").pipe(
  Command.withDescription("Seeds: files of keys for tests and development"),
  Command.withSubcommands([exportCommand])
)
