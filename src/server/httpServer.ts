/** The HTTP server: node:http and node:https with every limit set, and the pipeline from bytes to reply. */
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import type { Server as TlsServer } from "node:https"
import { Server as NetServer } from "node:net"
import type { Socket } from "node:net"
import { Context, Data, Effect, Layer, Redacted } from "effect"
import { Console } from "../console/server/consoleServer.ts"
import { Sessions } from "../console/server/sessions.ts"
import {
  connectionsMax,
  connectionsPerAddressDefault,
  handshakeTimeoutMillis,
  headersTimeoutMillis,
  requestTimeoutMillis
} from "../domain/limits.ts"
import { isInBlock, parseAddress } from "../domain/address.ts"
import type { AddressBlock } from "../domain/address.ts"
import type { RegionId } from "../domain/ids.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { clientAddress, isEncrypted } from "../wire/addresses.ts"
import { collect, isUnused, onTheWire, send, tooLarge, unreadable } from "./answers.ts"
import { makeConnections } from "./connections.ts"
import type { Connections } from "./connections.ts"
import { requestBytesMax } from "../wire/requestLimits.ts"
import { Metrics } from "../monitoring/metrics.ts"
import { answerMonitoring, makeMonitoringServer } from "./monitoringPaths.ts"
import type { Monitored, MonitoredServices } from "./monitoringPaths.ts"
import { Pipeline } from "./pipeline.ts"
import { headersFault, pathOf } from "./requestRules.ts"
import type { TelemetryOptions } from "./telemetry.ts"
import { contextOf } from "./tls/identity.ts"
import type { TlsIdentity } from "./tls/identity.ts"
import { reloadWhenChanged } from "./tls/reload.ts"
import type { TlsSource } from "./tls/reload.ts"

/** The port cannot be opened. The sentence says why. */
export class CannotListen extends Data.TaggedError("CannotListen")<{ readonly message: string }> {}

export interface ListenOptions {
  readonly host: string
  /** Plain HTTP; HTTPS if `tls` is given without a port. */
  readonly port: number
  readonly tls?: {
    readonly source: TlsSource
    /** HTTPS on this port, and plain HTTP on the other one. */
    readonly port?: number
  }
  readonly region: RegionId
  /** Further host names under which `/metrics` and the console answer. */
  readonly allowedHosts?: ReadonlyArray<string>
  /** Proxies whose X-Forwarded-For names the client. */
  readonly trustedProxies?: ReadonlyArray<AddressBlock>
  /** The most connections of one address; a trusted proxy has no limit. */
  readonly connectionsPerAddress?: number
  /** Traces and the access log. */
  readonly telemetry?: TelemetryOptions
  /**
   * A separate port for the monitoring paths, open to everyone who can reach it. The other ports no longer answer them.
   */
  readonly monitoringPort?: number | undefined
  /** Whether a stopping server must no longer wait for its clients. */
  readonly isHurried?: () => boolean
}

const tooManyConnections = refuse("Rejected.Throttling", { hint: "Too many connections are open from this address." })

const isOneOf =
  (blocks: ReadonlyArray<AddressBlock>) =>
  (text: string): boolean => {
    const address = parseAddress(text)
    return address !== undefined && blocks.some((block) => isInBlock(address, block))
  }

interface State extends Monitored {
  readonly trustedProxies: ReadonlyArray<AddressBlock>
  readonly connections: Connections
  readonly console: Console["Service"]
  /** Whether a separate port answers the monitoring paths. */
  readonly isMonitoredApart: boolean
}

/** Refuses a request without reading it, and closes its connection. */
const refuseUnread = (
  { pipeline }: State,
  request: IncomingMessage,
  response: ServerResponse,
  error: AnyKmsError
): void => {
  response.shouldKeepAlive = false
  send(response, pipeline.refusal(request.headers, error))
}

const answerCall = (
  { pipeline, trustedProxies }: State,
  request: IncomingMessage,
  response: ServerResponse,
  url: string
): void =>
  collect(request, (body) => {
    const { headers, method = "" } = request
    if (body === undefined) {
      if (!request.complete) response.shouldKeepAlive = false
      return send(response, pipeline.refusal(headers, tooLarge(requestBytesMax)))
    }
    const remoteAddress = clientAddress(request, trustedProxies)
    const raw = { method, url, headers, body, remoteAddress, isEncrypted: isEncrypted(request, trustedProxies) }
    pipeline.answer(raw, (answer) => send(response, answer))
  })

