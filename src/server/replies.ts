/** The answer of a request: the reply or the refusal, in the format that the request named. */
import type { Exit } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { ApiName } from "../operation/apis.ts"
import type { Reply } from "../requests/dispatch.ts"
import { refusalReply, successReply } from "../wire/envelope.ts"
import { headerOf } from "../wire/headers.ts"
import type { Headers } from "../wire/headers.ts"
import type { Format } from "../wire/rpcRequest.ts"

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly requestId: string
}

export const refusal = (
  headers: Headers,
  error: AnyKmsError,
  requestId: string,
  format: Format | undefined
): Answer => ({
  ...refusalReply({ error, requestId, host: headerOf(headers, "host"), format }),
  requestId
})

/** The root element of a successful XML reply: KMS has its own names, RAM and STS use the operation's. */
const rootOf = ({ action, api }: { readonly action: string; readonly api: ApiName }): string =>
  api === "kms" ? "KMS" : `${action}Response`

interface AnsweredRequest {
  readonly api: ApiName
  readonly action: string
  readonly format: Format
}

export const answerOf = (
  exit: Exit.Exit<Reply, AnyKmsError>,
  request: AnsweredRequest,
  headers: Headers,
  requestId: string
): { readonly answer: Answer; readonly code: string } => {
  const { format } = request
  if (exit._tag === "Success") {
    return { answer: { ...successReply(exit.value, format, rootOf(request)), requestId }, code: "Success" }
  }
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  const error = failure?.error ?? refuse("InternalFailure")
  return { answer: refusal(headers, error, requestId, format), code: error.code }
}
