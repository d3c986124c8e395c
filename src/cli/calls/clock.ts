/** `keystate clock`: shows and moves the lifecycle clock of a running server. */
import { Argument, Command } from "effect/cli"
import { Effect } from "effect"
import type { OperationName } from "../../operation/catalogue.ts"
import { askServer } from "./client.ts"
import { printReply } from "../output/print.ts"
import { withElapsed } from "../output/progress.ts"
import { refusedBy } from "./refusedBy.ts"
import { text } from "../settings/flags.ts"

const endpoint = text({ flag: "endpoint", setting: "endpoint", about: "URL of the server" }, "http://127.0.0.1:8787")

const asked = (
  url: string,
  operation: OperationName,
  parameters: Readonly<Record<string, string>>,
  limit: { readonly limitMillis?: number } = {}
) =>
  askServer(url, { operation, parameters, ...limit }, process.env).pipe(
    Effect.catch((error) => Effect.fail(refusedBy(error)))
  )

const printed = (value: object): Effect.Effect<void> => printReply({ value, normally: "json" })

const plain = (name: string, operation: OperationName, about: string) =>
  Command.make(name, { endpoint }, (settings) => Effect.flatMap(asked(settings.endpoint, operation, {}), printed)).pipe(
    Command.withDescription(about)
  )

/** Moving the clock performs every deadline on the way, so no time limit applies. */
const moves = (url: string, operation: OperationName, parameters: Readonly<Record<string, string>> = {}) =>
  withElapsed("performing deadlines", asked(url, operation, parameters, { limitMillis: Number.POSITIVE_INFINITY }), {
    ifInterrupted: "The server may continue to move its clock: keystate clock show."
  }).pipe(Effect.flatMap(printed))

const advance = Command.make(
  "advance",
  { endpoint, by: Argument.String("span").pipe(Argument.withDescription("How far: 8d, 36h, 90m or 30s")) },
  (settings) => moves(settings.endpoint, "AdvanceClock", { By: settings.by })
).pipe(Command.withDescription("Move a virtual clock forward and perform every deadline on the way"))

const next = Command.make("next", { endpoint }, (settings) =>
  moves(settings.endpoint, "AdvanceClockToNextDeadline")
).pipe(Command.withDescription("Move a virtual clock to the next deadline and perform it"))

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
    next
  ])
)
