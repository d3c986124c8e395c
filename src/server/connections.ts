/** Open connections: the number for each client, their current requests, and their end when the server stops. */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { Effect } from "effect"
import { drainMillis, executionMillis, lingerMillis } from "../domain/limits.ts"
import { clientOf } from "../wire/addresses.ts"

/** How often a stopping server checks its connections. */
const lookMillis = 20
/**
 * A connection counts as idle only after this many checks in a row. On a busy machine time can pass before received
 * bytes are read; between two checks the server reads.
 */
const quietLooksMin = 10

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

interface Connection {
  /** Bytes received when the last request was answered. Later bytes belong to the next request. */
  bytesBefore: number
  /** When the connection last became idle, milliseconds of `performance.now()`. */
  idleSince: number
  /** The number of consecutive checks of a stopping server without a request. */
  quietLooks: number
  current: Exchange | undefined
  /** Requests that arrived before the current one was answered. */
  readonly waiting: Array<() => void>
}

export interface ConnectionLimits {
  readonly perClient: number
  /** Addresses with many clients, such as a trusted proxy. */
  readonly isExempt: (address: string) => boolean
}

export interface Connections {
  /** Counts a new connection; false if its client has too many. */
  readonly count: (socket: Socket) => boolean
  /** Tracks the requests of a connection. With TLS this is not the socket that was counted. */
  readonly follow: (socket: Socket) => void
  /**
   * Handles a request after every earlier one of its connection was answered, unless the connection ends with that
   * answer.
   */
  readonly begin: (request: IncomingMessage, response: ServerResponse, handle: () => void) => void
  /** Ends a connection that cannot carry further requests: with the answer in progress, or at once. */
  readonly end: (socket: Socket, endNow: () => void) => void
  /**
   * Answers requests in progress and those that still arrive, and closes each connection with its answer. It ends after
   * a limited time, and at once if `isHurried` says so.
   */
  readonly drain: (isHurried: () => boolean) => Effect.Effect<void>
}

/** The request arrived completely and is not answered yet: it may already have taken effect. */
const isExecuting = ({ current }: Connection): boolean =>
  current !== undefined && current.request.complete && !current.response.writableEnded

interface State {
  readonly limits: ConnectionLimits
  readonly open: Map<Socket, Connection>
  /** Open connections, including those without a finished handshake. */
  readonly counted: Set<Socket>
  /** The number of connections of each client. */
  readonly counts: Map<string, number>
  isDraining: boolean
}

const forget = ({ counted, counts }: State, socket: Socket, client: string): void => {
  counted.delete(socket)
  const left = (counts.get(client) ?? 1) - 1
  if (left === 0) counts.delete(client)
  else counts.set(client, left)
}

const count = (state: State, socket: Socket): boolean => {
  const { counted, counts, limits } = state
  const client = clientOf(socket.remoteAddress)
  const known = counts.get(client) ?? 0
  if (known >= limits.perClient && !limits.isExempt(socket.remoteAddress ?? "")) return false
  counts.set(client, known + 1)
  counted.add(socket)
  socket.once("close", () => forget(state, socket, client))
  return true
}

const follow = ({ open }: State, socket: Socket): void => {
  open.set(socket, { bytesBefore: 0, idleSince: performance.now(), quietLooks: 0, current: undefined, waiting: [] })
  socket.once("close", () => open.delete(socket))
}

const closeAfter = (response: ServerResponse): void => {
  if (!response.headersSent) response.shouldKeepAlive = false
}

const start = ({ isDraining }: State, connection: Connection, exchange: Exchange, handle: () => void): void => {
  const { request, response } = exchange
  connection.current = exchange
  if (isDraining) closeAfter(response)
  // The event occurs once, and `once` would allocate a wrapper for each request.
  response.on("close", () => {
    connection.current = undefined
    connection.idleSince = performance.now()
    connection.bytesBefore = request.socket.bytesRead
    // After an answer that closes the connection, the client must assume that later requests were ignored (RFC 9112, 9.6).
    if (!response.shouldKeepAlive) connection.waiting.length = 0
    else connection.waiting.shift()?.()
  })
  handle()
}

const begin = (state: State, exchange: Exchange, handle: () => void): void => {
  const connection = state.open.get(exchange.request.socket)
  if (connection === undefined) return
  if (connection.current === undefined) start(state, connection, exchange, handle)
  else connection.waiting.push(() => start(state, connection, exchange, handle))
}

const end = ({ open }: State, socket: Socket, endNow: () => void): void => {
  const connection = open.get(socket)
  if (connection?.current === undefined || !isExecuting(connection)) return endNow()
  const { response } = connection.current
  connection.waiting.length = 0
  closeAfter(response)
  response.once("close", () => socket.destroy())
}

const isIdle = (socket: Socket, connection: Connection): boolean => {
  const { bytesBefore, current, idleSince } = connection
  const isQuiet = current === undefined && socket.bytesRead === bytesBefore
  connection.quietLooks = isQuiet ? connection.quietLooks + 1 : 0
  return connection.quietLooks >= quietLooksMin && performance.now() - idleSince >= lingerMillis
}

const destroyWhere = ({ open }: State, isWanted: (socket: Socket, connection: Connection) => boolean): void => {
  for (const [socket, connection] of open) if (isWanted(socket, connection)) socket.destroy()
}

const waitWhile = (isWaiting: () => boolean, millis: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const until = performance.now() + millis
    while (isWaiting() && performance.now() < until) yield* Effect.sleep(lookMillis)
  })

const drain = (state: State, isHurried: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { open } = state
    state.isDraining = true
    for (const { current } of open.values()) if (current !== undefined) closeAfter(current.response)
    yield* waitWhile(() => {
      destroyWhere(state, isIdle)
      return open.size > 0 && !isHurried()
    }, drainMillis)
    destroyWhere(state, (_socket, connection) => !isExecuting(connection))
    yield* waitWhile(() => [...open.values()].some(isExecuting), executionMillis)
    destroyWhere(state, () => true)
    for (const socket of state.counted) socket.destroy()
  })

export const makeConnections = (limits: ConnectionLimits): Connections => {
  const state: State = { limits, open: new Map(), counted: new Set(), counts: new Map(), isDraining: false }
  return {
    count: (socket) => count(state, socket),
    follow: (socket) => follow(state, socket),
    begin: (request, response, handle) => begin(state, { request, response }, handle),
    end: (socket, endNow) => end(state, socket, endNow),
    drain: (isHurried) => drain(state, isHurried)
  }
}
