/** The two signature schemes, written a second time from the documents, over bytes. */
import { createHash, createHmac } from "node:crypto"
import type { RawRequest } from "../../src/wire/rpcRequest.ts"

type Pair = readonly [name: string, value: string]

const unreserved = new Set(Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"))

export const escapeBytes = (text: string): string => {
  let escaped = ""
  for (const byte of new TextEncoder().encode(text)) {
    escaped += unreserved.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`
  }
  return escaped
}

const hexDigits = "0123456789abcdef"

const unescapeBytes = (text: string): string | undefined => {
  const bytes: Array<number> = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return undefined
    if (text[i] === "%") {
      const high = hexDigits.indexOf((text[i + 1] ?? "?").toLowerCase())
      const low = hexDigits.indexOf((text[i + 2] ?? "?").toLowerCase())
      if (high < 0 || low < 0) return undefined
      bytes.push(high * 16 + low)
      i += 2
    } else bytes.push(text[i] === "+" ? 32 : code)
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))
  } catch {
    return undefined
  }
}

const readPairs = (text: string): ReadonlyArray<Pair> | undefined => {
  const pairs: Array<Pair> = []
  for (const piece of text.split("&")) {
    if (piece === "") continue
    const [first = "", ...rest] = piece.split("=")
    const name = unescapeBytes(first)
    const value = unescapeBytes(rest.join("="))
    if (name === undefined || value === undefined || name === "") return undefined
    pairs.push([name, value])
  }
  return pairs
}

const byHex = ([left]: Pair, [right]: Pair): number => {
  const a = Buffer.from(left).toString("hex")
  const b = Buffer.from(right).toString("hex")
  return a < b ? -1 : a > b ? 1 : 0
}

const canonicalQuery = (pairs: ReadonlyArray<Pair>): string =>
  [...pairs]
    .sort(byHex)
    .map((pair) => pair.map(escapeBytes).join("="))
    .join("&")

export const signatureV1 = (method: string, pairs: ReadonlyArray<Pair>, secret: string, hash: string): string => {
  const canonical = canonicalQuery(pairs.filter(([name]) => name !== "Signature"))
  return createHmac(hash, `${secret}&`)
    .update(Buffer.from([method, escapeBytes("/"), escapeBytes(canonical)].join("&")))
    .digest("base64")
}

export interface RequestV3 {
  readonly method: string
  readonly query: ReadonlyArray<Pair>
  readonly headers: Readonly<Record<string, string>>
  readonly signedHeaders: ReadonlyArray<string>
  readonly body: Uint8Array
}

export const signatureV3 = (request: RequestV3, secret: string): string => {
  const lines = [request.method, "/", canonicalQuery(request.query)]
  for (const name of request.signedHeaders) lines.push(`${name}:${request.headers[name] ?? ""}`)
  lines.push("", request.signedHeaders.join(";"), createHash("sha256").update(request.body).digest("hex"))
  const canonical = createHash("sha256").update(lines.join("\n")).digest("hex")
  return createHmac("sha256", secret).update(`ACS3-HMAC-SHA256\n${canonical}`).digest("hex")
}

/** The content of a request if its signature is valid. */
export interface Opinion {
  readonly action: string
  readonly pairs: ReadonlyArray<Pair>
}

export interface Circumstances {
  readonly accessKeyId: string
  readonly secret: string
  /** Instants in the API's form that lie within the window. */
  readonly timestamps: ReadonlyArray<string>
}

const inFormat = (pairs: ReadonlyMap<string, string>): boolean =>
  ["", "json", "xml"].includes((pairs.get("Format") ?? "").toLowerCase())

const opinionV1 = (method: string, pairs: ReadonlyArray<Pair>, about: Circumstances): Opinion | undefined => {
  const values = new Map(pairs)
  const hash = { "HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256" }[values.get("SignatureMethod") ?? ""]
  const sound =
    hash !== undefined &&
    values.get("AccessKeyId") === about.accessKeyId &&
    values.get("SignatureVersion") === "1.0" &&
    values.get("Version") === "2016-01-20" &&
    about.timestamps.includes(values.get("Timestamp") ?? "") &&
    (values.get("SignatureType") ?? "") === "" &&
    (values.get("SecurityToken") ?? "") === "" &&
    (values.get("SignatureNonce") ?? "").length <= 256 &&
    inFormat(values) &&
    values.get("Signature") === signatureV1(method, pairs, about.secret, hash)
  const action = values.get("Action") ?? ""
  return sound && action !== "" ? { action, pairs } : undefined
}

const demanded = [
  "host",
  "x-acs-action",
  "x-acs-version",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-content-sha256"
]

const opinionV3 = (
  request: Omit<RequestV3, "signedHeaders">,
  pairs: ReadonlyArray<Pair>,
  about: Circumstances
): Opinion | undefined => {
  const { headers } = request
  const [credential, names, signature, ...rest] = (headers["authorization"] ?? "")
    .slice("ACS3-HMAC-SHA256 ".length)
    .split(",")
    .map((part, i) => (i > 0 && part.startsWith(" ") ? part.slice(1) : part))
  const signedHeaders = (names ?? "").slice("SignedHeaders=".length).split(";")
  const needed = [
    ...demanded,
    ...(request.body.length > 0 ? ["content-type"] : []),
    ...["x-acs-accesskey-id", "x-acs-security-token"].filter((name) => name in headers)
  ]
  const values = new Map(pairs)
  const action = headers["x-acs-action"] ?? ""
  const nonce = headers["x-acs-signature-nonce"] ?? ""
  const sound =
    rest.length === 0 &&
    headers["authorization"]?.startsWith("ACS3-HMAC-SHA256 Credential=") === true &&
    credential === `Credential=${about.accessKeyId}` &&
    needed.every((name) => signedHeaders.includes(name)) &&
    signedHeaders.every((name) => name in headers) &&
    signedHeaders.join() === [...new Set(signedHeaders)].sort().join() &&
    headers["x-acs-version"] === "2016-01-20" &&
    about.timestamps.includes(headers["x-acs-date"] ?? "") &&
    nonce !== "" &&
    nonce.length <= 256 &&
    (headers["x-acs-security-token"] ?? "") === "" &&
    (headers["x-acs-accesskey-id"] ?? about.accessKeyId) === about.accessKeyId &&
    headers["x-acs-content-sha256"] === createHash("sha256").update(request.body).digest("hex") &&
    (values.get("Action") ?? action) === action &&
    (values.get("Version") ?? "2016-01-20") === "2016-01-20" &&
    inFormat(values) &&
    signature === `Signature=${signatureV3({ ...request, signedHeaders }, about.secret)}`
  return sound && action !== "" ? { action, pairs } : undefined
}

const textHeaders = (raw: RawRequest): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(raw.headers)) {
    if (typeof value !== "string") continue
    const blank = (i: number): boolean => value[i] === " " || value[i] === "\t"
    let start = 0
    let end = value.length
    while (blank(start)) start++
    while (end > start && blank(end - 1)) end--
    headers[name] = value.slice(start, end)
  }
  return headers
}

/** The action and parameters of a request that should be accepted; otherwise undefined. */
export const secondOpinion = (raw: RawRequest, about: Circumstances): Opinion | undefined => {
  if (!["GET", "POST"].includes(raw.method)) return undefined
  const [path, ...rest] = raw.url.split("?")
  const headers = textHeaders(raw)
  const query = readPairs(rest.join("?"))
  const isForm = headers["content-type"]?.toLowerCase() === "application/x-www-form-urlencoded"
  if (path !== "/" || query === undefined || (raw.body.length > 0 && !isForm)) return undefined
  const form = readPairs(Buffer.from(raw.body).toString("latin1"))
  if (form === undefined) return undefined
  const pairs = [...query, ...form]
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length || pairs.length > 200) return undefined
  return headers["authorization"]?.startsWith("ACS3-") === true
    ? opinionV3({ method: raw.method, query, headers, body: raw.body }, pairs, about)
    : opinionV1(raw.method, pairs, about)
}
