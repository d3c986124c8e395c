/** One connection to PostgreSQL. Only this file uses the client library. */
import { connect as connectSocket } from "node:net"
import type { Socket } from "node:net"
import type { ConnectionOptions } from "node:tls"
import { Data, Effect, Redacted } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Address } from "./address.ts"

/** A value for a statement. Text gets the type that the statement gives the parameter. */
export type Parameter = string | number | null | ReadonlyArray<string>

/** A row of an answer: int8 is a bigint, bytea a Uint8Array, everything else text or a number. */
export type Columns = Readonly<Record<string, unknown>>

/** The server refused a statement and rolled back its transaction. */
export class Refused extends Data.TaggedError("Refused")<{
  /** SQLSTATE, PostgreSQL Appendix A. */
  readonly code: string
  readonly message: string
}> {}

/** The connection failed or broke. It is unknown whether a statement that was sent was executed. */
export class Lost extends Data.TaggedError("Lost")<{
  readonly message: string
  /** Set if every further attempt must fail in the same way: a wrong password, or a server that is not PostgreSQL. */
  readonly isFinal?: true
}> {}

export type SqlFailure = Refused | Lost

export interface Session {
  /** Runs one statement in its own transaction. Statements of several fibers are sent one after another. */
  readonly run: (
    text: string,
    parameters: ReadonlyArray<Parameter>
  ) => Effect.Effect<ReadonlyArray<Columns>, SqlFailure>
  /** True as soon as the connection is known to be closed. */
  readonly isClosed: () => boolean
}

export interface Target extends Address {
  /**
   * Returns the password for each new connection. It is read again each time, so that it can be changed while the
   * service runs.
   */
  readonly currentPassword: Effect.Effect<Redacted.Redacted | undefined, Lost>
  readonly tls: false | ConnectionOptions
  /** The time limit of the next connection. */
  readonly connectMillis: () => number
}

/** Idle time before the operating system checks whether the peer still exists. */
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
 * Interprets an error of the client. An error of severity FATAL ends the connection, perhaps between the commit of a
 * statement and its answer. So only an error of severity ERROR proves that nothing was changed.
 */
const failureOf = (failure: SqlError): SqlFailure => {
  const { cause } = failure.reason
  const code = textIn(cause, "code")
  const severity = textIn(cause, "severityUnlocalized") ?? textIn(cause, "severity")
  const message = causeOf(failure)
  return code !== undefined && severity === "ERROR" ? new Refused({ code, message }) : new Lost({ message })
}

/**
 * Node's error codes for conditions that may pass: nothing listens yet, the name or socket does not exist yet, the
 * network is down.
 */
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

/** Messages of the client library for a slow server, or a proxy without a server behind it. */
const passingCauses: ReadonlySet<string> = new Set(["Connection timed out", "Connection closed unexpectedly"])

/** Classes of SQLSTATE for conditions that may pass: connection, resources, a start or a stop, the system. */
const passingStates = /^(08|53|57|58)/

/** Whether another attempt to connect may end differently. */
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
 * Connects and authenticates. The session ends with the scope. This file creates the socket, so that a connection with
 * a lost peer can be dropped without waiting.
 */
export const openSession = (target: Target): Effect.Effect<Session, SqlFailure, Scope.Scope> =>
  Effect.gen(function* () {
    // The package is an optional dependency, loaded only if PostgreSQL is used.
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
      // Statements run one after another, and none is interrupted on the wire: an interrupted fiber only stops waiting.
      multiplex: true,
      stream: () => (socket = socketTo(target))
    }).pipe(Effect.mapError(connectFailureOf))
    const [row] = (yield* Effect.mapError(connection.query(backend, [], false), failureOf)).rows
    // A pooler returns another number. It may use another backend for each statement, and none knows a statement
    // prepared by name.
    const isDirect = row?.["pid"] === connection.processId
    return {
      run: (text, parameters) =>
        Effect.map(Effect.mapError(connection.query(text, parameters, isDirect), failureOf), ({ rows }) => rows),
      isClosed: () => socket === undefined || socket.destroyed || socket.readableEnded
    } satisfies Session
  })
