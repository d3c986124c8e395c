/** The location of a PostgreSQL server, parsed from a URL. Every part is checked. */
import type { Redacted } from "effect"
import { Redacted as Secret } from "effect"
import { StoreUnusable } from "../driver.ts"

export interface Address {
  /** A host name, an IP address, or the directory of a Unix socket, which begins with a slash. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: Redacted.Redacted | undefined
}

const defaultPort = 5432

const refuse = (what: string): StoreUnusable =>
  new StoreUnusable({ message: `The URL of the store ${what}. An example: postgres://keystate@db.example/keystate` })

const decoded = (part: string, what: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refuse(`has a wrong percent-encoding in its ${what}`)
  }
}

const hostOf = (url: URL): string => {
  const parameter = url.searchParams.get("host")
  if (parameter !== null) return parameter
  const name = decoded(url.hostname, "host")
  return name.startsWith("[") ? name.slice(1, -1) : name
}

const parse = (text: string): URL => {
  if (!/^postgres(ql)?:\/\//.test(text)) throw refuse("must begin with postgres://")
  try {
    return new URL(text)
  } catch {
    throw refuse("cannot be read")
  }
}

/** Whether a text names a PostgreSQL server. */
export const isPostgresUrl = (text: string): boolean => /^postgres(ql)?:\/\//.test(text)

/** The same URL without its password, for messages and logs. */
export const withoutPassword = (text: string): string => {
  const url = parse(text)
  url.password = ""
  return url.href
}

/** Throws StoreUnusable. `host` is the only query parameter: the directory of a Unix socket. */
export const addressOf = (text: string): Address => {
  const url = parse(text)
  for (const name of url.searchParams.keys()) {
    if (name !== "host") throw refuse(`takes no parameter ${name}`)
  }
  const host = hostOf(url)
  const user = decoded(url.username, "user name")
  const database = decoded(url.pathname.slice(1), "database name")
  if (host === "") throw refuse("names no host")
  if (user === "") throw refuse("names no user")
  if (database === "") throw refuse("names no database")
  const password = decoded(url.password, "password")
  return {
    host,
    port: url.port === "" ? defaultPort : Number(url.port),
    database,
    user,
    password: password === "" ? undefined : Secret.make(password)
  }
}
