/** The `keystate` command. */
import * as NodeRuntime from "@effect/platform-node-shared/NodeRuntime"
import { ConfigProvider, Console, Effect, Runtime } from "effect"
import { CliOutput, Command } from "effect/cli"
import { formatterOf } from "./output/errors.ts"
import { Style, styleOf } from "./output/style.ts"
import { Words, asFlags, keystateFor, layer, needsAll, withoutUnknownHelp } from "./commands.ts"
import { isTerminal } from "./output/terminal.ts"
import { userError } from "./output/userError.ts"
import { provider } from "./settings/sources.ts"
import { version } from "../domain/version.ts"

/** A reader such as `head` may close the pipe early. That ends the command without an error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  console.error(formatter.formatError(userError(`Standard output cannot be written: ${error.message}.`)))
  process.exit(1)
})

/** Without a reader, messages are lost and the command continues. */
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

const words = asFlags(process.argv.slice(2))
const style = styleOf(words)
const formatter = formatterOf(style)

/** Unreadable settings are an ordinary error; no command runs without its settings. */
const settings = provider(process.env).pipe(
  Effect.tapError((error) => Console.error(formatter.formatError(error))),
  Effect.mapError((error) => Object.assign(error, { [Runtime.errorReported]: false }))
)

/** SIGTERM ends a server with exit code 0; Ctrl-C ends every command with 130. */
let wasAskedToStop = false
process.once("SIGTERM", () => {
  wasAskedToStop = true
})
const teardown: Runtime.Teardown = (exit, onExit) =>
  Runtime.defaultTeardown(exit, (code) => onExit(code === 130 && wasAskedToStop ? 0 : code))

/** Whether a shell asks for the candidates of a word. */
const isCompletion = words[0] === "--complete"

/** The shell named by `--completions SHELL` or `--completions=SHELL`; undefined for other words. */
const shellOf = (given: ReadonlyArray<string>): string | undefined => {
  if (isCompletion) return undefined
  const at = given.findIndex((word) => /^--completions(=|$)/.test(word))
  const [flag = "", next = ""] = at === -1 ? [] : given.slice(at)
  return flag === "--completions" ? next : /^--completions=(.*)$/.exec(flag)?.[1]
}

/** Answers a completion request of a shell. */
const answerShell = Effect.gen(function* () {
  const { candidates, completionScript } = yield* Effect.promise(() => import("./completion.ts"))
  const { ending } = yield* Effect.promise(() => import("./output/ending.ts"))
  const shell = shellOf(words)
  if (shell !== undefined) {
    const script = completionScript(shell)
    if (script === undefined) return yield* ending(1, "--completions takes bash, zsh or fish.")
    return yield* Console.log(script.trimEnd())
  }
  const begun = words.slice(1)
  const command = yield* Effect.promise(() => keystateFor(begun))
  return yield* Effect.forEach(candidates(command, begun), (one) => Console.log(one), { discard: true })
})

/** The wizard moves the cursor of the terminal. */
const isInteractive = isTerminal(process.stdin) && isTerminal(process.stdout)

const isForShell = isCompletion || shellOf(words) !== undefined

Effect.gen(function* () {
  if (isForShell) return yield* answerShell
  if (words.some(needsAll) && !isInteractive) {
    const { ending } = yield* Effect.promise(() => import("./output/ending.ts"))
    return yield* ending(1, "--wizard asks questions, and needs a terminal for them and for the answers.")
  }
  const found = yield* settings
  const keystate = yield* Effect.promise(() => keystateFor(words))
  const run = Command.runWith(keystate, { version })
  const asked = withoutUnknownHelp(keystate, words)
  return yield* Effect.provideService(run(asked), ConfigProvider.ConfigProvider, found)
}).pipe(
  Effect.provide(layer),
  Effect.provideService(Style, style),
  Effect.provideService(Words, words),
  Effect.provide(CliOutput.layer(formatter)),
  (main) => NodeRuntime.runMain(main, { teardown })
)
