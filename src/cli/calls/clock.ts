/** `keystate clock`: see and move the lifecycle clock of a running server. */
import { Argument, Command, Flag } from "effect/cli"
import { Console, Effect } from "effect"
import type { OperationName } from "../../operation/catalogue.ts"
import { askServer } from "./client.ts"
import { text, userError } from "../settings/settings.ts"

const endpoint = text("endpoint", "endpoint", "URL of the server").pipe(Flag.withDefault("http://127.0.0.1:8787"))

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
  { endpoint, by: Argument.String("span").pipe(Argument.withDescription("How far: 8d, 36h, 90m, 30s")) },
  (settings) => ask(settings.endpoint, "AdvanceClock", { By: settings.by })
).pipe(Command.withDescription("Move on, carrying out every deadline on the way"))

export const clock = Command.make("clock").pipe(
  Command.withDescription("See the lifecycle clock of a server, move a virtual one, decide on a real one"),
  Command.withSubcommands([
    plain("show", "ShowClock", "Show the clock and the next deadline"),
    plain("freeze", "FreezeClock", "Stop the clock where it stands"),
    plain("resume", "ResumeClock", "Let the clock run on with real time"),
    advance,
    plain(
      "confirm",
      "ConfirmClock",
      "Say that the machine's clock is right after it jumped: lifecycle time follows it"
    ),
    plain(
      "reject",
      "RejectClock",
      "Say that the later time is wrong after the clock jumped: nothing it made due is done"
    ),
    plain("next", "AdvanceClockToNextDeadline", "Move to the next deadline and carry it out")
  ])
)
