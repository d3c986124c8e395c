/** Signature version 1.0: a keyed hash over every parameter, sorted, from query and body alike. */
import { Result } from "effect"
import type { AnyKmsError } from "../domain/errors.ts"
import { firstMissing, incomplete, lacksToken, nonceTooLong } from "./claims.ts"
import type { Claims, Mac } from "./claims.ts"
import { percentEncodeTwice, sortByBytes } from "./percent.ts"
import type { WireRequest } from "./rpcRequest.ts"

export const signatureMethodsV1 = {
  "HMAC-SHA1": { hash: "sha1", secretSuffix: "&", encoding: "base64" },
  "HMAC-SHA256": { hash: "sha256", secretSuffix: "&", encoding: "base64" }
} as const satisfies Record<string, Mac>

export type SignatureMethodV1 = keyof typeof signatureMethodsV1

const isMethod = (name: string): name is SignatureMethodV1 => Object.hasOwn(signatureMethodsV1, name)

/**
 * API, signature 1.0, steps 1 to 5: METHOD, `&`, `%2F`, `&`, and the percent-encoding of the canonical string. The
 * canonical string is itself encoded, so each part is encoded twice here.
 */
export const stringToSignV1 = (method: string, parameters: ReadonlyMap<string, string>): string => {
  let text = `${method}&%2F&`
  let separator = ""
  for (const name of sortByBytes(parameters.keys())) {
    if (name === "Signature") continue
    text += `${separator}${percentEncodeTwice(name)}%3D${percentEncodeTwice(parameters.get(name) ?? "")}`
    separator = "%26"
  }
  return text
}

/** The claims of a request signed by version 1.0, or the first fault. */
export const claimsV1 = (request: WireRequest): Result.Result<Claims, AnyKmsError> => {
  const { parameters, action: Action, version: Version } = request
  const read = (name: string): string => parameters.get(name) ?? ""
  const AccessKeyId = read("AccessKeyId")
  const Signature = read("Signature")
  const SignatureMethod = read("SignatureMethod")
  const SignatureVersion = read("SignatureVersion")
  const Timestamp = read("Timestamp")
  // The vendor's own example has no nonce, and its table of common parameters does not list one (API, 1.1).
  const nonce = read("SignatureNonce") || undefined
  // Older versions of the vendor's KMS package for Python send the token under this other name.
  const securityToken = read("SecurityToken") || read("STSToken") || undefined
  const missing =
    firstMissing({ AccessKeyId, Signature, SignatureMethod, SignatureVersion, Timestamp, Version, Action }) ??
    lacksToken(AccessKeyId, securityToken)
  if (missing !== undefined) return Result.fail(missing)
  if (!isMethod(SignatureMethod)) return Result.fail(incomplete("SignatureMethod is HMAC-SHA1 or HMAC-SHA256."))
  if (SignatureVersion !== "1.0") return Result.fail(incomplete("SignatureVersion is 1.0."))
  if (read("SignatureType") !== "")
    return Result.fail(incomplete("Only access keys can sign here: leave out SignatureType."))
  const long = nonceTooLong(nonce)
  if (long !== undefined) return Result.fail(long)
  return Result.succeed({
    accessKeyId: AccessKeyId,
    securityToken,
    nonce,
    timestamp: Timestamp,
    signature: Signature,
    mac: signatureMethodsV1[SignatureMethod],
    toSign: () => ({ text: stringToSignV1(request.method, parameters), intact: true })
  })
}
