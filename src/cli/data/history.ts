/** `keystate history`: the events of a key as lines of JSON, which `keystate diagram --history` draws. */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { deliver, outputFlag } from "../output/deliver.ts"
import { formatInstant } from "../../domain/time.ts"
import { printPages } from "../output/printPages.ts"
import { columns } from "../output/readable.ts"
import { historyOf, written } from "./keyHistory.ts"
import type { HistoryLine } from "./keyHistory.ts"
import { readFlags } from "../calls/target.ts"

const heading = ["event", "time", "type", "principal"]

const rowOf = ({ at, payload, principal, seq }: HistoryLine): ReadonlyArray<string> => [
  String(seq),
  formatInstant(at),
  payload.type,
  principal
]

const table = (lines: ReadonlyArray<HistoryLine>): ReadonlyArray<string> => columns([heading, ...lines.map(rowOf)])

const printHistory = (lines: ReadonlyArray<HistoryLine>) =>
  printPages("history", { normally: "jsonl", table: () => table(lines) }, (show) => show(lines))

export const history = Command.make(
  "history",
  {
    key: Argument.String("key").pipe(Argument.withDescription("Key: id, ARN or alias")),
    output: outputFlag,
    target: readFlags
  },
  ({ target, key, output }) =>
    Effect.flatMap(historyOf(target, key), (lines) =>
      Option.isSome(output) && output.value !== "-" ? deliver(output, written(lines)) : printHistory(lines)
    )
).pipe(
  Command.withExamples([
    { command: "keystate history alias/orders -o orders.ndjson", description: "Save the history of a key" },
    {
      command: "keystate diagram --history orders.ndjson --at 3 -o then.svg",
      description: "Draw the key as it was after event 3"
    }
  ])
)
