/** The `keystate` command. */
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import { ConfigProvider, Console, Effect, Runtime } from "effect"
import { CliOutput, Command } from "effect/cli"
import { keystate, layer } from "./commands.ts"
import { provider } from "./settings/settings.ts"
import { version } from "./version.ts"

/** Whoever reads the output may have seen enough, as `head` has: that ends the command, and is no fault. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
  process.exit(0)
})

/** Without a reader, messages are lost, and the command goes on with its work. */
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

/** Settings that cannot be read are told like any other mistake; nothing runs with half of them. */
const settings = provider(process.env).pipe(
  Effect.tapError((error) => Console.error(CliOutput.defaultFormatter().formatError(error))),
  Effect.mapError((error) => Object.assign(error, { [Runtime.errorReported]: false }))
)

/** A service that was asked to stop, and stopped, has done what it was asked; Ctrl-C ends a command as it ends any other. */
let wasAskedToStop = false
process.once("SIGTERM", () => {
  wasAskedToStop = true
})
const teardown: Runtime.Teardown = (exit, onExit) =>
  Runtime.defaultTeardown(exit, (code) => onExit(code === 130 && wasAskedToStop ? 0 : code))

Effect.flatMap(settings, (found) =>
  Effect.provideService(Command.run(keystate, { version }), ConfigProvider.ConfigProvider, found)
).pipe(Effect.provide(layer), (main) => NodeRuntime.runMain(main, { teardown }))