/** The longest monitoring path, with room for a query. */
const monitoringUrlMax = 16

const handle = (state: State, request: IncomingMessage, response: ServerResponse): void => {
  const fault = headersFault(request)
  if (fault !== undefined) return refuseUnread(state, request, response, fault)
  const url = pathOf(request.url ?? "/")
  request.url = url
  const isPage = url.startsWith("/console") || url.startsWith("/docs")
  const isForConsole = isPage || (url === "/" && request.method === "GET")
  if (isForConsole && state.console.handle(request, response)) return
  const isMonitoring = !state.isMonitoredApart && request.method === "GET" && url.length < monitoringUrlMax
  if (isMonitoring && answerMonitoring(state, url.split("?")[0] ?? "", request, response)) return
  answerCall(state, request, response, url)
}

/** Answers without a response object, and closes the connection. */
const turnAway = ({ pipeline }: State, socket: Socket, error: AnyKmsError): void => {
  // A client that does not close its side would keep the connection open.
  socket.end(onTheWire(pipeline.refusal({}, error)), () => socket.destroy())
}

const onClientError = (state: State, error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable || error.code === "ECONNRESET" || isUnused(error, socket)) {
    socket.destroy()
    return
  }
  const why = unreadable[error.code ?? ""] ?? refuse("ParseRequestParameterException")
  state.connections.end(socket, () => turnAway(state, socket, why))
}

const onExpectation = (state: State, request: IncomingMessage, response: ServerResponse): void =>
  state.connections.begin(request, response, () =>
    refuseUnread(state, request, response, headersFault(request) ?? refuse("ExpectationFailed"))
  )

const limits = {
  headersTimeout: headersTimeoutMillis,
  requestTimeout: requestTimeoutMillis,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 60_000,
  maxHeaderSize: requestBytesMax,
  noDelay: true,
  // headersFault checks the Host header and answers with the service's error format.
  requireHostHeader: false
} as const

type AnyServer = Server | TlsServer

/** Settings for connections of both kinds. */
const prepare = <S extends AnyServer>(state: State, server: S): S => {
  const { connections } = state
  server.maxConnections = connectionsMax
  server.maxHeadersCount = 100
  server.on("request", (request: IncomingMessage, response: ServerResponse) =>
    connections.begin(request, response, () => handle(state, request, response))
  )
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) =>
    onExpectation(state, request, response)
  )
  server.on("connect", (_request: IncomingMessage, socket: Socket) =>
    turnAway(state, socket, refuse("UnsupportedHTTPMethod"))
  )
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => onClientError(state, error, socket))
  return server
}

const makeServer = (state: State): Server => {
  const { connections } = state
  return prepare(state, createServer(limits)).on("connection", (socket) => {
    if (!connections.count(socket)) return turnAway(state, socket, tooManyConnections)
    return connections.follow(socket)
  })
}

/** Connections are counted before the handshake, which costs more than a request. */
const makeTlsServer = (state: State, { source }: NonNullable<ListenOptions["tls"]>): TlsServer => {
  const { connections } = state
  const context = { ...contextOf(source.identity), handshakeTimeout: handshakeTimeoutMillis }
  const server = prepare(state, createTlsServer({ ...limits, ...context }))
  server.on("connection", (socket: Socket) => {
    if (!connections.count(socket)) socket.destroy()
  })
  server.on("secureConnection", (socket) => connections.follow(socket))
  return server.on("tlsClientError", (_error, socket) => socket.destroy())
}

const makeState = Effect.fnUntraced(function* (options: ListenOptions) {
  const { allowedHosts = [], trustedProxies = [] } = options
  const state: State = {
    allowedHosts,
    trustedProxies,
    isMonitoredApart: options.monitoringPort !== undefined,
    connections: makeConnections({
      perClient: options.connectionsPerAddress ?? connectionsPerAddressDefault,
      isExempt: isOneOf(trustedProxies)
    }),
    pipeline: yield* Pipeline,
    console: yield* Console,
    metrics: yield* Metrics,
    run: Effect.runForkWith(yield* Effect.context<MonitoredServices>())
  }
  return state
})

