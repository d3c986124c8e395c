/** Every command of `keystate`, and what they need to run. */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Console, Context, Effect, Layer, Logger } from "effect"
import { CliOutput, Command } from "effect/cli"
import { audit } from "./audit.ts"
import { clock } from "./clock.ts"
import { conformance } from "./conformance.ts"
import { demo } from "./demo.ts"
import { diagram } from "./diagram.ts"
import { explain } from "./explain.ts"
import { history } from "./history.ts"
import { hsm } from "./hsm.ts"
import { kms } from "./kms.ts"
import { seed } from "./seed.ts"
import { ram } from "./ram.ts"
import { serve } from "./serve.ts"
import { verify } from "./verify.ts"
import { inWords } from "./settings.ts"

export const keystate = Command.make("keystate").pipe(
  Command.withDescription("A key management service whose keys cannot be in a wrong state"),
  Command.withSubcommands([
    serve,
    demo,
    kms,
    ram,
    explain,
    clock,
    audit,
    verify,
    seed,
    hsm,
    history,
    conformance,
    diagram
  ])
)

/** Only what was asked for goes to stdout; help that answers a mistake goes to stderr with the mistake. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    Effect.gen(function* () {
      const context = yield* Effect.context<never>()
      const formatter = Context.getOrUndefined(context, CliOutput.Formatter) ?? CliOutput.defaultFormatter()
      switch (event._tag) {
        case "Help":
          return yield* Console.log(formatter.formatHelpDoc(event.helpDoc))
        case "Version":
          return yield* Console.log(formatter.formatVersion(event.name, event.version))
        case "InvalidInvocation":
          return yield* Console.error(`${formatter.formatErrors(event.errors.map(inWords))}\n\nSee --help.`)
        default:
          return event satisfies never
      }
    })
}

const platform = Layer.mergeAll(NodeStdio.layer, NodeTerminal.layer, NodePath.layer, NodeFileSystem.layer)

/** What the commands need: files, a terminal, and where their words go. */
export const layer = Layer.mergeAll(
  platform,
  NodeChildProcessSpawner.layer.pipe(Layer.provide(platform)),
  CliOutput.layerPresenter(presenter),
  Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
)
