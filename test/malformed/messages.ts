/** Requests as bytes, from correctly signed requests to bytes that are hardly HTTP. */
import { createHash } from "node:crypto"
import { formatInstant } from "../../src/domain/time.ts"
import { apis } from "../../src/operation/apis.ts"
import type { ApiName } from "../../src/operation/apis.ts"
import { signV1 } from "../../src/wire/client.ts"
import { computeMac } from "../../src/wire/claims.ts"
import { percentEncode } from "../../src/wire/percent.ts"
import { macV3, stringToSignV3 } from "../../src/wire/signatureV3.ts"
import { root } from "../nodes/nodeProcess.ts"
import { hostileText, spoilt } from "./hostile.ts"
import type { Chance } from "./hostile.ts"

export interface Message {
  /** For the report: what the request is. */
  readonly says: string
  readonly bytes: Buffer
  /** Whether a complete request was sent, so that the server must answer. */
  readonly isWhole: boolean
}

/** Valid values of parameters by name, collected from the attacked server. */
export type SoundValues = Readonly<Record<string, ReadonlyArray<string>>>

interface Operation {
  readonly api: ApiName
  readonly action: string
  readonly parameters: ReadonlyArray<string>
}

/** A restart of the service's access control would end the attack: its key signs every request. */
const isHarmful = (action: string): boolean => action === "DeleteAccessKey" || action === "UpdateAccessKey"

const operations: ReadonlyArray<Operation> = Object.entries(apis).flatMap(([name, { operations: all }]) =>
  [...all]
    .filter(([action]) => !isHarmful(action))
    .map(([action, { parameters }]) => ({
      api: name === "ram" || name === "sts" ? name : ("kms" as const),
      action,
      parameters: Object.keys(parameters)
    }))
)

const formatNames: ReadonlyArray<string> = ["JSON", "JSON", "XML", "xml", "", "yaml", "\0"]

const valueOf = (chance: Chance, sound: SoundValues, name: string): string => {
  const known = sound[name]
  return known === undefined || chance.oneIn(5) ? hostileText(chance) : chance.pick(known)
}

/** The parameters of a call: most are present, few are valid, and some are unknown. */
const parametersOf = (chance: Chance, sound: SoundValues, { parameters }: Operation): Record<string, string> => {
  const given = parameters.filter(() => !chance.oneIn(7)).map((name) => [name, valueOf(chance, sound, name)] as const)
  const unknown = chance.oneIn(12) ? [[hostileText(chance).slice(0, 64) || "x", hostileText(chance)] as const] : []
  const format = chance.oneIn(2) ? [["Format", chance.pick(formatNames)] as const] : []
  return Object.fromEntries([...given, ...unknown, ...format])
}

const requestLine = (method: string, target: string, headers: Readonly<Record<string, string>>, body: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `${method} ${target} HTTP/1.1\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}\r\n`,
      "latin1"
    ),
    body
  ])

const formType = "application/x-www-form-urlencoded"

const httpOf = (
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer = Buffer.alloc(0)
): Buffer => requestLine(method, target, { host: "127.0.0.1", ...headers, "content-length": String(body.length) }, body)

const nonceOf = (chance: Chance): string => chance.bytes(16).toString("hex")

/** Signed by version 1.0, in a form or in the query. */
const signedV1 = (chance: Chance, sound: SoundValues): Message => {
  const operation = chance.pick(operations)
  const method = chance.pick(["GET", "POST", "POST"] as const)
  const parameters = {
    ...parametersOf(chance, sound, operation),
    Action: operation.action,
    Version: apis[operation.api].version
  }
  const form = signV1({
    ...root,
    method,
    parameters,
    nonce: nonceOf(chance),
    timestamp: formatInstant(Date.now()),
    signatureMethod: chance.pick(["HMAC-SHA1", "HMAC-SHA256"] as const)
  })
  const bytes =
    method === "GET"
      ? httpOf("GET", `/?${form}`, {})
      : httpOf("POST", "/", { "content-type": formType }, Buffer.from(form))
  return { says: `V1 ${method} ${operation.action} ${JSON.stringify(parameters).slice(0, 400)}`, bytes, isWhole: true }
}

