/** The client's side of both signature schemes: parameters in, a signed query or form out. */
import { hash } from "node:crypto"
import { computeMac } from "./claims.ts"
import { percentEncode } from "./percent.ts"
import { signatureMethodsV1, stringToSignV1 } from "./signatureV1.ts"
import type { SignatureMethodV1 } from "./signatureV1.ts"
import { macV3, stringToSignV3 } from "./signatureV3.ts"

export interface UnsignedRequest {
  readonly method: "GET" | "POST"
  /** Action, Version and Format included. The text must be well-formed Unicode. */
  readonly parameters: Readonly<Record<string, string>>
  readonly accessKeyId: string
  readonly secret: string
  readonly signatureMethod?: SignatureMethodV1
  /** Different for every request. */
  readonly nonce?: string
  /** The present time in the API's format. */
  readonly timestamp: string
  readonly securityToken?: string
}

const parametersOf = (request: UnsignedRequest): ReadonlyMap<string, string> => {
  const { accessKeyId, nonce, timestamp, securityToken } = request
  return new Map([
    ...Object.entries(request.parameters),
    ["AccessKeyId", accessKeyId],
    ["SignatureMethod", request.signatureMethod ?? "HMAC-SHA1"],
    ["SignatureVersion", "1.0"],
    ["Timestamp", timestamp],
    ...(nonce === undefined ? [] : [["SignatureNonce", nonce] as const]),
    ...(securityToken === undefined ? [] : [["SecurityToken", securityToken] as const])
  ])
}

/** `name=value&…`, for the HTTP method that was signed: as the query, or as a form body. */
export const signV1 = (request: UnsignedRequest): string => {
  const parameters = parametersOf(request)
  const signature = computeMac(signatureMethodsV1[request.signatureMethod ?? "HMAC-SHA1"], {
    secret: request.secret,
    text: stringToSignV1(request.method, parameters)
  })
  return [...parameters, ["Signature", signature] as const]
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&")
}

export interface UnsignedRequestV3 {
  readonly action: string
  readonly version: string
  readonly parameters: Readonly<Record<string, string>>
  readonly accessKeyId: string
  readonly secret: string
  /** Different for every request. */
  readonly nonce: string
  /** The present time in the API's format. */
  readonly timestamp: string
  /** Host and port as in the Host header. */
  readonly host: string
}

const emptyBody = new Uint8Array(0)

/**
 * A POST without a body: the query and the headers, signed by ACS3-HMAC-SHA256. The Host header is the client's own.
 */
export const signV3 = (
  request: UnsignedRequestV3
): { readonly query: string; readonly headers: Readonly<Record<string, string>> } => {
  const { action, version, accessKeyId, secret, nonce, timestamp, host } = request
  const headers = {
    "x-acs-action": action,
    "x-acs-content-sha256": hash("sha256", emptyBody, "hex"),
    "x-acs-date": timestamp,
    "x-acs-signature-nonce": nonce,
    "x-acs-version": version
  }
  const parameters = new Map(Object.entries(request.parameters))
  const signed = ["host", ...Object.keys(headers)]
  const { text } = stringToSignV3(
    {
      method: "POST",
      scheme: "V3",
      headers: { ...headers, host },
      body: emptyBody,
      parameters,
      queryCount: parameters.size,
      action,
      version,
      format: "JSON"
    },
    signed
  )
  const signature = computeMac(macV3, { secret, text })
  const credential = `Credential=${accessKeyId},SignedHeaders=${signed.join(";")},Signature=${signature}`
  return {
    query: [...parameters].map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`).join("&"),
    headers: { ...headers, authorization: `ACS3-HMAC-SHA256 ${credential}` }
  }
}
