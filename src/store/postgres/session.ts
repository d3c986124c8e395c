/** One connection to PostgreSQL: the only file that knows the client library. Another client replaces this file alone. */
import { connect as connectSocket } from "node:net"
import type { Socket } from "node:net"
import type { ConnectionOptions } from "node:tls"
import { Data, Effect, Redacted } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Address } from "./address.ts"

/** A value as a statement takes it. A text has the type that the statement gives its place. */
export type Parameter = string | number | null | ReadonlyArray<string>

/** A row as it comes: int8 is a bigint, bytea a Uint8Array, all else text or a number. */
export type Columns = Readonly<Record<string, unknown>>

/** The server refused a statement, and took back its transaction. */
export class Refused extends Data.TaggedError("Refused")<{
  /** SQLSTATE, PostgreSQL Appendix A. */
  readonly code: string
  readonly message: string
}> {}

/** The connection could not be made, or it broke: of a statement that was sent it is not known whether it was executed. */
export class Lost extends Data.TaggedError("Lost")<{
  readonly message: string
  /** Set if every further try must end in the same way: a wrong password, a server that is not PostgreSQL. */
  readonly isFinal?: true
}> {}

export type SqlFailure = Refused | Lost

export interface Session {
  /** Runs one statement in a separate transaction. Statements of several fibers are sent one behind the other. */
  readonly run: (
    text: string,
    parameters: ReadonlyArray<Parameter>
  ) => Effect.Effect<ReadonlyArray<Columns>, SqlFailure>
  /** True as soon as the connection is known to be closed. */
  readonly isClosed: () => boolean
}

export interface Target extends Address {
  /** Answers the password of each new connection; it is read anew, so that it can be changed while the service runs. */
  readonly currentPassword: Effect.Effect<Redacted.Redacted | undefined, Lost>
  readonly tls: false | ConnectionOptions
  /** The longest time that the next connection may take. */
  readonly connectMillis: () => number
}

/** Idle time before the operating system asks whether the other side is still there. */
const keepAliveMillis = 5000

const socketTo = ({ host, port }: Target): Socket =>
  host.startsWith("/")
    ? connectSocket({ path: `${host}/.s.PGSQL.${port}` })
    : connectSocket({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMillis })

const backend = "SELECT pg_backend_pid() AS pid"

const textIn = (value: unknown, name: string): string | undefined => {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return typeof found === "string" ? found : undefined
}

const causeOf = (failure: SqlError): string => {
  const { cause } = failure.reason
  const text = textIn(cause, "message")
  return text === undefined || text === "" ? (textIn(cause, "code") ?? failure.message) : text
}

/**
 * What a failure of the client means. An error of severity FATAL ends the connection, perhaps between the commit of a
 * statement and its answer. So only an error of severity ERROR proves that nothing was changed.
 */
const failureOf = (failure: SqlError): SqlFailure => {
  const { cause } = failure.reason
  const code = textIn(cause, "code")
  const severity = textIn(cause, "severityUnlocalized") ?? textIn(cause, "severity")
  const message = causeOf(failure)
  return code !== undefined && severity === "ERROR" ? new Refused({ code, message }) : new Lost({ message })
}

/** What Node says of a way that may open: nothing listens yet, no name or socket is there yet, the network is down. */
const passingCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT"
])

/** What the client library says where the server is slow, or a proxy has no server behind it yet. */
const passingCauses: ReadonlySet<string> = new Set(["Connection timed out", "Connection closed unexpectedly"])

/** Classes of SQLSTATE that pass: no connection, no resources, a start or a stop, the system. */
const passingStates = /^(08|53|57|58)/

/** Whether another try to connect may end in another way. */
const mayPass = ({ reason }: SqlError): boolean => {
  if (reason._tag === "AuthenticationError") return false
  const code = textIn(reason.cause, "code")
  if (code === undefined) return passingCauses.has(textIn(reason.cause, "message") ?? "")
  return textIn(reason.cause, "severity") === undefined ? passingCodes.has(code) : passingStates.test(code)
}

const connectFailureOf = (failure: SqlError): SqlFailure => {
  const found = failureOf(failure)
  return found._tag === "Refused" || mayPass(failure) ? found : new Lost({ message: found.message, isFinal: true })
}

/**
 * Connects and authenticates. The session ends with the scope. Its socket is made here, so that a connection whose other
 * side is gone can be dropped without waiting for it.
 */
export const openSession = (target: Target): Effect.Effect<Session, SqlFailure, Scope.Scope> =>
  Effect.gen(function* () {
    // The package is an optional dependency, and it is loaded only where PostgreSQL is used.
    const { make } = yield* Effect.tryPromise({
      try: () => import("@effect/sql-pg/PgConnection"),
      catch: () =>
        new Lost({
          message: "the package @effect/sql-pg is not installed; run npm install @effect/sql-pg",
          isFinal: true
        })
    })
    const password = yield* target.currentPassword
    let socket: Socket | undefined
    yield* Effect.addFinalizer(() => Effect.sync(() => socket?.destroySoon()))
    const connection = yield* make({
      host: target.host,
      database: target.database,
      username: target.user,
      password: password ?? Redacted.make(""),
      ssl: target.tls,
      connectTimeout: target.connectMillis(),
      applicationName: "keystate",
      // One statement behind the other, and none is interrupted on the wire: a fiber that is interrupted stops waiting.
      multiplex: true,
      stream: () => (socket = socketTo(target))
    }).pipe(Effect.mapError(connectFailureOf))
    const [row] = (yield* Effect.mapError(connection.query(backend, [], false), failureOf)).rows
    // A pooler gives another number. It may lend another backend for each statement, which knows none by its name.
    const isDirect = row?.["pid"] === connection.processId
    return {
      run: (text, parameters) =>
        Effect.map(Effect.mapError(connection.query(text, parameters, isDirect), failureOf), ({ rows }) => rows),
      isClosed: () => socket === undefined || socket.destroyed || socket.readableEnded
    } satisfies Session
  })
