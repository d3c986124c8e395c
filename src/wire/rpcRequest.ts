/** Parses the bytes of a request into an RPC call: its parameters, its action, and its signature scheme. */
import { isAscii } from "node:buffer"
import { Result } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { encryptionContextCharsMax, requestParametersMax } from "../domain/limits.ts"
import { isWithin } from "../encoding/chars.ts"
import { requestBytesMax } from "./requestLimits.ts"
import { apiOfVersion, apis } from "../operation/apis.ts"
import { headerOf } from "./headers.ts"
import type { Headers } from "./headers.ts"
import { jsonPairs } from "./jsonBody.ts"
import { formDecode } from "./percent.ts"

/** The received request. `url` is the request target: path and query. */
export interface RawRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: Uint8Array
  /** The source address of the request, as the socket reports it. */
  readonly remoteAddress?: string | undefined
  /** Whether the client's connection is encrypted. */
  readonly isEncrypted?: boolean
}

export type Format = "JSON" | "XML"

export interface WireRequest {
  readonly method: "GET" | "POST"
  readonly scheme: "V1" | "V3"
  readonly headers: Headers
  readonly body: Uint8Array
  /** The query's parameters in order, then the body's. The signed text is computed from this same map. */
  readonly parameters: ReadonlyMap<string, string>
  /** The number of parameters in the query. */
  readonly queryCount: number
  /** Empty if the request names none; the same holds for `version`. */
  readonly action: string
  readonly version: string
  /** Undefined if the request names an unknown format. */
  readonly format: Format | undefined
}

/** The longest useful name is `DestinationEncryptionContext.<key>`. */
const parameterNameCharsMax = encryptionContextCharsMax + "DestinationEncryptionContext.".length

const unreadable = (hint: string): AnyKmsError => refuse("ParseRequestParameterException", { hint })

/**
 * Adds a parameter; returns its fault, if any. A repeated name is refused: one value could be signed and the other
 * executed.
 */
const add = (parameters: Map<string, string>, name: string, value: string): AnyKmsError | undefined => {
  if (name === "") return unreadable("A parameter has no name.")
  if (!isWithin(name, parameterNameCharsMax)) return unreadable("A parameter's name is too long.")
  const { size } = parameters
  parameters.set(name, value)
  if (parameters.size === size) return unreadable(`The parameter ${name.slice(0, 64)} is a duplicate: give it once.`)
  if (size === requestParametersMax) return unreadable(`Give at most ${requestParametersMax} parameters.`)
  return undefined
}

/** Names of most requests. A text that is read anew has no hash yet, and a map computes one for each name. */
const usualNames = [
  "AccessKeyId",
  "Action",
  "CiphertextBlob",
  "EncryptionContext",
  "Format",
  "KeyId",
  "Plaintext",
  "RegionId",
  "Signature",
  "SignatureMethod",
  "SignatureNonce",
  "SignatureVersion",
  "Timestamp",
  "Version"
] as const

/** Different for each of the usual names. */
const shapeOf = (length: number, first: number): number => length * 128 + first

const usualByShape: ReadonlyMap<number, string> = new Map(
  usualNames.map((name) => [shapeOf(name.length, name.charCodeAt(0)), name])
)

/** The name at a place of a form; undefined if it is not well-formed. */
const nameIn = (form: string, start: number, end: number): string | undefined => {
  const usual = usualByShape.get(shapeOf(end - start, form.charCodeAt(start)))
  return usual !== undefined && form.startsWith(usual, start) ? usual : formDecode(form.slice(start, end))
}

const notAscii = (): AnyKmsError => unreadable("Percent-encode every character that is not ASCII, as UTF-8.")

/** The text is ASCII. */
const addForm = (parameters: Map<string, string>, text: string): AnyKmsError | undefined => {
  let end = 0
  for (let start = 0; start < text.length; start = end + 1) {
    end = text.indexOf("&", start)
    if (end < 0) end = text.length
    if (end === start) continue
    const equals = text.indexOf("=", start)
    const nameEnd = equals < 0 || equals > end ? end : equals
    const name = nameIn(text, start, nameEnd)
    const value = formDecode(text.slice(Math.min(nameEnd + 1, end), end))
    if (name === undefined || value === undefined) return unreadable("A percent escape is not well-formed UTF-8.")
    const fault = add(parameters, name, value)
    if (fault !== undefined) return fault
  }
  return undefined
}

const addJson = (parameters: Map<string, string>, body: Uint8Array): AnyKmsError | undefined => {
  const pairs = jsonPairs(body, requestParametersMax)
  if (pairs === undefined) return unreadable("A JSON body must be one object of strings, numbers and booleans.")
  for (const [name, value] of pairs) {
    const fault = add(parameters, name, value)
    if (fault !== undefined) return fault
  }
  return undefined
}

