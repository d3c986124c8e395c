/** Failures of a token, and the mapping of PKCS#11 return values to them (PKCS#11 2.40, section 5.1). */

/**
 * `Rejected`: the input is wrong. `Missing`: the token does not hold the object, holds more than one, or holds a
 * different one. `Unreachable`: there is no working token. `PinRefused`: trying again could lock the token.
 */
export type TokenFailure = "Rejected" | "Missing" | "Unreachable" | "PinRefused"

export class TokenError extends Error {
  readonly failure: TokenFailure

  constructor(failure: TokenFailure, detail: string) {
    super(detail)
    this.failure = failure
  }
}

/** The name of the return value; undefined for an error that the module did not raise. */
const returnValueOf = (error: unknown): string | undefined =>
  error instanceof Error ? /CKR_\w+/.exec(error.message)?.[0] : undefined

/** The input has a fault. */
const inputValues: ReadonlySet<string> = new Set([
  "CKR_DATA_INVALID",
  "CKR_DATA_LEN_RANGE",
  "CKR_ENCRYPTED_DATA_INVALID",
  "CKR_ENCRYPTED_DATA_LEN_RANGE",
  "CKR_AEAD_DECRYPT_FAILED",
  "CKR_SIGNATURE_INVALID",
  "CKR_WRAPPED_KEY_INVALID",
  "CKR_WRAPPED_KEY_LEN_RANGE"
])

/** SoftHSM answers both a wrong tag and a removed token with the same general error. */
const ambiguousValues: ReadonlySet<string> = new Set(["CKR_GENERAL_ERROR", "CKR_FUNCTION_FAILED", "CKR_ARGUMENTS_BAD"])

/** A wrong PIN is separate: repeated attempts may lock the token. */
const pinValues: ReadonlySet<string> = new Set([
  "CKR_PIN_INCORRECT",
  "CKR_PIN_INVALID",
  "CKR_PIN_LEN_RANGE",
  "CKR_PIN_EXPIRED",
  "CKR_PIN_LOCKED",
  "CKR_USER_PIN_NOT_INITIALIZED"
])

export const isReturnValue = (error: unknown, name: string): boolean => returnValueOf(error) === name

/** The cause of a failure: the input, the token, or either. */
export const causeOf = (error: unknown): "input" | "either" | "token" => {
  const value = returnValueOf(error) ?? ""
  if (inputValues.has(value)) return "input"
  return ambiguousValues.has(value) ? "either" : "token"
}

/** The error to report. Messages of foreign errors are dropped: they may contain secrets. */
export const tokenErrorOf = (error: unknown): TokenError => {
  if (error instanceof TokenError) return error
  const value = returnValueOf(error)
  return new TokenError(
    value !== undefined && pinValues.has(value) ? "PinRefused" : "Unreachable",
    value ?? "no answer"
  )
}
