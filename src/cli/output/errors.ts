/** Errors of a command on standard error: sentences for people, or a line of JSON. */
import { Console } from "effect"
import type { Effect } from "effect"
import { CliOutput } from "effect/cli"
import type { CliError } from "effect/cli"
import { readable } from "./readable.ts"
import type { Style } from "./style.ts"
import { detailsOf } from "./userError.ts"
import type { ErrorDetails } from "./userError.ts"

/** The line of JSON; `docs/command-output.md` describes it. */
const errorLine = (written: string, { sentence, ...details }: ErrorDetails = {}): string => {
  // The advice is on the lines after the sentence.
  const [first = "", ...advice] = written.split("\n  ")
  const hint = advice.length === 0 ? {} : { hint: advice.join(" ") }
  return JSON.stringify({ error: { message: sentence ?? first, ...hint, ...details } })
}

const people = CliOutput.defaultFormatter()

/** Findings in a store follow the sentence. */
const withFindings = (text: string, { findings = [] }: ErrorDetails): string =>
  findings.length === 0 ? text : `${text}\n\n${readable({ findings }).join("\n")}`

const sentencesOf = (errors: ReadonlyArray<CliError.CliError>): string => errors.map(({ message }) => message).join(" ")

export const formatterOf = ({ isJson }: Style): CliOutput.Formatter =>
  isJson
    ? {
        ...people,
        formatCliError: (error) => errorLine(error.message),
        formatError: (error) => errorLine(error.message, detailsOf(error)),
        formatErrors: (errors) => errorLine(sentencesOf(errors), { hint: "See --help." })
      }
    : {
        ...people,
        formatError: (error) => withFindings(people.formatError(error), detailsOf(error)),
        formatErrors: (errors) => `${people.formatErrors(errors)}\n\nSee --help.`
      }

/** Prints the message of an error that ends the command with its own exit code. */
export const printError = (style: Style, message: string): Effect.Effect<void> =>
  Console.error(style.isJson ? errorLine(message) : message)
