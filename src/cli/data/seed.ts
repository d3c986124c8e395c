/** `keystate seed export`: writes the contents of a data directory or a database as a seed to stdout. */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { exportSeed } from "../../seed/exportSeed.ts"
import { orUnusable } from "../../store/unavailable.ts"
import { note, onlyAs } from "../output/print.ts"
import { userError } from "../output/userError.ts"
import { storedFlags } from "../settings/engineFlags.ts"
import { lookedEngine } from "../settings/looked.ts"

const exportCommand = Command.make("export", storedFlags, (settings) =>
  Effect.gen(function* () {
    yield* onlyAs(["json"], "a seed is a JSON document.")
    const { layer } = yield* lookedEngine(settings)
    const seed = yield* exportSeed.pipe(
      orUnusable,
      Effect.provide(layer),
      Effect.catchTags({
        StoreUnusable: (error) => Effect.fail(userError(error.message)),
        CryptoFailed: () =>
          Effect.fail(userError("Some key material does not open under this root key. Run keystate verify to find it."))
      })
    )
    yield* note("this seed holds seeded and imported key material in plaintext. NOT FOR PRODUCTION.")
    yield* Console.log(JSON.stringify(seed, null, 2))
  })
).pipe(
  Command.withDescription(
    "Print the keys of a data directory or a database as a seed; material only if it was seeded or imported"
  ),
  Command.withExamples([
    { command: "keystate seed export > seed.json", description: "Save the keys, to start from them later" },
    { command: "keystate serve --store memory --seed seed.json", description: "Serve them from memory" }
  ])
)

export const seed = Command.make("seed").pipe(Command.withSubcommands([exportCommand]))
