/** The error of a call in words, with its code and hint. */
import type { CliError } from "effect/cli"
import { isKmsError } from "../../domain/errors.ts"
import { userError } from "../output/userError.ts"

export const refusedBy = (error: { readonly message: string }): CliError.UserError => {
  if (!isKmsError(error)) return userError(error.message)
  const { code, hint, httpStatus: status, message: sentence } = error
  const advice = hint === undefined ? "" : `\n  ${hint}`
  const details = { sentence, code, status, ...(hint === undefined ? {} : { hint }) }
  return userError(`${code} (${status}): ${sentence}${advice}`, details)
}
