/** `keystate hsm reconcile`: what the store names and the token lacks, and the other way round. */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { orUnusable } from "../../store/unavailable.ts"
import { reconcile } from "../../verification/reconcile.ts"
import { storeTag, TokenConnection } from "../../crypto/hsm/connection.ts"
import { inventoryOf } from "../../crypto/hsm/provider/inventory.ts"
import { HeldRootKey } from "../../crypto/heldRootKey.ts"
import { storedEngineLayer } from "../../main.ts"
import { engineFlags, engineOptions, userError } from "../settings/settings.ts"

const { clock: _clock, store: _store, stsClock: _stsClock, ...flags } = engineFlags

const reconcileCommand = Command.make(
  "reconcile",
  {
    ...flags,
    repair: Flag.Boolean("repair").pipe(
      Flag.withDescription("Destroy objects that no row names"),
      Flag.withDefault(false)
    )
  },
  ({ repair, ...settings }) =>
    Effect.gen(function* () {
      const options = yield* engineOptions(
        { ...settings, store: "sqlite", clock: "real", stsClock: "real" },
        process.env
      )
      const found = yield* Effect.gen(function* () {
        const { token } = yield* TokenConnection
        const { rootKey } = yield* HeldRootKey
        if (token === undefined) return yield* userError("Name the token with --hsm, --hsm-token and --hsm-pin-file.")
        return yield* orUnusable(reconcile(inventoryOf(token, { rootKey, tag: yield* storeTag }), repair))
      }).pipe(
        Effect.provide(storedEngineLayer(options)),
        Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message))),
        Effect.catchTag("CallFailed", ({ detail }) => Effect.fail(userError(`The token does not answer: ${detail}.`)))
      )
      yield* Console.log(JSON.stringify(found, null, 2))
      const left = found.orphans.filter(({ repaired }) => !repaired)
      if (left.length > 0) return yield* userError(`${left.length} orphans are left.`)
    })
).pipe(Command.withDescription("Compare the data directory with the token, while no server uses either"))

export const hsm = Command.make("hsm").pipe(
  Command.withDescription("Keys in a PKCS#11 token"),
  Command.withSubcommands([reconcileCommand])
)
