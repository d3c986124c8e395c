/** Refuses HTTP requests that two parsers could read differently, before they are parsed. */
import type { IncomingMessage } from "node:http"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"

/** Headers with one value. A second line of any of them is refused, because a proxy may have read the other one. */
const singular: ReadonlySet<string> = new Set([
  "authorization",
  "content-encoding",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "expect",
  "host",
  "transfer-encoding"
])

const isSingular = (name: string): boolean => singular.has(name) || name.startsWith("x-acs-")

/** `host`, `host:port`, `[v6]` or `[v6]:port` (RFC 9110, section 7.2). No user information. */
const hostForm = /^(?:\[[0-9a-f:.]+\]|(?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2})+)(?::[0-9]{0,5})?$/i

/** A request target with a server name, as a proxy sends it (RFC 9112, section 3.2.2). */
const absoluteForm = /^https?:\/\/([^/?#]*)/i

const bad = (hint: string): AnyKmsError => refuse("ParseRequestParameterException", { hint })

/** The name of a singular header that occurs twice. */
const repeated = ({ headers, rawHeaders }: IncomingMessage): string | undefined => {
  // Node joins or drops repeated headers. If it kept as many as were sent, none was repeated.
  if (Object.keys(headers).length * 2 === rawHeaders.length) return undefined
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase()
    if (seen.has(name) && isSingular(name)) return name
    seen.add(name)
  }
  return undefined
}

const withoutDefaultPort = (authority: string): string => authority.toLowerCase().replace(/:(?:80|443)?$/, "")

const badHost = bad("The Host header is not a host with an optional port.")

/** The fault of the host that a request names. */
export const hostHeaderFault = (host: unknown): AnyKmsError | undefined =>
  typeof host === "string" && hostForm.test(host) ? undefined : badHost

const hostFault = ({ headers: { host }, httpVersion, url = "" }: IncomingMessage): AnyKmsError | undefined => {
  const named = absoluteForm.exec(url)?.[1]
  if (named !== undefined && !hostForm.test(named)) return bad("The server in the request target is not valid.")
  if (host === undefined) return httpVersion === "1.1" ? bad("An HTTP/1.1 request needs a Host header.") : undefined
  if (!hostForm.test(host)) return badHost
  return named === undefined || withoutDefaultPort(named) === withoutDefaultPort(host)
    ? undefined
    : bad("The request target and the Host header name different servers.")
}

/** The fault of a request's headers; undefined for a request that may be parsed. */
export const headersFault = (request: IncomingMessage): AnyKmsError | undefined => {
  const name = repeated(request)
  return name === undefined ? hostFault(request) : bad(`Send the header ${name} once.`)
}

/** The path and query of a target, without the server name. */
export const pathOf = (target: string): string => {
  if (target.startsWith("/")) return target
  const path = target.replace(absoluteForm, "")
  return path.startsWith("/") ? path : `/${path}`
}
