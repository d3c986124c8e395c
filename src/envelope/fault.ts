/** The errors of an envelope. Errors of the KMS are passed on unchanged. */

/** What is wrong: with the message, the given values, the data key of the KMS, or the envelope itself. */
export type EnvelopeErrorCode = "NotSealed" | "Refused" | "InvalidParameter" | "UnusableDataKey" | "TooLong" | "Closed"

/** An error of an envelope. Its message has no part of a plaintext or a key. */
export class EnvelopeError extends Error {
  override readonly name = "EnvelopeError"
  readonly code: EnvelopeErrorCode

  constructor(code: EnvelopeErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
