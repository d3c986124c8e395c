/** The service over HTTP: node:http with every limit set, one pipeline from bytes to reply. */
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Server as NetServer } from "node:net"
import type { Socket } from "node:net"
import { Context, Data, Effect, Layer, Redacted } from "effect"
import { Console } from "../console/server/consoleServer.ts"
import { Sessions } from "../console/server/sessions.ts"
import {
  connectionsMax,
  connectionsPerAddressDefault,
  headersTimeoutMillis,
  requestTimeoutMillis
} from "../domain/limits.ts"
import { isInBlock, parseAddress } from "../domain/address.ts"
import type { AddressBlock } from "../domain/address.ts"
import type { RegionId } from "../domain/ids.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { TokenConnection } from "../crypto/hsm/connection.ts"
import type { Store } from "../store/store.ts"
import type { LifecycleClock } from "../timers/clock.ts"
import type { Timers } from "../timers/timers.ts"
import { clientAddress, maySeeServer } from "../wire/addresses.ts"
import { collect, json, onTheWire, plain, prometheus, send, text, tooLarge, unreadable } from "./answers.ts"
import { makeConnections } from "./connections.ts"
import type { Connections } from "./connections.ts"
import { requestBytesMax } from "../wire/requestLimits.ts"
import { Metrics } from "../monitoring/metrics.ts"
import { Pipeline } from "./pipeline.ts"
import { readiness } from "../monitoring/health.ts"
import type { Readiness } from "../monitoring/health.ts"
import { headersFault, pathOf } from "./requestRules.ts"

export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly message: string }> {}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  readonly region: RegionId
  /** Names other than those of this machine under which `/metrics` and the console answer. */
  readonly allowedHosts?: ReadonlyArray<string>
  /** Proxies whose X-Forwarded-For names the client. */
  readonly trustedProxies?: ReadonlyArray<AddressBlock>
  /** Connections one address may hold; a trusted proxy may hold all. */
  readonly connectionsPerAddress?: number
  /** Whether a stopping server shall wait for clients no longer. */
  readonly isHurried?: () => boolean
}

const foreignHost = "This is shown only on the machine itself, or under a name given with --allowed-host.\n"

const tooManyConnections = refuse("Rejected.Throttling", { hint: "Too many connections are open from this address." })

/** Details count what is due and held in every account: they are not for everybody. */
const inBrief = ({ ready, checks }: Readiness) => ({ ready, checks: checks.map(({ name, ok }) => ({ name, ok })) })

const isOneOf =
  (blocks: ReadonlyArray<AddressBlock>) =>
  (text: string): boolean => {
    const address = parseAddress(text)
    return address !== undefined && blocks.some((block) => isInBlock(address, block))
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

        const { allowedHosts = [], trustedProxies = [] } = options
        const connections = makeConnections({
          perClient: options.connectionsPerAddress ?? connectionsPerAddressDefault,
          isExempt: isOneOf(trustedProxies)
        })

        const report = (response: ServerResponse, isWhole: boolean): void =>
          void run(
            Effect.map(readiness(pipeline.refusedStamps()), (state) => {
              const body = `${JSON.stringify(isWhole ? state : inBrief(state))}\n`
              plain(response, { status: state.ready ? 200 : 503, contentType: json, body })
            })
          )

        const watch = (path: string, request: IncomingMessage, response: ServerResponse): boolean => {
          const isWhole = maySeeServer(request, allowedHosts)
          switch (path) {
            case "/livez":
              plain(response, { status: 200, contentType: text, body: "ok\n" })
              return true
            case "/readyz":
              report(response, isWhole)
              return true
            case "/metrics":
              if (!isWhole) plain(response, { status: 421, contentType: text, body: foreignHost })
              else
                run(Effect.map(metrics.text, (body) => plain(response, { status: 200, contentType: prometheus, body })))
              return true
            default:
              return false
          }
        }

        const refuseAtOnce = (request: IncomingMessage, response: ServerResponse, error: AnyKmsError): void => {
          response.shouldKeepAlive = false
          send(response, pipeline.refusal(request.headers, error))
        }

        const ask = (request: IncomingMessage, response: ServerResponse, url: string): void =>
          collect(request, (body) => {
            const { headers, method = "" } = request
            if (body === undefined) {
              if (!request.complete) response.shouldKeepAlive = false
              return send(response, pipeline.refusal(headers, tooLarge(requestBytesMax)))
            }
            const remoteAddress = clientAddress(request, trustedProxies)
            pipeline.answer({ method, url, headers, body, remoteAddress }, (answer) => send(response, answer))
          })

        const handle = (request: IncomingMessage, response: ServerResponse): void => {
          const fault = headersFault(request)
          if (fault !== undefined) return refuseAtOnce(request, response, fault)
          const url = pathOf(request.url ?? "/")
          request.url = url
          const isForConsole = (url === "/" && request.method === "GET") || url.startsWith("/console")
          if (isForConsole && webConsole.handle(request, response)) return
          const isWatching = request.method === "GET" && url.length < 16
          if (isWatching && watch(url.split("?")[0] ?? "", request, response)) return
          ask(request, response, url)
        }

        const server = createServer(
          {
            headersTimeout: headersTimeoutMillis,
            requestTimeout: requestTimeoutMillis,
            connectionsCheckingInterval: 1000,
            keepAliveTimeout: 60_000,
            maxHeaderSize: requestBytesMax,
            noDelay: true,
            // Asked by headersFault, which answers in the service's envelope.
            requireHostHeader: false
          },
          (request, response) => connections.begin(request, response, () => handle(request, response))
        )
        server.maxConnections = connectionsMax
        server.maxHeadersCount = 100

        /** Answers without a response, on a connection that is closed with the answer. */
        const turnAway = (socket: Socket, error: AnyKmsError): void => {
          // A client that does not close its side would keep the connection for ever.
          socket.end(onTheWire(pipeline.refusal({}, error)), () => socket.destroy())
        }
        server.on("connection", (socket) => {
          if (!connections.accept(socket)) turnAway(socket, tooManyConnections)
        })
        server.on("checkExpectation", (request, response) =>
          connections.begin(request, response, () =>
            refuseAtOnce(request, response, headersFault(request) ?? refuse("ExpectationFailed"))
          )
        )
        server.on("connect", (_request, socket: Socket) => turnAway(socket, refuse("UnsupportedHTTPMethod")))
        server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
          if (!socket.writable || error.code === "ECONNRESET") return socket.destroy()
          const why = unreadable[error.code ?? ""] ?? refuse("ParseRequestParameterException")
          return connections.end(socket, () => turnAway(socket, why))
        })
        const { url } = yield* Effect.acquireRelease(listen(server, options), () =>
          stop(server, connections, webConsole.quit, options.isHurried ?? (() => false))
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

/** Stops accepting first, so that a client whose connection is closed finds the port closed too. */
const stop = (
  server: Server,
  connections: Connections,
  quit: Effect.Effect<void>,
  isHurried: () => boolean
): Effect.Effect<void> =>
  Effect.gen(function* () {
    // The close of an HTTP server would cut idle connections in the middle of what their clients send next.
    NetServer.prototype.close.call(server)
    yield* quit
    yield* connections.drain(isHurried)
    server.closeAllConnections()
  })
