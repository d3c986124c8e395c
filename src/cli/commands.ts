/** Every command of `keystate`, and what they need to run. */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Console, Context, Effect, Layer, Logger } from "effect"
import { CliOutput, Command } from "effect/cli"
import { audit } from "./data/audit.ts"
import { backup } from "./data/backup.ts"
import { clock } from "./calls/clock.ts"
import { conformance } from "./conformance.ts"
import { demo } from "./server/demo.ts"
import { diagram } from "./diagram/diagram.ts"
import { explain } from "./calls/explain.ts"
import { history } from "./data/history.ts"
import { hsm } from "./data/hsm.ts"
import { migrate } from "./data/migrate.ts"
import { restore } from "./data/restore.ts"
import { kms } from "./calls/kms.ts"
import { nodes } from "./data/nodes.ts"
import { seed } from "./data/seed.ts"
import { ram } from "./calls/ram.ts"
import { serve } from "./server/serve.ts"
import { verify } from "./data/verify.ts"
import { inWords } from "./settings/sources.ts"

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
    backup,
    restore,
    migrate,
    nodes,
    seed,
    hsm,
    history,
    conformance,
    diagram
  ])
)

/** Only the result goes to stdout. Errors go to stderr. */
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

/** What the commands need: files, a terminal, child processes and logging. */
export const layer = Layer.mergeAll(
  platform,
  NodeChildProcessSpawner.layer.pipe(Layer.provide(platform)),
  CliOutput.layerPresenter(presenter),
  Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
)
