/** Authenticates a request: the checks before any operation, in the order of their errors. */
import { Redacted, Result } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { timestampSkewMillis } from "../domain/limits.ts"
import { formatInstant, parseInstant } from "../domain/time.ts"
import { apiOfVersion, apis } from "../operation/apis.ts"
import type { ApiName } from "../operation/apis.ts"
import { computeMac, macEquals } from "./claims.ts"
import type { Claims, ToSign } from "./claims.ts"
import type { ReplayGuard, Use, Verdict } from "./replayGuard.ts"
import type { Format, WireRequest } from "./rpcRequest.ts"
import { claimsV1 } from "./signatureV1.ts"
import { claimsV3 } from "./signatureV3.ts"

const knownVersions = `The versions are ${Object.values(apis)
  .map(({ title, version }) => `${version} (${title})`)
  .join(", ")}.`

/** The part of an access key that authentication needs; the lookup adds its owner. */
export interface Credential {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly active: boolean
}

/** Why there is no credential: an unknown access key, or a security token that does not belong to it now. */
export type CredentialFault =
  | "InvalidAccessKeyId.NotFound"
  | "InvalidSecurityToken.Malformed"
  | "InvalidSecurityToken.MismatchWithAccessKey"
  | "InvalidSecurityToken.Expired"

export interface Authentication<C extends Credential> {
  readonly nowMillis: number
  /** An inactive access key is found with any token. */
  readonly credential: (
    accessKeyId: string,
    securityToken: string | undefined,
    nowMillis: number
  ) => Result.Result<C, CredentialFault>
  readonly nonces: ReplayGuard
}

/** A request that may be executed as `credential`: exactly the action and parameters that were signed. */
export interface Authenticated<C extends Credential> {
  readonly credential: C
  readonly api: ApiName
  readonly action: string
  readonly parameters: ReadonlyMap<string, string>
  readonly format: Format
  /**
   * Whether the nonce must be in the store before the request has any effect. A crash loses the newest nonces, and the
   * next start refuses their timestamps. But the timestamp of this request is ahead of the clock.
   */
  readonly flushFirst: boolean
  /** The nonce, or the signature in its place, in the form of the replay guard. */
  readonly use: Use
}

/** The secret for unknown access keys, so that they take the same time as known ones. */
const unknownKeySecret = Redacted.make("000000000000000000000000000000")

/** A string to sign can be five times as long as the request, so the repeated part is limited. */
const reflectedCharsMax = 16 * 1024

const reflected = (text: string): string =>
  text.length <= reflectedCharsMax ? text : `${text.slice(0, reflectedCharsMax)}… (${text.length} characters)`

const mismatch = (toSign: ToSign): AnyKmsError =>
  refuse("SignatureDoesNotMatch", {
    detail: reflected(toSign.text),
    hint: toSign.intact
      ? `Compare with what your client signed${toSign.about === undefined ? "." : `: ${reflected(toSign.about)}`}`
      : "x-acs-content-sha256 is not the SHA-256 of the body in lower-case hexadecimal."
  })

/** The request may be new: the server cannot tell whether it was sent before. */
const forgotten = (stampMillis: number, nonces: ReplayGuard, nowMillis: number) => {
  const range = nonces.refusedNow(nowMillis).find(({ from, to }) => from <= stampMillis && stampMillis <= to)
  const until = range === undefined ? "a later instant" : formatInstant(Math.ceil((range.to + 1) / 1000) * 1000)
  return refuse("InvalidTimeStamp.Expired", {
    hint:
      "The server no longer knows which requests with this timestamp it accepted, because it was killed or its " +
      `clock was set. Your clock may be right. Sign the request again with a timestamp of ${until} or later.`
  })
}

