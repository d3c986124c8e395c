/** What a return value of PKCS#11 means for whoever asked (PKCS#11 2.40, section 5.1). */
import type { TokenFailure } from "./protocol.ts"

export class TokenError extends Error {
  readonly failure: TokenFailure

  constructor(failure: TokenFailure, detail: string) {
    super(detail)
    this.failure = failure
  }
}

/** The name of the return value a call ended with; undefined for a failure that is not the module's. */
const returnValueOf = (error: unknown): string | undefined =>
  error instanceof Error ? /CKR_\w+/.exec(error.message)?.[0] : undefined

/** Only the data can be at fault. */
const ofData: ReadonlySet<string> = new Set([
  "CKR_DATA_INVALID",
  "CKR_DATA_LEN_RANGE",
  "CKR_ENCRYPTED_DATA_INVALID",
  "CKR_ENCRYPTED_DATA_LEN_RANGE",
  "CKR_AEAD_DECRYPT_FAILED",
  "CKR_SIGNATURE_INVALID",
  "CKR_WRAPPED_KEY_INVALID",
  "CKR_WRAPPED_KEY_LEN_RANGE"
])

/** SoftHSM answers a wrong tag, and a token that has gone, with the same general error. */
const ofDataOrToken: ReadonlySet<string> = new Set(["CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED", "CKR_ARGUMENTS_BAD"])

/** A wrong PIN is told apart because trying it again may lock the token for everyone. */
const ofPin: ReadonlySet<string> = new Set([
  "CKR_PIN_INCORRECT",
  "CKR_PIN_INVALID",
  "CKR_PIN_LEN_RANGE",
  "CKR_PIN_EXPIRED",
  "CKR_PIN_LOCKED",
  "CKR_USER_PIN_NOT_INITIALIZED"
])

export const isReturnValue = (error: unknown, name: string): boolean => returnValueOf(error) === name

/** `data`, `either`, or the token itself. */
export const blameOf = (error: unknown): "data" | "either" | "token" => {
  const value = returnValueOf(error) ?? ""
  if (ofData.has(value)) return "data"
  return ofDataOrToken.has(value) ? "either" : "token"
}

/** What is told of a failure; a foreign error's own words stay here. */
export const tokenErrorOf = (error: unknown): TokenError => {
  if (error instanceof TokenError) return error
  const value = returnValueOf(error)
  return new TokenError(value !== undefined && ofPin.has(value) ? "PinRefused" : "Unreachable", value ?? "no answer")
}
