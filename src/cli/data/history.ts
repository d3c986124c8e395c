/** `keystate history`: what has happened to a key, as lines of JSON that `keystate diagram --history` draws. */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { deliver, outputFlag } from "../output/deliver.ts"
import { historyOf, written } from "./keyHistory.ts"
import { targetFlags } from "../calls/kms.ts"

export const history = Command.make(
  "history",
  {
    target: targetFlags,
    key: Argument.String("key").pipe(Argument.withDescription("The key: id, ARN or alias")),
    output: outputFlag
  },
  ({ target, key, output }) => Effect.flatMap(historyOf(target, key), (lines) => deliver(output, written(lines)))
).pipe(
  Command.withDescription("Print everything that has happened to a key, as lines of JSON"),
  Command.withExamples([
    { command: "keystate history alias/orders -o orders.ndjson", description: "Keep a key's history" },
    { command: "keystate diagram --history orders.ndjson --at 3 -o then.svg", description: "See the key as it was" }
  ])
)
