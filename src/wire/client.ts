/** The client's side of signature version 1.0: parameters in, a signed query or form out. */
import { computeMac } from "./claims.ts"
import { percentEncode } from "./percent.ts"
import { signatureMethodsV1, stringToSignV1 } from "./signatureV1.ts"
import type { SignatureMethodV1 } from "./signatureV1.ts"

export interface UnsignedRequest {
  readonly method: "GET" | "POST"
  /** Action, Version and Format among them. Text must be well-formed Unicode. */
  readonly parameters: Readonly<Record<string, string>>
  readonly accessKeyId: string
  readonly secret: string
  readonly signatureMethod?: SignatureMethodV1
  /** Different for every request. */
  readonly nonce?: string
  /** Now, as the API writes instants. */
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

/** `name=value&…`, to be sent by the method it was signed for: as the query, or as a form body. */
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
