/** Sends the console's answers (JSON, files, refusals) and reads request bodies up to a limit. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { requestBytesMax } from "../../wire/requestLimits.ts"
import { strictJsonValue } from "../../encoding/strictJson.ts"
import type { Asset } from "./assets.ts"
import { securityHeaders } from "./browser.ts"

const bodyBytesMax = requestBytesMax

/** Why a request is refused before any operation runs. */
export interface Refused {
  readonly status: number
  readonly code: string
  readonly message: string
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const json = (response: ServerResponse, status: number, body: object): void => {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response
    .writeHead(status, {
      ...securityHeaders,
      "content-type": "application/json;charset=utf-8",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store"
    })
    .end(text)
}

export const refuseWith = (response: ServerResponse, { status, code, message }: Refused): void =>
  json(response, status, { code, message })

export const sendAsset = (response: ServerResponse, { body, contentType, hashed }: Asset): void => {
  response
    .writeHead(200, {
      ...securityHeaders,
      "content-type": contentType,
      "content-length": body.length,
      "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-store"
    })
    .end(body)
}

/** Passes the body on if it is a JSON object, and refuses it otherwise. */
export const withBody = (
  request: IncomingMessage,
  response: ServerResponse,
  then: (body: Readonly<Record<string, unknown>>) => void
): void => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= bodyBytesMax) chunks.push(chunk)
  })
  request.on("end", () => {
    if (bytes > bodyBytesMax) {
      return refuseWith(response, {
        status: 413,
        code: "TooLarge",
        message: `The body is larger than ${bodyBytesMax} bytes.`
      })
    }
    const body = strictJsonValue(Buffer.concat(chunks).toString("utf8"), { is: "a request", depthMax: 5 })
    return isRecord(body)
      ? then(body)
      : refuseWith(response, { status: 400, code: "InvalidRequest", message: "The body must be a JSON object." })
  })
}
