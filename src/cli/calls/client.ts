/** Sends one signed request to a server, and returns its reply or its error. */
import { randomUUID } from "node:crypto"
import { Data, Effect, Redacted } from "effect"
import { Clock } from "effect"
import { answers, refuse } from "../../domain/errors.ts"
import type { AnyKmsError, ErrorCode } from "../../domain/errors.ts"
import { formatInstant } from "../../domain/time.ts"
import type { ApiName } from "../../operation/apis.ts"
import { codeOf } from "../../platform/durableFiles.ts"
import { signV1 } from "../../wire/client.ts"
import { accessKeyFrom } from "../settings/accessKey.ts"
import { endpointFault, tlsFault } from "./endpoint.ts"
import { versionOf } from "./operationTable.ts"

export class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly message: string }> {}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(answers, code)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** The error in a reply. */
const refusalIn = (body: Readonly<Record<string, unknown>>): AnyKmsError | NoAnswer => {
  const { Code, Message, RequestId } = body
  if (!isErrorCode(Code)) return new NoAnswer({ message: `The server answered ${String(Code)}: ${String(Message)}` })
  const parameter = /"([A-Za-z.]+)"/.exec(String(Message))?.[1]
  return refuse(Code, {
    ...(parameter === undefined ? {} : { parameter }),
    ...(typeof body["Hint"] === "string" ? { hint: body["Hint"] } : {}),
    requestId: String(RequestId)
  })
}

interface CallRequest {
  readonly operation: string
  readonly parameters: Readonly<Record<string, string>>
  readonly api?: ApiName
  /** How long the answer may take. */
  readonly limitMillis?: number
}

const answerMillis = 30_000

/** Why a request had no answer. `fetch` puts the reason into the cause of its error. */
const unanswered = (endpoint: string, failure: unknown): string => {
  const cause: unknown = failure instanceof Error ? failure.cause : undefined
  const code = codeOf(cause) ?? ""
  if ((failure instanceof Error && failure.name === "TimeoutError") || code === "UND_ERR_HEADERS_TIMEOUT") {
    return `${endpoint} did not answer in time. Whether the call was performed is not known.`
  }
  if (failure instanceof SyntaxError) return `${endpoint} answers, but not like a Keystate server.`
  return tlsFault(endpoint, failure) ?? `No Keystate server answers at ${endpoint}.`
}

export const askServer = Effect.fn("client.askServer")(function* (
  endpoint: string,
  asked: CallRequest,
  environment: Readonly<Record<string, string | undefined>>
) {
  const { operation, parameters, api = "kms", limitMillis = answerMillis } = asked
  const fault = endpointFault(endpoint)
  if (fault !== undefined) return yield* new NoAnswer({ message: fault })
  const pair = yield* accessKeyFrom(environment)
  if (pair === undefined) {
    return yield* new NoAnswer({
      message: "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to an access key of the server."
    })
  }
  const securityToken = environment["ALIBABA_CLOUD_SECURITY_TOKEN"]
  const query = signV1({
    method: "POST",
    parameters: { ...parameters, Action: operation, Version: versionOf(api), Format: "JSON" },
    accessKeyId: pair.accessKeyId,
    secret: Redacted.value(pair.secret),
    nonce: randomUUID(),
    timestamp: formatInstant(yield* Clock.currentTimeMillis),
    ...(securityToken === undefined || securityToken === "" ? {} : { securityToken })
  })
  const body = yield* Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(endpoint, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: query,
        signal:
          limitMillis === Number.POSITIVE_INFINITY
            ? signal
            : AbortSignal.any([signal, AbortSignal.timeout(limitMillis)])
      })
      const parsed: unknown = await response.json()
      return { ok: response.ok, parsed }
    },
    catch: (failure) => new NoAnswer({ message: unanswered(endpoint, failure) })
  })
  if (!isRecord(body.parsed))
    return yield* new NoAnswer({ message: `${endpoint} answers, but not like a Keystate server.` })
  return body.ok ? body.parsed : yield* Effect.fail(refusalIn(body.parsed))
})