export class HttpServer extends Context.Service<
  HttpServer,
  {
    /** The address for API clients: HTTPS if it is served. */
    readonly url: string
    /** Plain HTTP in addition to HTTPS; undefined unless both are served. */
    readonly plainUrl: string | undefined
    /** The port of the monitoring paths; undefined if they have no separate port. */
    readonly monitoringUrl: string | undefined
    /** The console's address; undefined if the console was not built. */
    readonly console: string | undefined
    /** The console's address with a token for one sign-in as the root. */
    readonly consoleUrl: Effect.Effect<string | undefined, AnyKmsError>
  }
>()("keystate/server/HttpServer") {
  static readonly layer = (options: ListenOptions) =>
    Layer.effect(
      HttpServer,
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const state = yield* makeState(options)
        const monitoringUrl = yield* serveMonitoring(state, options)
        const { url, plainUrl } = yield* serveAll(state, options)
        const console = state.console.isThere ? `${url}/console/` : undefined
        const withToken = Effect.map(sessions.newToken, (token) => `${console}#token=${Redacted.value(token)}`)
        const consoleUrl = console === undefined ? Effect.succeed(console) : withToken
        return { url, plainUrl, monitoringUrl, console, consoleUrl }
      })
    ).pipe(
      Layer.provide(Pipeline.layer(options.region, options.telemetry)),
      Layer.provide(Console.layer(options)),
      Layer.provide(Layer.mergeAll(Metrics.layer, Sessions.layer))
    )
}

const serveMonitoring = Effect.fnUntraced(function* (state: State, { host, monitoringPort }: ListenOptions) {
  if (monitoringPort === undefined) return undefined
  const server = makeMonitoringServer(state, limits)
  const close = (): Effect.Effect<void> => Effect.sync(() => void server.close().closeAllConnections())
  return yield* Effect.acquireRelease(listen(server, { host, port: monitoringPort, scheme: "http" }), close)
})

/** Opens the ports of the options. When the server stops, all of them close before the connections are drained. */
const serveAll = Effect.fnUntraced(function* (state: State, options: ListenOptions) {
  const { host, port, tls } = options
  yield* Effect.addFinalizer(() => drain(state, options.isHurried ?? (() => false)))
  const open = (server: AnyServer, place: Omit<Place, "host">) =>
    Effect.acquireRelease(listen(server, { host, ...place }), () => stopAccepting(server))
  const openPlain = open(makeServer(state), { port, scheme: "http" })
  if (tls === undefined) return { url: yield* openPlain, plainUrl: undefined }
  const server = makeTlsServer(state, tls)
  const url = yield* open(server, { port: tls.port ?? port, scheme: "https" })
  const take = (identity: TlsIdentity): void => server.setSecureContext(contextOf(identity))
  yield* Effect.forkScoped(reloadWhenChanged(tls.source, take))
  return { url, plainUrl: tls.port === undefined ? undefined : yield* openPlain }
})

interface Place {
  readonly scheme: "http" | "https"
  readonly host: string
  readonly port: number
}

/** Returns the URL. */
const listen = (server: AnyServer, { scheme, host, port }: Place): Effect.Effect<string, CannotListen> =>
  Effect.callback((resume) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `Port ${port} of ${host} is in use. Choose another port, or port 0 for any free one.`
          : `Cannot listen on ${host}:${port}: ${error.message}`
      resume(Effect.fail(new CannotListen({ message: why })))
    })
    server.listen(port, host, () => {
      const address = server.address()
      const bound = typeof address === "object" && address !== null ? address.port : port
      resume(Effect.succeed(`${scheme}://${host.includes(":") ? `[${host}]` : host}:${bound}`))
    })
  })

/** http.Server.close would also cut idle connections whose clients are about to send a request. */
const stopAccepting = (server: AnyServer): Effect.Effect<void> =>
  Effect.sync(() => void NetServer.prototype.close.call(server))

const drain = ({ console: { quit }, connections }: State, isHurried: () => boolean): Effect.Effect<void> =>
  Effect.andThen(quit, connections.drain(isHurried))
