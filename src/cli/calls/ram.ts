/** `keystate ram`: accounts, users, groups, roles, policies and access keys, on a server or a data directory. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { perform } from "./kms.ts"
import { foldedFlags, targetFlags } from "./target.ts"
import { listed } from "./operationTable.ts"
import { assume, groups, issue, whoami } from "./ramCommands.ts"
import type { Row, Written } from "./ramCommands.ts"
import { readable } from "../output/readable.ts"
import { FoldedFlags } from "../output/help.ts"
import { contentOf } from "../output/input.ts"
import { printReply, replyOf } from "../output/print.ts"
import { confirmed, yesFlag } from "../output/confirm.ts"
import { jsonFlag } from "../settings/flags.ts"

/** The operation of a row. */
const known = ({ api = "ram", operation }: Row) => listed(api, operation)

const parameterOf = (row: Row, parameter: string, { as, name }: Written) => {
  const found = known(row).parameters[parameter]
  if (found === undefined) throw new Error(`${row.operation} has no parameter ${parameter}`)
  const isDocument = as === "document" || as === "optional document"
  const form = isDocument ? `${found.form}, @FILE or -` : found.form
  const need = as.startsWith("optional") ? "Optional" : "Required"
  const described = `${found.about} ${need}: ${form}.`
  if (as === "argument") {
    return Argument.String(name).pipe(
      Argument.withDescription(described),
      Argument.map((given) => Option.some(given))
    )
  }
  const written = Flag.String(name).pipe(Flag.withDescription(described))
  return as === "optional flag" || as === "optional document"
    ? Flag.optional(written)
    : Flag.map(written, (given) => Option.some(given))
}

/** A reply without content is printed as "done". */
const linesOf =
  ({ quiet }: Row) =>
  (reply: object): ReadonlyArray<string> => {
    const lines = quiet === true ? [] : readable(reply)
    return lines.length === 0 ? ["done"] : lines
  }

const isDestroying = ({ operation }: Row): boolean => operation.startsWith("Delete")

/** `--yes`, for commands that ask for confirmation. */
const sureFlag = (row: Row): { readonly sure?: typeof yesFlag } => (isDestroying(row) ? { sure: yesFlag } : {})

const commandOf = (row: Row) => {
  const { command, api = "ram", operation, parameters = {}, fixed = {}, complete } = row
  const given = Object.fromEntries(
    Object.entries(parameters).map(([name, written]) => [name, parameterOf(row, name, written)])
  )
  return Command.make(command, { given, json: jsonFlag, ...sureFlag(row), target: targetFlags }, (settings) =>
    Effect.gen(function* () {
      if (isDestroying(row)) yield* confirmed(`${known(row).about} Continue?`, settings.sure ?? false)
      const asked: Record<string, string> = { ...fixed }
      for (const [name, value] of Object.entries(settings.given)) {
        if (Option.isNone(value)) continue
        const isDocument = parameters[name]?.as.endsWith("document") === true
        asked[name] = isDocument ? yield* contentOf(value.value, "The policy document") : value.value
      }
      const completed = complete === undefined ? asked : yield* complete(settings.target, asked)
      const reply = yield* perform(settings.target, operation, completed, api)
      const normally = settings.json ? "json" : "table"
      yield* printReply({ ...replyOf(operation, reply, normally), table: linesOf(row) })
    })
  ).pipe(Command.withDescription(known(row).about), Command.annotate(FoldedFlags, foldedFlags))
}

/** `policy` as "Manage policies". */
const aboutGroup = (name: string): string => {
  const noun = name.replaceAll("-", " ")
  return `Manage ${noun.endsWith("cy") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}

const groupOf = (name: string, rows: ReadonlyArray<Row>) => {
  const [first, ...rest] = rows.map(commandOf)
  if (first === undefined) throw new Error(`the group ${name} is not empty`)
  return Command.make(name).pipe(Command.withDescription(aboutGroup(name)), Command.withSubcommands([first, ...rest]))
}

export const ram = Command.make("ram").pipe(
  Command.withSubcommands([
    commandOf(issue),
    commandOf(assume),
    commandOf(whoami),
    ...Object.entries(groups).map(([name, rows]) => groupOf(name, rows))
  ]),
  Command.withExamples([
    { command: "keystate ram user create alice", description: "A user without permissions" },
    { command: "keystate ram policy create readers --document @readers.json", description: "A policy from a file" },
    { command: "keystate ram access-key create --user alice", description: "The secret is shown once" }
  ])
)
