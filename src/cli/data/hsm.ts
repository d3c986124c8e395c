/** `keystate hsm reconcile`: compares the keys of a store with the objects of its token. */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { orUnusable } from "../../store/unavailable.ts"
import { reconcile } from "../../verification/reconcile.ts"
import { storeTag, TokenConnection } from "../../crypto/hsm/connection.ts"
import { inventoryOf } from "../../crypto/hsm/provider/inventory.ts"
import { HeldRootKey } from "../../crypto/heldRootKey.ts"
import { storedEngineLayer } from "../../main.ts"
import { notedIfInterrupted } from "../output/progress.ts"
import { print } from "../output/print.ts"
import { userError } from "../output/userError.ts"
import { storedFlags } from "../settings/engineFlags.ts"
import { storedOptions } from "../settings/engineOptions.ts"

const leftByRepair = "Some orphans may be destroyed. Run the command again to destroy the others."

const reconcileCommand = Command.make(
  "reconcile",
  {
    ...storedFlags,
    repair: Flag.Boolean("repair").pipe(
      Flag.withDescription("Destroy the token objects that the store does not name"),
      Flag.withDefault(false)
    )
  },
  ({ repair, ...settings }) =>
    Effect.gen(function* () {
      const options = yield* storedOptions(settings, process.env)
      const found = yield* Effect.gen(function* () {
        const { token } = yield* TokenConnection
        const { rootKey } = yield* HeldRootKey
        if (token === undefined) return yield* userError("Name the token with --hsm, --hsm-token and --hsm-pin-file.")
        return yield* orUnusable(reconcile(inventoryOf(token, { rootKey, tag: yield* storeTag }), repair))
      }).pipe(
        Effect.provide(storedEngineLayer(options)),
        Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message))),
        Effect.catchTag("NotAlone", (error) => Effect.fail(userError(error.message))),
        Effect.catchTag("CallFailed", ({ detail }) => Effect.fail(userError(`The token does not answer: ${detail}.`))),
        notedIfInterrupted(repair ? leftByRepair : "Nothing was changed.")
      )
      yield* print("hsm reconcile", { value: found, normally: "json" })
      const left = found.orphans.filter(({ repaired }) => !repaired)
      if (left.length > 0)
        return yield* userError(`${left.length} orphans remain. Run again with --repair to destroy them.`)
    })
).pipe(
  Command.withDescription("Compare the keys of a data directory or a database with the token"),
  Command.withExamples([
    {
      command: "keystate hsm reconcile --hsm /usr/lib/softhsm/libsofthsm2.so --hsm-token keystate --hsm-pin-file pin",
      description: "List what has no counterpart, and change nothing"
    }
  ])
)

export const hsm = Command.make("hsm").pipe(Command.withSubcommands([reconcileCommand]))
