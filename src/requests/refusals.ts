/** Errors of a call that its operation does not decide. */
import { Cause, Effect } from "effect"
import { auditWaitingMax } from "../audit/audit.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { apis } from "../operation/apis.ts"
import type { CallRequest } from "./callUnderWay.ts"

/** The error for an unknown operation. The hint names an alternative if there is one. */
export const notFound = ({ api = "kms", operation }: CallRequest): AnyKmsError => {
  const { unsupported } = apis[api]
  const hint = Object.hasOwn(unsupported, operation) ? unsupported[operation] : undefined
  return refuse("InvalidAction.NotFound", hint === undefined ? {} : { hint })
}

/** Refuses a change in advance if its answer, which may repeat the request, cannot be written in the format. */
export const unwritableRequest = ({ source, unwritable }: CallRequest): AnyKmsError | undefined =>
  unwritable?.(Object.fromEntries([...source.names()].map((name) => [name, source.get(name)])))

/** The audit log has no gaps: a call that cannot be recorded is not performed. */
export const unrecordable = (): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", {
    hint: `${auditWaitingMax} audit records wait for disk space, and no more are accepted. Free disk space on the server.`
  })

export const withRequestId = (error: AnyKmsError, requestId: string): AnyKmsError => {
  Object.defineProperty(error, "requestId", { value: requestId, enumerable: true, configurable: true })
  return error
}

/** A bug: the log gets the trace, the caller only an internal failure. */
export const defective = (requested: CallRequest, defect: unknown): Effect.Effect<never, AnyKmsError> =>
  Effect.logError(
    `request ${requested.requestId} (${requested.operation}) failed: ${Cause.pretty(Cause.die(defect))}`
  ).pipe(
    Effect.andThen(
      Effect.fail(refuse("InternalFailure", { hint: "The server's log has an entry with the request id." }))
    )
  )