/** A JSON body that is not always an object of scalars. */
const jsonBody = (chance: Chance, parameters: Readonly<Record<string, string>>): Buffer => {
  const entries = Object.entries(parameters).map(([name, value]) => {
    const odd = chance.pick([value, value, value, 1e308, -0, true, null, [value], { [name]: value }])
    return `${JSON.stringify(name)}:${JSON.stringify(odd)}`
  })
  const whole = `{${entries.join(",")}}`
  const nested = "[".repeat(5000) + "]".repeat(5000)
  return Buffer.from(
    chance.oneIn(40) ? chance.pick([nested, `[${whole}]`, `${whole}${whole}`, '"', "\ufeff{}"]) : whole
  )
}

/** The host that SDKs send, and hosts of other regions and of no region. */
const hosts: ReadonlyArray<string> = ["127.0.0.1", "kms.cn-beijing.aliyuncs.com", "kms.aliyuncs.com", "x", "[::1]:80"]

/** Signed by ACS3-HMAC-SHA256, with the parameters in the query, a form or a JSON body. */
const signedV3 = (chance: Chance, sound: SoundValues): Message => {
  const operation = chance.pick(operations)
  const given = parametersOf(chance, sound, operation)
  const place = chance.pick(["query", "form", "json"] as const)
  const encoded = Object.entries(given).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
  const bodies = {
    query: () => Buffer.alloc(0),
    form: () => Buffer.from(encoded.join("&")),
    json: () => jsonBody(chance, given)
  }
  const body = bodies[place]()
  const { action, api } = operation
  const { version } = apis[api]
  const headers = {
    ...(body.length > 0 ? { "content-type": place === "json" ? "application/json" : formType } : {}),
    host: chance.pick(hosts),
    "x-acs-action": action,
    "x-acs-content-sha256": createHash("sha256").update(body).digest("hex"),
    "x-acs-date": formatInstant(Date.now()),
    "x-acs-signature-nonce": nonceOf(chance),
    "x-acs-version": version
  }
  const parameters = new Map(place === "query" ? Object.entries(given) : [])
  const names = Object.keys(headers)
  const { text } = stringToSignV3(
    {
      method: "POST",
      scheme: "V3",
      headers,
      body,
      parameters,
      queryCount: parameters.size,
      action,
      version,
      format: "JSON"
    },
    names
  )
  const signature = computeMac(macV3, { secret: root.secret, text })
  const authorization = `ACS3-HMAC-SHA256 Credential=${root.accessKeyId},SignedHeaders=${names.join(";")},Signature=${signature}`
  const target = place === "query" ? `/?${encoded.join("&")}` : "/"
  return {
    says: `V3 ${place} ${action} ${JSON.stringify(given).slice(0, 400)}`,
    bytes: httpOf("POST", target, { ...headers, authorization }, body),
    isWhole: true
  }
}

/** A signed request with one change after signing; the HTTP around it stays valid. */
const altered = (chance: Chance, sound: SoundValues): Message => {
  const { bytes, says } = chance.oneIn(2) ? signedV1(chance, sound) : signedV3(chance, sound)
  const end = bytes.indexOf("\r\n\r\n")
  const lineEnd = bytes.indexOf("\r\n")
  const target = bytes.subarray(0, lineEnd).toString("latin1").split(" ")[1] ?? "/"
  const mark = target.indexOf("?")
  if (mark >= 0) {
    const query = spoilt(chance, Buffer.from(target.slice(mark + 1), "latin1")).toString("latin1")
    const safe = query.replaceAll(/[\0-\x20\x7f-\xff]/g, "%")
    const rest = bytes.subarray(lineEnd)
    const method = bytes.subarray(0, lineEnd).toString("latin1").split(" ")[0] ?? "GET"
    return {
      says: `altered ${says}`,
      bytes: Buffer.concat([Buffer.from(`${method} /?${safe} HTTP/1.1`), rest]),
      isWhole: true
    }
  }
  const body = spoilt(chance, bytes.subarray(end + 4))
  const head = bytes
    .subarray(0, end)
    .toString("latin1")
    .replace(/content-length: \d+/, `content-length: ${body.length}`)
  return {
    says: `altered ${says}`,
    bytes: Buffer.concat([Buffer.from(`${head}\r\n\r\n`, "latin1"), body]),
    isWhole: true
  }
}