/** The error of a request whose timestamp is no longer acceptable, by a clock other than that of the first check. */
export const stampRefusal = (stampMillis: number, nowMillis: number): AnyKmsError | undefined =>
  Math.abs(nowMillis - stampMillis) > timestampSkewMillis
    ? refuse("InvalidTimeStamp.Expired", { hint: "It must be within 15 minutes of the server's clock." })
    : undefined

/** The timestamp of a request, if it is within the window. */
const stampOf = (timestamp: string, deps: Authentication<Credential>): Result.Result<number, AnyKmsError> => {
  const stampMillis = parseInstant(timestamp)
  if (stampMillis === undefined) {
    return Result.fail(refuse("InvalidTimeStamp.Format", { hint: "Write it as 2006-01-02T15:04:05Z, in UTC." }))
  }
  const refusal = stampRefusal(stampMillis, deps.nowMillis)
  if (refusal !== undefined) return Result.fail(refusal)
  return deps.nonces.isForgotten(stampMillis)
    ? Result.fail(forgotten(stampMillis, deps.nonces, deps.nowMillis))
    : Result.succeed(stampMillis)
}

/** The credential and the MAC of the signature. */
const signer = <C extends Credential>(
  claims: Claims,
  deps: Authentication<C>
): Result.Result<{ readonly credential: C; readonly computed: string }, AnyKmsError> => {
  const found = deps.credential(claims.accessKeyId, claims.securityToken, deps.nowMillis)
  const toSign = claims.toSign()
  const secret = Redacted.value(Result.isSuccess(found) ? found.success.secret : unknownKeySecret)
  const computed = computeMac(claims.mac, { secret, text: toSign.text })
  const matches = macEquals(claims.signature, computed)
  if (Result.isFailure(found)) return Result.fail(refuse(found.failure))
  const credential = found.success
  if (!credential.active) return Result.fail(refuse("InvalidAccessKeyId.Inactive"))
  return matches && toSign.intact ? Result.succeed({ credential, computed }) : Result.fail(mismatch(toSign))
}

const replayRefusal = {
  used: () => refuse("SignatureNonceUsed"),
  full: () =>
    refuse("Rejected.Throttling", { hint: "The memory of signature nonces is full: try again in a few minutes." })
} as const satisfies Record<Exclude<Verdict, "fresh" | "forgotten">, () => AnyKmsError>

/**
 * Authenticates a parsed request. Only a request with a valid signature uses up its nonce. A request without a nonce
 * uses its signature, in the server's spelling: so the same request cannot be sent twice in different encodings.
 */
export const authenticate = <C extends Credential>(
  request: WireRequest,
  deps: Authentication<C>
): Result.Result<Authenticated<C>, AnyKmsError> => {
  const read = request.scheme === "V1" ? claimsV1(request) : claimsV3(request)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const claims = read.success
  const api = apiOfVersion(request.version)
  if (api === undefined) return Result.fail(refuse("InvalidVersion", { hint: knownVersions }))
  const stamp = stampOf(claims.timestamp, deps)
  if (Result.isFailure(stamp)) return Result.fail(stamp.failure)
  const signed = signer(claims, deps)
  if (Result.isFailure(signed)) return Result.fail(signed.failure)
  const { credential, computed } = signed.success
  const { nonce, accessKeyId } = claims
  const { nowMillis } = deps
  const use: Use = {
    by: nonce === undefined ? "signature" : "nonce",
    text: nonce ?? computed,
    accessKeyId,
    stampMillis: stamp.success,
    nowMillis
  }
  const verdict = deps.nonces.check(use)
  if (verdict === "forgotten") return Result.fail(forgotten(stamp.success, deps.nonces, nowMillis))
  if (verdict !== "fresh") return Result.fail(replayRefusal[verdict]())
  const { action, parameters, format } = request
  if (format === undefined) {
    return Result.fail(refuse("InvalidParameter", { parameter: "Format", hint: "Format is JSON or XML." }))
  }
  return Result.succeed({ credential, api, action, parameters, format, flushFirst: stamp.success > nowMillis, use })
}
