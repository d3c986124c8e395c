/** Answers requests of the Fetch API by the pipeline of the server, without a socket. */
import { Effect } from "effect"
import { droppedBytesMax } from "../domain/limits.ts"
import { requestBytesMax } from "../wire/requestLimits.ts"
import type { Headers as WireHeaders } from "../wire/headers.ts"
import { replyHeaders, tooLarge } from "./answers.ts"
import { Pipeline } from "./pipeline.ts"
import type { Answer } from "./replies.ts"
import { hostHeaderFault } from "./requestRules.ts"

/** What a request does not say about its connection. Conditions of policies read it. */
export interface FetchConnection {
  /** The address of the client, for `acs:SourceIp`. Without it, conditions on the address do not match. */
  readonly remoteAddress?: string
  /** Whether the connection of the client is encrypted, for `acs:SecureTransport`; false by default. */
  readonly isEncrypted?: boolean
}

/** Answers one request as the server does. It rejects only if the body cannot be read. */
export type FetchHandler = (request: Request, connection?: FetchConnection) => Promise<Response>

const responseOf = ({ status, ...answer }: Answer): Response => {
  const headers = replyHeaders(answer)
  return new Response(answer.body, {
    status,
    headers: { ...headers, "content-length": `${headers["content-length"]}` }
  })
}

/** The host that the client named. A `Request` without the header has it in its URL. */
const headersOf = (request: Request, url: URL): WireHeaders => ({
  host: url.host,
  ...Object.fromEntries(request.headers)
})

/** Undefined if the body is longer than the service reads. */
const bodyOf = async (request: Request): Promise<Uint8Array | undefined> => {
  if (request.body === null) return new Uint8Array(0)
  const chunks: Array<Uint8Array> = []
  let bytes = 0
  for await (const chunk of request.body) {
    bytes += chunk.length
    if (bytes <= requestBytesMax) chunks.push(chunk)
    else if (bytes > droppedBytesMax) break
  }
  return bytes > requestBytesMax ? undefined : Buffer.concat(chunks)
}

/** The handler of the pipeline. The paths of the console and of monitoring have no answer here. */
export const fetchHandler: Effect.Effect<FetchHandler, never, Pipeline> = Effect.map(Pipeline, (pipeline) => {
  return async (request, { isEncrypted = false, remoteAddress } = {}) => {
    const url = new URL(request.url)
    const headers = headersOf(request, url)
    const fault = hostHeaderFault(headers["host"])
    if (fault !== undefined) return responseOf(pipeline.refusal(headers, fault))
    const body = await bodyOf(request)
    if (body === undefined) return responseOf(pipeline.refusal(headers, tooLarge(requestBytesMax)))
    const raw = { method: request.method, url: url.pathname + url.search, headers, body, remoteAddress, isEncrypted }
    return new Promise((resolve) => pipeline.answer(raw, (answer) => resolve(responseOf(answer))))
  }
})
