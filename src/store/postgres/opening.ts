/** Options and connections of a database. */
import { readFileSync } from "node:fs"
import type { ConnectionOptions } from "node:tls"
import { Effect, Redacted } from "effect"
import type { Scope } from "effect"
import { StoreUnusable } from "../driver.ts"
import { addressOf } from "./address.ts"
import { unavailable } from "./failures.ts"
import { fitSession, nothingSeen } from "./fitness.ts"
import { Lost, openSession } from "./session.ts"
import type { Session, SqlFailure, Target } from "./session.ts"

/** How the store connects to a database. */
export interface PostgresOptions {
  /** `postgres://user@host:port/database`. With `?host=/run/postgresql` the connection uses the Unix socket there. */
  readonly url: string
  /** The password, if the URL has none. */
  readonly password?: Redacted.Redacted | undefined
  /** A file with the password. It is read for each connection, so that the password can be changed. */
  readonly passwordFile?: string | undefined
  /**
   * `verify-full`, the default, encrypts and checks the server's certificate and its name; `require` only encrypts;
   * `off` sends everything in plaintext. Alternatively Node's own options, for example with a certificate authority.
   */
  readonly tls?: "verify-full" | "require" | "off" | ConnectionOptions | undefined
  /** The longest time that a call waits for the database, in milliseconds; 2000 by default. */
  readonly timeoutMillis?: number | undefined
  /**
   * How long a start waits for a database that is unreachable or slow, in milliseconds; 0 by default. A problem that
   * waiting cannot solve, such as a wrong password, fails the start at once.
   */
  readonly startMillis?: number | undefined
  /** Whether to create the tables in a database that has none; true by default. */
  readonly create?: boolean | undefined
}

/** The parts of the longest time that a call waits, in milliseconds. */
export const timesOf = (total: number) => ({
  connect: Math.floor(total * 0.4),
  statement: Math.floor(total * 0.6),
  settling: Math.floor(total * 0.3),
  read: Math.floor(total * 0.9)
})

const tlsOf = ({ tls = "verify-full" }: PostgresOptions): false | ConnectionOptions => {
  if (typeof tls === "object") return tls
  return tls === "off" ? false : { rejectUnauthorized: tls === "verify-full" }
}

const passwordIn = (path: string): Effect.Effect<Redacted.Redacted, Lost> =>
  Effect.try({
    try: () => Redacted.make(readFileSync(path, "utf8").replace(/\r?\n$/, "")),
    catch: () => new Lost({ message: `the password file ${path} cannot be read`, isFinal: true })
  })

const targetOf = (options: PostgresOptions, connectMillis: () => number): Target => {
  const address = addressOf(options.url)
  const { password = address.password, passwordFile } = options
  return {
    ...address,
    currentPassword: passwordFile === undefined ? Effect.succeed(password) : passwordIn(passwordFile),
    tls: tlsOf(options),
    connectMillis
  }
}

/** For a start that needs the database. */
export const unusable = (failure: SqlFailure): StoreUnusable =>
  new StoreUnusable({ message: unavailable(failure).message })

export type Open = Effect.Effect<Session, SqlFailure, Scope.Scope>

/** A function that connects within `connectMillis`. Fails if the options are invalid. */
export const openings = (
  options: PostgresOptions,
  connectMillis = (): number => timesOf(options.timeoutMillis ?? 2000).connect
): Effect.Effect<Open, StoreUnusable> =>
  Effect.try({
    try: () => fitSession(openSession(targetOf(options, connectMillis)), nothingSeen()),
    catch: (fault) => (fault instanceof StoreUnusable ? fault : new StoreUnusable({ message: String(fault) }))
  })

/** The same for commands: a connection has ten seconds, and the limit of a call does not apply. */
export const patientOpenings = (options: PostgresOptions): Effect.Effect<Open, StoreUnusable> =>
  openings({ ...options, timeoutMillis: Math.max(25_000, options.timeoutMillis ?? 0) })