const paths: ReadonlyArray<string> = [
  "/console",
  "/console/",
  "/console/api/keys",
  "/console/events",
  "/console/..%2f..%2fetc/passwd",
  "/console/assets/../../../../etc/passwd",
  "/docs/",
  "/docs/%2e%2e/%2e%2e/package.json",
  "/livez",
  "/readyz",
  "/metrics?x=1",
  "//",
  "/%",
  "/?%",
  "/?&&&&=&=",
  `/?${"a&".repeat(3000)}`,
  "*",
  "http://127.0.0.1/",
  "http://[::1/"
]

const methods: ReadonlyArray<string> = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "PROPFIND"]
const types: ReadonlyArray<string> = [
  formType,
  "application/json",
  "text/xml",
  "",
  "multipart/form-data; boundary=x",
  "a/b; charset=utf-16"
]

/** A complete HTTP request that is not a call: odd paths, methods, types and bodies. */
const unsigned = (chance: Chance): Message => {
  const method = chance.pick(methods)
  const path = chance.pick(paths)
  const type = chance.pick(types)
  const body = method === "GET" || method === "HEAD" ? Buffer.alloc(0) : Buffer.from(hostileText(chance))
  const cookie = chance.oneIn(2) ? { cookie: `keystate-session=${chance.bytes(9).toString("hex")}; __proto__=x` } : {}
  const bytes = httpOf(method, path, { "content-type": type, origin: "null", ...cookie }, body)
  return { says: `unsigned ${method} ${path.slice(0, 80)} ${type}`, bytes, isWhole: method !== "HEAD" }
}

const broken: ReadonlyArray<string> = [
  "GET / HTTP/9.9\r\n\r\n",
  "GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n",
  "GET / HTTP/1.1\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcde",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
  "POST / HTTP/1.1\r\nhost: x\r\nexpect: magic\r\ncontent-length: 1\r\n\r\na",
  "GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
  "CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "GET / HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n",
  "GET / HTTP/1.1\r\nhost: x\r\nname\0: y\r\n\r\n",
  `GET / HTTP/1.1\r\nhost: x\r\n${"a: b\r\n".repeat(2000)}\r\n`,
  `GET /${"a".repeat(200_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "\r\n\r\n\r\n"
]

/** Bytes that are hardly HTTP: broken heads, and valid requests that were cut or changed at any place. */
const raw = (chance: Chance, sound: SoundValues): Message => {
  if (chance.oneIn(2)) {
    const text = chance.pick(broken)
    return { says: `raw ${JSON.stringify(text.slice(0, 90))}`, bytes: Buffer.from(text, "latin1"), isWhole: false }
  }
  const { bytes, says } = signedV1(chance, sound)
  const isCut = chance.oneIn(2)
  const changed = isCut ? bytes.subarray(0, chance.below(bytes.length)) : spoilt(chance, bytes)
  return { says: `${isCut ? "cut" : "spoilt"} ${says}`, bytes: Buffer.from(changed), isWhole: false }
}

type Kind = (chance: Chance, sound: SoundValues) => Message

/** Each kind, repeated by its frequency. */
const kinds: ReadonlyArray<Kind> = [
  ...Array.from({ length: 12 }, () => signedV1),
  ...Array.from({ length: 7 }, () => signedV3),
  altered,
  altered,
  altered,
  unsigned,
  raw
]

export const messageFrom = (chance: Chance, sound: SoundValues): Message => chance.pick(kinds)(chance, sound)
