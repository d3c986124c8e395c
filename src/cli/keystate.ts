/** The `keystate` command. */
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import { ConfigProvider, Console, Effect, Runtime } from "effect"
import { CliOutput, Command } from "effect/cli"
import { keystateFor, layer } from "./commands.ts"
import { provider } from "./settings/sources.ts"
import { version } from "../domain/version.ts"

/** A reader such as `head` may close the pipe early. That ends the command without an error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
  process.exit(0)
})

/** Messages without a reader are lost; the command goes on. */
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

/** Settings that cannot be read are an error like any other; no command runs without them. */
const settings = provider(process.env).pipe(
  Effect.tapError((error) => Console.error(CliOutput.defaultFormatter().formatError(error))),
  Effect.mapError((error) => Object.assign(error, { [Runtime.errorReported]: false }))
)

/** SIGTERM ends a server with exit code 0; Ctrl-C ends every command with 130. */
let wasAskedToStop = false
process.once("SIGTERM", () => {
  wasAskedToStop = true
})
const teardown: Runtime.Teardown = (exit, onExit) =>
  Runtime.defaultTeardown(exit, (code) => onExit(code === 130 && wasAskedToStop ? 0 : code))

const words = process.argv.slice(2)

Effect.gen(function* () {
  const found = yield* settings
  const keystate = yield* Effect.promise(() => keystateFor(words))
  const run = Command.runWith(keystate, { version })
  yield* Effect.provideService(run(words), ConfigProvider.ConfigProvider, found)
}).pipe(Effect.provide(layer), (main) => NodeRuntime.runMain(main, { teardown }))
