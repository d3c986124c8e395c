/** The service over HTTP: node:http with every limit set, one pipeline from bytes to reply. */
import { createServer, STATUS_CODES } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Context, Data, Effect, Layer, Redacted } from "effect"
import { Console } from "../console/server/consoleServer.ts"
import { Sessions } from "../console/server/sessions.ts"
import { connectionsMax, droppedBytesMax, headersTimeoutMillis, requestTimeoutMillis } from "../domain/limits.ts"
import type { RegionId } from "../domain/ids.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { TokenConnection } from "../crypto/hsm/connection.ts"
import type { Store } from "../store/store.ts"
import type { LifecycleClock } from "../timers/clock.ts"
import type { Timers } from "../timers/timers.ts"
import { requestBytesMax } from "../wire/requestLimits.ts"
import { Metrics } from "./metrics.ts"
import { Pipeline } from "./pipeline.ts"
import type { Answer } from "./pipeline.ts"
import { readiness } from "./health.ts"

export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly message: string }> {}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly region: RegionId
}

/** Requests still running when the server stops get this long. */
const drainMillis = 5000

const send = (response: ServerResponse, answer: Answer): void => {
  response.writeHead(answer.status, {
    "content-type": answer.contentType,
    "content-length": Buffer.byteLength(answer.body),
    "x-acs-request-id": answer.requestId
  })
  response.end(answer.body)
}

const tooLarge = (bytesMax: number): AnyKmsError => refuse("RequestTooLarge", { detail: `${bytesMax} bytes` })

/** Why node:http gave up on a request, where it is not for its syntax. */
const unreadable: Readonly<Record<string, AnyKmsError>> = {
  HPE_HEADER_OVERFLOW: tooLarge(requestBytesMax),
  ERR_HTTP_REQUEST_TIMEOUT: refuse("ParseRequestParameterException", { hint: "The request did not arrive in time." })
}

/** An answer written by hand: no response belongs to a request that could not be read. */
const onTheWire = ({ status, contentType, body, requestId }: Answer): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "connection: close",
    `content-type: ${contentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-acs-request-id: ${requestId}`,
    "",
    body
  ].join("\r\n")

/** The target of a request without the server it names: whoever comes by a proxy may name it (RFC 9112, section 3.2.2). */
const pathOf = (target: string): string => {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, "")
  return path.startsWith("/") ? path : `/${path}`
}

/**
 * The body. One that is larger than any legal request is read to its end and dropped, and then undefined: a client that
 * writes before it reads would see a reset connection instead of the answer. One without end in sight is cut off.
 */
const collect = (request: IncomingMessage, done: (body: Uint8Array | undefined) => void): void => {
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

export class HttpServer extends Context.Service<
  HttpServer,
  {
    readonly url: string
    /** Where the console is; undefined where it was not built. */
    readonly console: string | undefined
    /** The same, with a token that signs in once as the root. */
    readonly consoleUrl: () => string | undefined
  }
>()("keystate/server/HttpServer") {
  static readonly layer = (options: ListenOptions) =>
    Layer.effect(
      HttpServer,
      Effect.gen(function* () {
        const context = yield* Effect.context<Store | Timers | LifecycleClock | TokenConnection>()
        const metrics = yield* Metrics
        const pipeline = yield* Pipeline
        const webConsole = yield* Console
        const sessions = yield* Sessions
        const run = Effect.runForkWith(context)

        const plain = (response: ServerResponse, status: number, contentType: string, body: string) =>
          response
            .writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(body) })
            .end(body)

        const watch = (path: string, response: ServerResponse): boolean => {
          switch (path) {
            case "/livez":
              plain(response, 200, "text/plain;charset=utf-8", "ok\n")
              return true
            case "/readyz":
              run(
                Effect.map(readiness(pipeline.refusedStamps()), (state) =>
                  plain(
                    response,
                    state.ready ? 200 : 503,
                    "application/json;charset=utf-8",
                    `${JSON.stringify(state)}\n`
                  )
                )
              )
              return true
            case "/metrics":
              run(
                Effect.map(metrics.text, (body) => plain(response, 200, "text/plain;version=0.0.4;charset=utf-8", body))
              )
              return true
            default:
              return false
          }
        }

        const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
          const url = pathOf(request.url ?? "/")
          request.url = url
          const isForConsole = (url === "/" && request.method === "GET") || url.startsWith("/console")
          if (isForConsole && webConsole.handle(request, response)) return
          if (request.method === "GET" && url.length < 16 && watch(url.split("?")[0] ?? "", response)) return
          collect(request, (body) => {
            if (body === undefined) {
              if (!request.complete) response.shouldKeepAlive = false
              return send(response, pipeline.refusal(request.headers, tooLarge(requestBytesMax)))
            }
            const { headers, method = "", socket } = request
            pipeline.answer({ method, url, headers, body, remoteAddress: socket.remoteAddress }, (answer) =>
              send(response, answer)
            )
          })
        }

        const server = createServer(
          {
            headersTimeout: headersTimeoutMillis,
            requestTimeout: requestTimeoutMillis,
            connectionsCheckingInterval: 1000,
            keepAliveTimeout: 60_000,
            maxHeaderSize: requestBytesMax,
            noDelay: true
          },
          onRequest
        )
        server.maxConnections = connectionsMax
        server.maxHeadersCount = 100
        server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
          if (!socket.writable || error.code === "ECONNRESET") return socket.destroy()
          const answer = pipeline.refusal({}, unreadable[error.code ?? ""] ?? refuse("ParseRequestParameterException"))
          // A client that does not close its side would keep the connection for ever.
          return socket.end(onTheWire(answer), () => socket.destroy())
        })
        const { url } = yield* Effect.acquireRelease(listen(server, options), () =>
          Effect.andThen(webConsole.quit, close(server))
        )
        const console = webConsole.isThere ? `${url}/console/` : undefined
        const consoleUrl = (): string | undefined =>
          console === undefined ? undefined : `${console}#token=${Redacted.value(sessions.newToken())}`
        return { url, console, consoleUrl }
      })
    ).pipe(
      Layer.provide(Pipeline.layer(options.region)),
      Layer.provide(Console.layer(options)),
      Layer.provide(Layer.mergeAll(Metrics.layer, Sessions.layer))
    )
}

const listen = (server: Server, options: ListenOptions): Effect.Effect<{ readonly url: string }, CannotListen> =>
  Effect.callback((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `Port ${options.port} of ${options.host} is taken; choose another with --port, or --port 0 for any.`
          : `Cannot listen on ${options.host}:${options.port}: ${error.message}`
      resume(Effect.fail(new CannotListen({ message: why })))
    })
    server.listen(options.port, options.host, () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : options.port
      const host = options.host.includes(":") ? `[${options.host}]` : options.host
      resume(Effect.succeed({ url: `http://${host}:${port}` }))
    })
  })

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeIdleConnections()
  }).pipe(Effect.timeoutOption(drainMillis), Effect.andThen(Effect.sync(() => server.closeAllConnections())))
