/** The error of a command that was called wrongly. */
import { CliError } from "effect/cli"

/** Prints the sentence and ends the command with exit code 1. */
export const userError = (message: string): CliError.UserError =>
  new CliError.UserError({ cause: new Error(message), userMessage: message })