const addQuery = (parameters: Map<string, string>, query: string): AnyKmsError | undefined => {
  if (query === "") return undefined
  return isAscii(Buffer.from(query)) ? addForm(parameters, query) : notAscii()
}

const addFormBody = (parameters: Map<string, string>, { buffer, byteLength, byteOffset }: Uint8Array) => {
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  return isAscii(bytes) ? addForm(parameters, bytes.toString("latin1")) : notAscii()
}

const formType = "application/x-www-form-urlencoded"
const contentType = /^([^;\s]+)\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i

/**
 * A form body means the same in both signature schemes. openapi-client sends a JSON body with the option `reqBodyType:
 * "json"`. V3's hash covers it, but version 1.0 does not sign it.
 */
const addBody = (
  parameters: Map<string, string>,
  raw: RawRequest,
  scheme: WireRequest["scheme"]
): AnyKmsError | undefined => {
  if (raw.body.length === 0) return undefined
  const given = headerOf(raw.headers, "content-type") ?? ""
  const type = given === formType ? given : contentType.exec(given)?.[1]?.toLowerCase()
  if (type === formType) return addFormBody(parameters, raw.body)
  if (type === "application/json" && scheme === "V3") return addJson(parameters, raw.body)
  return unreadable("Send parameters in the query, or in a body of type application/x-www-form-urlencoded.")
}

const formats: Readonly<Record<string, Format>> = { json: "JSON", xml: "XML" }

/** The format of the answer if the request names none. The SDKs of signature V3 read only JSON. */
const defaultFormat = (scheme: WireRequest["scheme"], version: string): Format => {
  const api = scheme === "V1" ? apiOfVersion(version) : undefined
  return api === undefined ? "JSON" : apis[api].format
}

/** Common parameters of the API: the names of formats ignore case. */
const formatOf = (given: string | undefined, scheme: WireRequest["scheme"], version: string): Format | undefined => {
  if (given === "JSON") return given
  if (given === undefined || given === "") return defaultFormat(scheme, version)
  const name = given.toLowerCase()
  return Object.hasOwn(formats, name) ? formats[name] : undefined
}

/** In V3 the headers name the action. A parameter of that name is only data, so it must not differ. */
const agree = (parameters: ReadonlyMap<string, string>, name: string, header: string): boolean =>
  (parameters.get(name) ?? header) === header

/** SDKs can also sign by ACS4-HMAC-SHA256, which signatureV3.ts refuses by name. */
const signedByHeaders = /^ACS\d-/

const assemble = (
  raw: RawRequest,
  method: WireRequest["method"],
  query: string
): Result.Result<WireRequest, AnyKmsError> => {
  const { headers, body } = raw
  const scheme = signedByHeaders.test(headerOf(headers, "authorization") ?? "") ? "V3" : "V1"
  const parameters = new Map<string, string>()
  const queryFault = addQuery(parameters, query)
  if (queryFault !== undefined) return Result.fail(queryFault)
  const queryCount = parameters.size
  const bodyFault = addBody(parameters, raw, scheme)
  if (bodyFault !== undefined) return Result.fail(bodyFault)
  const version = (scheme === "V1" ? parameters.get("Version") : headerOf(headers, "x-acs-version")) ?? ""
  const format = formatOf(parameters.get("Format"), scheme, version)
  // SDKs also send x-acs-action with version 1.0. It is not signed there, so it is ignored.
  const action = (scheme === "V1" ? parameters.get("Action") : headerOf(headers, "x-acs-action")) ?? ""
  return scheme === "V1" || (agree(parameters, "Action", action) && agree(parameters, "Version", version))
    ? Result.succeed({ method, scheme, headers, body, parameters, queryCount, action, version, format })
    : Result.fail(unreadable("A parameter and a header name different actions or versions."))
}

/** Parses a request, or returns why it is not one. Nothing is authenticated yet. */
export const parseRequest = (raw: RawRequest): Result.Result<WireRequest, AnyKmsError> => {
  const { method, url } = raw
  if (method !== "GET" && method !== "POST") return Result.fail(refuse("UnsupportedHTTPMethod"))
  if (raw.body.length > requestBytesMax) {
    return Result.fail(refuse("RequestTooLarge", { detail: `${requestBytesMax} bytes of body` }))
  }
  const mark = url.indexOf("?")
  if ((mark < 0 ? url : url.slice(0, mark)) !== "/") {
    return Result.fail(refuse("InvalidAction.NotFound", { hint: "The path must be /." }))
  }
  return assemble(raw, method, mark < 0 ? "" : url.slice(mark + 1))
}
