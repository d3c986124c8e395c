/** The documentation at /docs/: public pages, read from the disk when the first of them is requested. */
import { createHash } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { gunzipSync } from "node:zlib"
import { readBuilt } from "./assets.ts"
import type { Asset } from "./assets.ts"
import { securityHeaders } from "./browser.ts"
import { docsNotBuilt, onlyRead } from "./faults.ts"
import { refuseWith } from "./http.ts"

const root = "/docs"

/** `dist/docs`: beside the compiled sources, beside the bundled command, or below the clone. */
const builtFolders = ["../../../docs", "../../docs", "../../../dist/docs"]

/** A script in a page runs only if the content security policy has its hash. */
const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g

const policyOf = (html: string): string => {
  const hashes = Array.from(
    html.matchAll(inlineScript),
    ([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`
  )
  return (
    (securityHeaders["content-security-policy"] ?? "")
      .replace("script-src 'self'", ["script-src 'self'", ...new Set(hashes)].join(" "))
      // The colours of code are attributes of each word.
      .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
  )
}

/** Every browser does. Other clients get the text itself. */
const takesGzip = ({ headers }: IncomingMessage): boolean =>
  /(?:^|[,\s])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(headers["accept-encoding"] ?? ""))

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const send = ({ request, response }: Exchange, status: number, { contentType, hashed, ...asset }: Asset): void => {
  const isPage = contentType.startsWith("text/html")
  const isGzip = asset.isCompressed && takesGzip(request)
  const plain = (): Uint8Array => (asset.isCompressed ? gunzipSync(asset.body) : asset.body)
  const body = isGzip ? asset.body : plain()
  response
    .writeHead(status, {
      ...securityHeaders,
      ...(isPage ? { "content-security-policy": policyOf(Buffer.from(plain()).toString("utf8")) } : {}),
      ...(isGzip ? { "content-encoding": "gzip" } : {}),
      ...(asset.isCompressed ? { vary: "accept-encoding" } : {}),
      "content-type": contentType,
      "content-length": body.length,
      "cache-control": hashed ? "public, max-age=31536000, immutable" : "no-cache"
    })
    .end(body)
}

const redirect = (response: ServerResponse): void => {
  response.writeHead(302, { ...securityHeaders, location: `${root}/`, "cache-control": "no-store" }).end()
}

/** `how-to/` is the page `how-to/index.html`. */
const nameOf = (path: string): string => (path === "" || path.endsWith("/") ? `${path}index.html` : path)

export interface DocsSite {
  /** Answers a request for the documentation. Returns whether it was one. */
  readonly handle: (request: IncomingMessage, response: ServerResponse, isHostRight: () => boolean) => boolean
}

export const makeDocsSite = (folders: ReadonlyArray<string> = builtFolders): DocsSite => {
  let files: ReadonlyMap<string, Asset> | undefined
  const answer = (exchange: Exchange, path: string): void => {
    files ??= readBuilt("docs", folders)
    const found = files.get(nameOf(path))
    if (found !== undefined) return send(exchange, 200, found)
    const missing = files.get("404.html")
    return missing === undefined ? refuseWith(exchange.response, docsNotBuilt) : send(exchange, 404, missing)
  }
  return {
    handle: (request, response, isHostRight) => {
      const [path = "/"] = (request.url ?? "/").split("?", 1)
      const isOurs = path === root || path.startsWith(`${root}/`)
      if (!isOurs || !isHostRight()) return isOurs
      if (request.method !== "GET" && request.method !== "HEAD") refuseWith(response, onlyRead)
      else if (path === root) redirect(response)
      else answer({ request, response }, path.slice(root.length + 1))
      return true
    }
  }
}
