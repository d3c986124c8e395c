/** Response headers and request checks that keep other pages from acting through a person's session. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import { hostName, isLoopbackName } from "../../wire/addresses.ts"

export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'"
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "x-frame-options": "DENY"
}

/** A page of another origin cannot send a custom header without a preflight request, which is always refused. */
const ownHeader = "x-keystate-console"

/**
 * Whether the console answers under the host name of the request. A page whose DNS name points at this machine must not
 * reach a server that listens for this machine only.
 */
export const isHostRight = (
  headers: IncomingHttpHeaders,
  listening: string,
  allowedHosts: ReadonlyArray<string> = []
): boolean => {
  if (headers.host === undefined) return false
  const name = hostName(headers.host)
  if (allowedHosts.includes(name)) return true
  return isLoopbackName(hostName(listening)) ? isLoopbackName(name) : true
}

/** Whether a request comes from a page of this server. */
export const isSameOrigin = (headers: IncomingHttpHeaders): boolean => {
  if (headers[ownHeader] !== "1") return false
  const { origin, host } = headers
  const site = headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin") return false
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

export const cookieIn = (headers: IncomingHttpHeaders, name: string): string | undefined =>
  (headers.cookie ?? "")
    .split(";")
    .map((part) => part.trim().split("="))
    .find(([given]) => given === name)?.[1]

/** Whether a browser opens `/` as a page. API clients do not accept HTML. */
export const isBrowser = ({ headers, method, url = "/" }: IncomingMessage): boolean =>
  method === "GET" && url === "/" && (headers.accept ?? "").includes("text/html")
