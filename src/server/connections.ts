/** The open connections: how many each client has, which request each one is at, and how they end when the server stops. */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { Effect } from "effect"
import { drainMillis, executionMillis, lingerMillis } from "../domain/limits.ts"
import { clientOf } from "../wire/addresses.ts"

/** How often the end of the connections is looked at while the server stops. */
const lookMillis = 20

interface Connection {
  readonly client: string
  /** Bytes received when the last request was answered: any more belong to the next one. */
  bytesBefore: number
  /** When the connection last became idle, milliseconds of `performance.now()`. */
  idleSince: number
  current: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined
  /** Requests that came before the current one was answered. */
  readonly waiting: Array<() => void>
}

export interface ConnectionLimits {
  readonly perClient: number
  /** Addresses that carry many clients, such as a trusted proxy. */
  readonly isExempt: (address: string) => boolean
}

export interface Connections {
  /** Counts a new connection; false if its client has too many. */
  readonly accept: (socket: Socket) => boolean
  /** Handles a request once every earlier one of its connection was answered, unless the connection ends with that answer. */
  readonly begin: (request: IncomingMessage, response: ServerResponse, handle: () => void) => void
  /** Ends a connection on which no further request can be read: with the answer that is under way, or else at once. */
  readonly end: (socket: Socket, atOnce: () => void) => void
  /**
   * Answers what is under way and what still arrives, and closes each connection with its answer. Ends within bounds,
   * and at once where `isHurried` says so.
   */
  readonly drain: (isHurried: () => boolean) => Effect.Effect<void>
}

/** A request that arrived whole and has no answer yet: what it does may be done already. */
const isExecuting = ({ current }: Connection): boolean =>
  current !== undefined && current.request.complete && !current.response.writableEnded

export const makeConnections = ({ isExempt, perClient }: ConnectionLimits): Connections => {
  const open = new Map<Socket, Connection>()
  const counts = new Map<string, number>()
  let isDraining = false

  const forget = (socket: Socket, client: string): void => {
    open.delete(socket)
    const left = (counts.get(client) ?? 1) - 1
    if (left === 0) counts.delete(client)
    else counts.set(client, left)
  }

  const closeAfter = (response: ServerResponse): void => {
    if (!response.headersSent) response.shouldKeepAlive = false
  }

  const start = (
    connection: Connection,
    request: IncomingMessage,
    response: ServerResponse,
    handle: () => void
  ): void => {
    connection.current = { request, response }
    if (isDraining) closeAfter(response)
    response.once("close", () => {
      connection.current = undefined
      connection.idleSince = performance.now()
      connection.bytesBefore = request.socket.bytesRead
      // A client that is told of the close would not know whether what it sent after it was done (RFC 9112, 9.6).
      if (!response.shouldKeepAlive) connection.waiting.length = 0
      else connection.waiting.shift()?.()
    })
    handle()
  }

  const isIdle = (socket: Socket, { bytesBefore, current, idleSince }: Connection): boolean =>
    current === undefined && socket.bytesRead === bytesBefore && performance.now() - idleSince >= lingerMillis

  const destroyWhere = (isWanted: (socket: Socket, connection: Connection) => boolean): void => {
    for (const [socket, connection] of open) if (isWanted(socket, connection)) socket.destroy()
  }

  const waitWhile = (isWaiting: () => boolean, millis: number): Effect.Effect<void> =>
    Effect.gen(function* () {
      const end = performance.now() + millis
      while (isWaiting() && performance.now() < end) yield* Effect.sleep(lookMillis)
    })

  return {
    accept: (socket) => {
      const client = clientOf(socket.remoteAddress)
      const count = counts.get(client) ?? 0
      if (count >= perClient && !isExempt(socket.remoteAddress ?? "")) return false
      counts.set(client, count + 1)
      open.set(socket, { client, bytesBefore: 0, idleSince: performance.now(), current: undefined, waiting: [] })
      socket.once("close", () => forget(socket, client))
      return true
    },
    begin: (request, response, handle) => {
      const connection = open.get(request.socket)
      if (connection === undefined) return
      const run = (): void => start(connection, request, response, handle)
      if (connection.current === undefined) run()
      else connection.waiting.push(run)
    },
    end: (socket, atOnce) => {
      const connection = open.get(socket)
      if (connection?.current === undefined || !isExecuting(connection)) return atOnce()
      const { response } = connection.current
      connection.waiting.length = 0
      closeAfter(response)
      response.once("close", () => socket.destroy())
    },
    drain: (isHurried) =>
      Effect.gen(function* () {
        isDraining = true
        for (const { current } of open.values()) if (current !== undefined) closeAfter(current.response)
        yield* waitWhile(() => {
          destroyWhere(isIdle)
          return open.size > 0 && !isHurried()
        }, drainMillis)
        destroyWhere((_socket, connection) => !isExecuting(connection))
        yield* waitWhile(() => [...open.values()].some(isExecuting), executionMillis)
        destroyWhere(() => true)
      })
  }
}
