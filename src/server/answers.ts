/** Writes answers for node:http, and reads request bodies. */
import { STATUS_CODES } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { droppedBytesMax } from "../domain/limits.ts"
import { requestBytesMax } from "../wire/requestLimits.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { Answer } from "./replies.ts"

/** Headers of every answer: no browser may treat it as a page, a script or a style. */
const guards = { "x-content-type-options": "nosniff" } as const

export const replyHeaders = ({ body, contentType, requestId }: Omit<Answer, "status">) => ({
  "x-content-type-options": guards["x-content-type-options"],
  "content-type": contentType,
  "content-length": Buffer.byteLength(body),
  "x-acs-request-id": requestId
})

export const send = (response: ServerResponse, answer: Answer): void => {
  response.writeHead(answer.status, replyHeaders(answer))
  response.end(answer.body)
}

export const tooLarge = (bytesMax: number): AnyKmsError => refuse("RequestTooLarge", { detail: `${bytesMax} bytes` })

/** Errors of requests that node:http rejected for other reasons than syntax. */
export const unreadable: Readonly<Record<string, AnyKmsError>> = {
  HPE_HEADER_OVERFLOW: tooLarge(requestBytesMax),
  ERR_HTTP_REQUEST_TIMEOUT: refuse("ParseRequestParameterException", { hint: "The request did not arrive in time." })
}

/** A browser takes an answer on a connection that sent nothing for that of its first request, which is on its way. */
export const isUnused = ({ code }: NodeJS.ErrnoException, { bytesRead }: Socket): boolean =>
  code === "ERR_HTTP_REQUEST_TIMEOUT" && bytesRead === 0

/** An answer as raw bytes, because an unreadable request has no response object. */
export const onTheWire = ({ status, contentType, body, requestId }: Answer): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "connection: close",
    ...Object.entries(guards).map(([name, value]) => `${name}: ${value}`),
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-acs-request-id: ${requestId}`,
    "",
    body
  ].join("\r\n")

export const text = "text/plain;charset=utf-8"
export const json = "application/json;charset=utf-8"
export const prometheus = "text/plain;version=0.0.4;charset=utf-8"

export const plain = (
  response: ServerResponse,
  { body, contentType, status }: { readonly status: number; readonly contentType: string; readonly body: string }
): void => {
  response
    .writeHead(status, { ...guards, "content-type": contentType, "content-length": Buffer.byteLength(body) })
    .end(body)
}

/**
 * The body. If it exceeds the limit, it is read to its end and dropped, and the result is undefined. A client that
 * writes before it reads would otherwise see a reset connection. A body far beyond the limit is cut off.
 */
export const collect = (request: IncomingMessage, done: (body: Uint8Array | undefined) => void): void => {
  const chunks: Array<Uint8Array> = []
  let bytes = 0
  let ended = false
  const end = (body: Uint8Array | undefined): void => {
    if (ended) return
    ended = true
    done(body)
  }
  if (Number(request.headers["content-length"] ?? 0) > droppedBytesMax) return end(undefined)
  request.on("data", (chunk: Uint8Array) => {
    bytes += chunk.length
    if (bytes <= requestBytesMax) chunks.push(chunk)
    else if (bytes > droppedBytesMax) end(undefined)
  })
  request.on("end", () => {
    if (bytes > requestBytesMax) end(undefined)
    else end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
  })
}
