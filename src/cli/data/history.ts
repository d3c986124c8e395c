/** `keystate history`: the events of a key as lines of JSON, which `keystate diagram --history` draws. */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { deliver, outputFlag } from "../output/deliver.ts"
import { historyOf, written } from "./keyHistory.ts"
import { targetFlags } from "../calls/target.ts"

export const history = Command.make(
  "history",
  {
    target: targetFlags,
    key: Argument.String("key").pipe(Argument.withDescription("Key: id, ARN or alias")),
    output: outputFlag
  },
  ({ target, key, output }) => Effect.flatMap(historyOf(target, key), (lines) => deliver(output, written(lines)))
).pipe(
  Command.withExamples([
    { command: "keystate history alias/orders -o orders.ndjson", description: "Save the history of a key" },
    {
      command: "keystate diagram --history orders.ndjson --at 3 -o then.svg",
      description: "Draw the key as it was after event 3"
    }
  ])
)
