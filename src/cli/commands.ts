/** Every command of `keystate`, and the services that the commands need. */
import * as NodeChildProcessSpawner from "@effect/platform-node-shared/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as NodePath from "@effect/platform-node-shared/NodePath"
import * as NodeStdio from "@effect/platform-node-shared/NodeStdio"
import * as NodeTerminal from "@effect/platform-node-shared/NodeTerminal"
import { Console, Context, Effect, Layer, Logger } from "effect"
import { CliConfig, CliError, CliOutput, Command, Completions, Flag, GlobalFlag } from "effect/cli"
import type { HelpDoc } from "effect/cli"
import { print } from "./output/print.ts"
import { invalidInvocation } from "./output/errors.ts"
import { Style, styleFlags } from "./output/style.ts"
import { inWords } from "./settings/sources.ts"

/** A command, whose module is loaded when the command is chosen. */
const command = <Name extends string, Input, Context, E, R>(
  about: string,
  load: () => Promise<Command.Command<Name, Input, Context, E, R>>
) => ({ about, load: async () => Command.withDescription(await load(), about) })

/** Every command by its name, in the order of the help. */
export const commands = {
  serve: command(
    "Run the key management service over HTTP or HTTPS",
    async () => (await import("./server/serve.ts")).serve
  ),
  demo: command(
    "Run a server with sample keys in memory and a clock you can advance",
    async () => (await import("./server/demo.ts")).demo
  ),
  health: command(
    "Say whether a running server can do its work; ends with 1 if it cannot",
    async () => (await import("./calls/health.ts")).health
  ),
  kms: command("Call an operation of the KMS API", async () => (await import("./calls/kms.ts")).kms),
  ram: command(
    "Manage accounts, users, groups, roles, policies and access keys",
    async () => (await import("./calls/ram.ts")).ram
  ),
  explain: command(
    "Explain why a principal may or may not call an operation",
    async () => (await import("./calls/explain.ts")).explain
  ),
  clock: command(
    "Show the lifecycle clock of a server, move a virtual clock, or decide about a jump of a real clock",
    async () => (await import("./calls/clock.ts")).clock
  ),
  audit: command(
    "Print the audit log as lines of JSON: who called what, and the outcome",
    async () => (await import("./data/audit.ts")).audit
  ),
  verify: command(
    "Check a data directory, a database or a backup: replay every journal, check every hash, deadline and sealed secret",
    async () => (await import("./data/verify.ts")).verify
  ),
  backup: command(
    "Write all keys, aliases, users, deadlines and logs of a store into one file, without the root key",
    async () => (await import("./data/backup.ts")).backup
  ),
  restore: command(
    "Create a new store from a backup. The backup is checked first; an existing store is not changed",
    async () => (await import("./data/restore.ts")).restore
  ),
  copy: command(
    "Copy a store from a directory to a PostgreSQL database, or back. The copy is verified before it is visible",
    async () => (await import("./data/copy.ts")).copy
  ),
  reseal: command(
    "Seal all keys and secrets of a store under a new root key. No server may be using the store",
    async () => (await import("./data/reseal.ts")).reseal
  ),
  migrate: command(
    "Make or update the tables of a PostgreSQL database; once for each release",
    async () => (await import("./data/migrate.ts")).migrate
  ),
  nodes: command(
    "List the servers that use a PostgreSQL database, and when each was last seen",
    async () => (await import("./data/nodes.ts")).nodes
  ),
  seed: command(
    "Make seeds: files of keys for tests and development",
    async () => (await import("./data/seed.ts")).seed
  ),
  hsm: command("Check keys in a PKCS#11 token", async () => (await import("./data/hsm.ts")).hsm),
  history: command(
    "Print every event of a key as lines of JSON",
    async () => (await import("./data/history.ts")).history
  ),
  conformance: command(
    "Test a key management service and print a minimal counterexample for each failure",
    async () => (await import("./conformance.ts")).conformance
  ),
  diagram: command(
    "Draw a machine, the state of a key, or a path of operations",
    async () => (await import("./diagram/diagram.ts")).diagram
  ),
  config: command(
    "Show the settings with which serve would start, and where each value comes from",
    async () => (await import("./settings/config.ts")).config
  ),
  doctor: command(
    "Check whether this machine has what the command needs; changes nothing",
    async () => (await import("./doctor.ts")).doctor
  ),
  help: command("Show the help of keystate, or of a command", async () => Command.make("help")),
  version: command("Show the version", async () => Command.make("version"))
} as const

type CommandName = keyof typeof commands

const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name)

/** Whether the word is `--wizard`, which reads the flags of every command. */
export const needsAll = (word: string): boolean => /^--wizard(=|$)/.test(word)

