/** A call with DryRun: every check is made as for the call itself, and the answer is a refusal that tells what it found. */
import { Effect } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorCode } from "../domain/errors.ts"
import { boolean } from "../operation/parameters.ts"
import type { Source } from "../operation/parameters.ts"

/** A value that is no boolean is refused by the operation like every wrong value. */
export const isRehearsal = (source: Source): boolean => boolean.read(source.get("DryRun")) === true

/** API, DryRun: two kinds of refusal have codes of their own. Every other code says more than they would. */
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

/** The outcome of a rehearsal. What the call would have answered is dropped. */
export const rehearsed = (handled: Effect.Effect<object, AnyKmsError>): Effect.Effect<never, AnyKmsError> =>
  handled.pipe(
    Effect.mapError(inItsWords),
    Effect.andThen(Effect.fail(refuse("DryRunOperationError", { hint: "Leave DryRun out to carry the call out." })))
  )
