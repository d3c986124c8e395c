/** The help of a command, as text. */
import { Context } from "effect"
import { CliOutput } from "effect/cli"
import type { HelpDoc } from "effect/cli"
import { hasColors } from "./terminal.ts"
import { wrapped } from "./wrap.ts"

/** Flags that the help of a command names without their descriptions. */
export interface Folded {
  /** What precedes the names, such as "Without --endpoint, also". */
  readonly when: string
  /** The names, such as `--crypto`. */
  readonly flags: ReadonlyArray<string>
  /** The command whose help describes them. */
  readonly described: string
}

/** An annotation of a command. */
export const FoldedFlags = Context.Reference<Folded>("keystate/cli/FoldedFlags", {
  defaultValue: () => ({ when: "", flags: [], described: "" })
})

const formatter = CliOutput.defaultFormatter({ colors: hasColors(process.stdout) })

/** Shown in the help of `keystate` alone, although every command accepts them. */
const flagsOfRoot = new Set(["completions", "wizard"])

/** The widest column that the formatter gives to the names of subcommands, and its gap after them. */
const widestColumn = 20
const gap = 4

/** Fills up the column of a long name, so that all descriptions begin in one column. */
const aligned = (groups: ReadonlyArray<HelpDoc.SubcommandGroupDoc>): ReadonlyArray<HelpDoc.SubcommandGroupDoc> => {
  const width = gap + Math.max(0, ...groups.flatMap(({ commands }) => commands.map(({ name }) => name.length)))
  const inColumn = (command: HelpDoc.SubcommandDoc): HelpDoc.SubcommandDoc => {
    const missing = width - Math.max(Math.min(width, widestColumn), command.name.length + 1)
    return { ...command, shortDescription: " ".repeat(missing) + (command.shortDescription ?? command.description) }
  }
  return groups.map(({ commands: [first, ...rest], group }) => ({
    group,
    commands: [inColumn(first), ...rest.map(inColumn)] as const
  }))
}

/** The line about folded flags, between the flags of the command and the global flags. */
const withFolded = (help: string, { described, flags, when }: Folded): string =>
  flags.length === 0
    ? help
    : help.replace(/\n(?=\S*GLOBAL FLAGS)/, `\n  ${when} ${flags.join(", ")}. ${described} describes them.\n\n`)

/** The text of a help. On a terminal, its lines end between words. */
export const helpOf = (doc: HelpDoc.HelpDoc): string => {
  const isOfCommand = (doc.commandPath ?? []).length > 1
  const globalFlags = (doc.globalFlags ?? []).filter(({ name }) => !isOfCommand || !flagsOfRoot.has(name))
  const folded = Context.get(doc.annotations, FoldedFlags)
  const flags = doc.flags.filter(({ name }) => !folded.flags.includes(`--${name}`))
  const subcommands = doc.subcommands === undefined ? {} : { subcommands: aligned(doc.subcommands) }
  const help = formatter
    .formatHelpDoc({ ...doc, flags, globalFlags, ...subcommands })
    // The formatter has no blank line between subcommands and examples.
    .replace(/([^\n])\n(\S*EXAMPLES)/, "$1\n\n$2")
  const text = withFolded(help, folded)
  return process.stdout.isTTY ? wrapped(text, process.stdout.columns) : text
}
