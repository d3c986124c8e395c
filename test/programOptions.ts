/** The options of the programs that npm scripts of this repository run: one table is their parser and their `--help`. */
import { parseArgs } from "node:util"

interface Option {
  readonly type: "string" | "boolean"
  readonly about: string
  readonly default?: string | boolean | Array<string>
  readonly multiple?: boolean
}

type Options = Readonly<Record<string, Option>>

const defaultIn = ({ default: value }: Option): string => (typeof value === "string" ? ` (default: ${value})` : "")

const optionLines = (options: Options): ReadonlyArray<string> => {
  const rows = Object.entries(options).map(([name, option]) => ({
    name: `--${name}${option.type === "string" ? " VALUE" : ""}`,
    about: `${option.about}${defaultIn(option)}`
  }))
  rows.push({ name: "--help", about: "prints this text" })
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`)
}

interface About<O extends Options> {
  /** The command in full, with the names of its arguments. */
  readonly command: string
  readonly does: string
  readonly options: O
}

const helpOf = ({ command, does, options }: About<Options>): string =>
  [command, "", does, "", ...optionLines(options), ""].join("\n")

/** Prints the help and ends the process if the arguments have `--help`. */
export const answerHelp = (about: About<Options>): void => {
  if (!process.argv.slice(2).some((word) => word === "--help" || word === "-h")) return
  process.stdout.write(helpOf(about))
  process.exit(0)
}

/** The options and arguments of this process. `--help` and a wrong option end the process. */
export const programOptions = <const O extends Options>(about: About<O>, takesWords = false) => {
  answerHelp(about)
  try {
    const parsed = parseArgs({ options: about.options, allowPositionals: true })
    const [word] = parsed.positionals
    if (word !== undefined && !takesWords) throw new Error(`Unexpected argument '${word}'.`)
    return parsed
  } catch (failure) {
    process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n\n${helpOf(about)}`)
    process.exit(2)
  }
}
