/** A call with DryRun: it makes every check of the call itself, and answers with an error that names the outcome. */
import { Effect } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorCode } from "../domain/errors.ts"
import { boolean } from "../operation/parameters.ts"
import type { Source } from "../operation/parameters.ts"

/** A value that is not a boolean is refused by the operation, like every invalid value. */
export const isRehearsal = (source: Source): boolean => boolean.read(source.get("DryRun")) === true

/** API, DryRun: two kinds of error have separate codes. All other codes are more precise than these. */
const codes: Partial<Readonly<Record<ErrorCode, "ValidationError" | "AccessDeniedError">>> = {
  MissingParameter: "ValidationError",
  InvalidParameter: "ValidationError",
  "Unsupported.Alias": "ValidationError",
  "Forbidden.NoPermission": "AccessDeniedError"
}

const inItsWords = (error: AnyKmsError): AnyKmsError => {
  const code = codes[error.code]
  if (code === undefined) return error
  const { parameter, resource, hint, message } = error
  return refuse(code, {
    detail: message,
    ...(parameter === undefined ? {} : { parameter }),
    ...(resource === undefined ? {} : { resource }),
    ...(hint === undefined ? {} : { hint })
  })
}

/** The outcome of a dry run. The answer of the call is discarded. */
export const rehearsed = (handled: Effect.Effect<object, AnyKmsError>): Effect.Effect<never, AnyKmsError> =>
  handled.pipe(
    Effect.mapError(inItsWords),
    Effect.andThen(Effect.fail(refuse("DryRunOperationError", { hint: "Leave DryRun out to perform the call." })))
  )