/** The parser never sees this flag with a value: completion is answered before parsing. */
const completionsFlag = GlobalFlag.Setting("completions")({
  flag: Flag.Literals("completions", ["bash", "zsh", "fish"]).pipe(
    Flag.withDescription("Print the script for completions in a shell"),
    Flag.optional
  )
})

const isHelpFlag = (word: string): boolean => word === "--help" || word === "-h"

/** Treats `help serve` as `serve --help`, and `version` as `--version`. */
export const asFlags = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, ...rest] = words
  if (first === "version") return ["--version", ...rest]
  if (first === "help") return [...rest, "--help"]
  return first === undefined ? ["--help"] : words
}

/**
 * Leaves out `--help` after a name that is no subcommand. The parser would print the help of the command before the name;
 * without the flag it refuses the name.
 */
export const withoutUnknownHelp = (
  keystate: Command.Command.Any,
  words: ReadonlyArray<string>
): ReadonlyArray<string> => {
  if (!words.some(isHelpFlag)) return words
  let command = keystate
  for (const word of words) {
    if (word.startsWith("-")) return words
    const below: ReadonlyArray<Command.Command.Any> = command.subcommands.flatMap(({ commands: all }) => [...all])
    const found = below.find(({ name }) => name === word)
    if (found === undefined) {
      const isArgument = below.length === 0 || Completions.fromCommand(command).arguments.length > 0
      return isArgument ? words : words.filter((given) => !isHelpFlag(given))
    }
    command = found
  }
  return words
}

const about =
  "A key management service whose keys cannot be in a wrong state\n\n" +
  "  A running server has the documentation at /docs/, such as http://127.0.0.1:8787/docs/."

/** How a newcomer begins. */
const examples = [
  { command: "keystate demo", description: "Try it: sample keys in memory, and a clock you can advance" },
  { command: "keystate serve", description: "Keys in ./.keystate, on http://127.0.0.1:8787" },
  {
    command: "keystate kms CreateKey --endpoint http://127.0.0.1:8787",
    description: "Call the server, with its access key in the environment"
  },
  { command: "keystate help serve", description: "The settings of a command" }
]

/**
 * The command line, with the flags of the command that `words` select. Other commands have only their name and text.
 */
export const keystateFor = async (words: ReadonlyArray<string>) => {
  // A flag may precede the command. Its value is not the name of a command; otherwise the command line is refused.
  const chosen = words.find(isCommandName)
  const isWhole = words.some(needsAll)
  const rows = Object.entries(commands).map(([name, { about, load }]) =>
    isWhole || name === chosen ? load() : Command.make(name).pipe(Command.withDescription(about))
  )
  const keystate = Command.make("keystate").pipe(
    Command.withDescription(about),
    Command.withSubcommands(await Promise.all(rows)),
    Command.withExamples(examples)
  )
  return Command.withGlobalFlags(keystate, [...styleFlags, completionsFlag])
}

/** The words of the command line. */
export const Words = Context.Reference<ReadonlyArray<string>>("keystate/cli/Words", { defaultValue: () => [] })

/** The parser reports one missing flag; a user wants to know them all. */
const allMissing = (
  errors: ReadonlyArray<CliError.CliError>,
  words: ReadonlyArray<string>,
  help: HelpDoc.HelpDoc
): ReadonlyArray<CliError.CliError> => {
  const isMissing = errors.some(({ _tag }) => _tag === "MissingOption" || _tag === "MissingArgument")
  if (!isMissing) return errors
  const isGiven = (name: string): boolean => words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`))
  const missing = help.flags.filter(({ name, required }) => required && !isGiven(name))
  return [
    ...errors.filter(({ _tag }) => _tag !== "MissingOption"),
    ...missing.map(({ name }) => new CliError.MissingOption({ option: name }))
  ]
}

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
          return yield* print("version", {
            value: { name: event.name, version: event.version },
            normally: "table",
            table: (shown) => [formatter.formatVersion(shown.name, shown.version)]
          })
        case "InvalidInvocation": {
          const errors = allMissing(event.errors, yield* Words, event.helpDoc)
          return yield* Console.error(invalidInvocation(yield* Style, errors.map(inWords), event.commandPath))
        }
        default:
          return event satisfies never
      }
    })
}

const platform = Layer.mergeAll(NodeStdio.layer, NodeTerminal.layer, NodePath.layer, NodeFileSystem.layer)

/** The services of the commands: files, a terminal, child processes and logging. */
export const layer = Layer.mergeAll(
  platform,
  NodeChildProcessSpawner.layer.pipe(Layer.provide(platform)),
  CliOutput.layerPresenter(presenter),
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Wizard] }),
  Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])
)
