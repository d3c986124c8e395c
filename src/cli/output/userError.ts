/** Errors in the use of a command. */
import { CliError } from "effect/cli"

/** The parts of an error in JSON, in addition to the sentence. */
export interface ErrorDetails {
  /** The sentence without code and hint. */
  readonly sentence?: string
  /** An error code of the API. */
  readonly code?: string
  /** Its HTTP status. */
  readonly status?: number
  readonly hint?: string
  /** Findings in a store. */
  readonly findings?: ReadonlyArray<unknown>
}

class Explained extends Error {
  readonly details: ErrorDetails
  constructor(message: string, details: ErrorDetails) {
    super(message)
    this.details = details
  }
}

/** Prints the sentence and ends the command with exit code 1. */
export const userError = (message: string, details: ErrorDetails = {}): CliError.UserError =>
  new CliError.UserError({ cause: new Explained(message, details), userMessage: message })

/** Why the text of a file cannot be used. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof SyntaxError) return "it is not JSON."
  return error instanceof Error ? error.message : String(error)
}

/** The details of an error that `userError` created. */
export const detailsOf = (error: unknown): ErrorDetails =>
  error instanceof CliError.UserError && error.cause instanceof Explained ? error.cause.details : {}
