/** `keystate clock`: shows and moves the lifecycle clock of a running server. */
import { Argument, Command } from "effect/cli"
import { Console, Effect } from "effect"
import type { OperationName } from "../../operation/catalogue.ts"
import { askServer } from "./client.ts"
import { userError } from "../output/userError.ts"
import { text } from "../settings/flags.ts"

const endpoint = text({ flag: "endpoint", setting: "endpoint", about: "URL of the server" }, "http://127.0.0.1:8787")

const ask = (url: string, operation: OperationName, parameters: Readonly<Record<string, string>> = {}) =>
  askServer(url, { operation, parameters }, process.env).pipe(
    Effect.flatMap((reply) => Console.log(JSON.stringify(reply, null, 2))),
    Effect.catch((error) =>
      Effect.fail(
        userError("hint" in error && error.hint !== undefined ? `${error.message} ${error.hint}` : error.message)
      )
    )
  )

const plain = (name: string, operation: OperationName, about: string) =>
  Command.make(name, { endpoint }, (settings) => ask(settings.endpoint, operation)).pipe(Command.withDescription(about))

const advance = Command.make(
  "advance",
  { endpoint, by: Argument.String("span").pipe(Argument.withDescription("How far: 8d, 36h, 90m or 30s")) },
  (settings) => ask(settings.endpoint, "AdvanceClock", { By: settings.by })
).pipe(Command.withDescription("Move a virtual clock forward and perform every deadline on the way"))

export const clock = Command.make("clock").pipe(
  Command.withSubcommands([
    plain("show", "ShowClock", "Show the clock and the next deadline"),
    plain("freeze", "FreezeClock", "Stop a virtual clock"),
    plain("resume", "ResumeClock", "Let a stopped virtual clock run again"),
    advance,
    plain("confirm", "ConfirmClock", "After a jump of the real clock: trust the later time and perform what is due"),
    plain(
      "reject",
      "RejectClock",
      "After a jump of the real clock: reject the later time; deadlines that only it made due are not performed"
    ),
    plain("next", "AdvanceClockToNextDeadline", "Move a virtual clock to the next deadline and perform it")
  ])
)
