/** Signature V3, ACS3-HMAC-SHA256: a keyed hash over method, query, named headers and the body's hash. */
import { hash } from "node:crypto"
import { Result } from "effect"
import type { AnyKmsError } from "../domain/errors.ts"
import { firstMissing, incomplete, lacksToken, nonceTooLong } from "./claims.ts"
import type { Claims, Mac, ToSign } from "./claims.ts"
import { headerOf } from "./headers.ts"
import type { Headers } from "./headers.ts"
import { percentEncode, sortByBytes } from "./percent.ts"
import type { WireRequest } from "./rpcRequest.ts"

const algorithm = "ACS3-HMAC-SHA256"

export const macV3: Mac = { hash: "sha256", secretSuffix: "", encoding: "hex" }

/** The SDKs write no space after a comma; one is tolerated. */
const authorization = /^(ACS\d-[A-Z0-9-]+) Credential=([^,\s]*), ?SignedHeaders=([a-z0-9;-]*), ?Signature=([^,\s]*)$/

/**
 * Headers that decide the operation, the caller or the time. An attacker could have changed them if they were not
 * signed.
 */
const alwaysSigned = [
  "host",
  "x-acs-action",
  "x-acs-content-sha256",
  "x-acs-date",
  "x-acs-signature-nonce",
  "x-acs-version"
] as const
const signedWhenPresent = ["x-acs-accesskey-id", "x-acs-security-token"] as const

const canonicalQuery = (request: WireRequest): string => {
  const query = new Map(request.parameters.entries().take(request.queryCount))
  let canonical = ""
  for (const name of sortByBytes(query.keys())) {
    const pair = `${percentEncode(name)}=${percentEncode(query.get(name) ?? "")}`
    canonical += canonical === "" ? pair : `&${pair}`
  }
  return canonical
}

const canonicalHeaders = (headers: Headers, names: ReadonlyArray<string>): string => {
  let block = ""
  for (const name of names) block += `${name}:${headerOf(headers, name) ?? ""}\n`
  return block
}

/**
 * API, V3: the string to sign, with the canonical request whose hash it has. `signed` are the names of the signed
 * headers.
 */
export const stringToSignV3 = (
  request: WireRequest,
  signed: ReadonlyArray<string>
): ToSign & { readonly about: string } => {
  const payload = hash("sha256", request.body, "hex")
  const about = [
    request.method,
    "/",
    canonicalQuery(request),
    canonicalHeaders(request.headers, signed),
    signed.join(";"),
    payload
  ].join("\n")
  return {
    text: `${algorithm}\n${hash("sha256", about, "hex")}`,
    intact: headerOf(request.headers, "x-acs-content-sha256") === payload,
    about
  }
}

/** The fault of a list of signed headers that does not cover the request. */
const coverFault = (request: WireRequest, names: ReadonlyArray<string>): AnyKmsError | undefined => {
  const { headers, body } = request
  const absent = names.find((name) => headerOf(headers, name) === undefined)
  if (absent !== undefined) return incomplete(`The signed header ${absent} is not in the request.`)
  if (names.some((name, i) => i > 0 && name <= (names[i - 1] ?? ""))) {
    return incomplete("List every signed header once, in order.")
  }
  const present = signedWhenPresent.filter((name) => headers[name] !== undefined)
  // The header that decides how the body is parsed.
  const type = body.length > 0 ? ["content-type"] : []
  const unsigned = [...alwaysSigned, ...present, ...type].find((name) => !names.includes(name))
  return unsigned === undefined ? undefined : incomplete(`The header ${unsigned} must be signed.`)
}

/** The parts of the Authorization header. */
interface Authorization {
  readonly name: string
  readonly accessKeyId: string | undefined
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string | undefined
}

const readAuthorization = (headers: Headers): Authorization => {
  const parts = authorization.exec(headerOf(headers, "authorization") ?? "")
  const [, name = algorithm, accessKeyId, signedHeaders = "", signature] = parts ?? []
  return { name, accessKeyId, signedHeaders: signedHeaders.split(";"), signature }
}

const algorithmFault = ({ name }: Authorization): AnyKmsError | undefined =>
  name === algorithm ? undefined : incomplete(`The algorithm is ${algorithm}, not ${name}.`)

const accessKeyFault = (headers: Headers, { accessKeyId }: Authorization): AnyKmsError | undefined =>
  (headerOf(headers, "x-acs-accesskey-id") ?? accessKeyId) === accessKeyId
    ? undefined
    : incomplete("The credential and x-acs-accesskey-id name different access keys.")

/** The claims of a request signed by V3, or the first fault. */
export const claimsV3 = (request: WireRequest): Result.Result<Claims, AnyKmsError> => {
  const { headers, action: Action, version: Version } = request
  const given = readAuthorization(headers)
  const { accessKeyId, signature, signedHeaders } = given
  const timestamp = headerOf(headers, "x-acs-date") ?? ""
  const nonce = headerOf(headers, "x-acs-signature-nonce") ?? ""
  const securityToken = headerOf(headers, "x-acs-security-token") || undefined
  const hasCredential = accessKeyId !== undefined && signature !== undefined
  const credential = hasCredential ? { AccessKeyId: accessKeyId, Signature: signature } : {}
  const missing =
    firstMissing({ ...credential, SignatureNonce: nonce, Timestamp: timestamp, Version, Action }) ??
    lacksToken(accessKeyId ?? "", securityToken)
  if (missing !== undefined) return Result.fail(missing)
  if (!hasCredential) {
    return Result.fail(
      incomplete(`The form of Authorization is ${algorithm} Credential=…,SignedHeaders=…,Signature=….`)
    )
  }
  const fault =
    algorithmFault(given) ?? coverFault(request, signedHeaders) ?? nonceTooLong(nonce) ?? accessKeyFault(headers, given)
  if (fault !== undefined) return Result.fail(fault)
  return Result.succeed({
    accessKeyId,
    securityToken,
    nonce,
    timestamp,
    signature,
    mac: macV3,
    toSign: () => stringToSignV3(request, signedHeaders)
  })
}
