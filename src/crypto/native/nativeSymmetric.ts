/** The symmetric ciphers and the keyed hash of the native provider: OpenSSL's where it can be called, else Node's. */
import { symmetricAnswers } from "../knownAnswers/symmetric.ts"
import { openSymmetric } from "./openssl/symmetric.ts"
import type { Symmetric } from "./openssl/symmetric.ts"

/** Undefined if OpenSSL cannot be called, or gives one wrong answer. */
export const opensslSymmetric = (other: Symmetric): Symmetric | undefined => {
  const found = openSymmetric(other)
  try {
    return found !== undefined && symmetricAnswers(found) ? found : undefined
  } catch {
    return undefined
  }
}

/** OpenSSL is opened at the first use. */
export const makeNativeSymmetric = (other: Symmetric): Symmetric => {
  let found: Symmetric | undefined
  const native = (): Symmetric => (found ??= opensslSymmetric(other) ?? other)
  return {
    keyedHash: (options) => native().keyedHash(options),
    aesGcm: {
      seal: (request) => native().aesGcm.seal(request),
      open: (request) => native().aesGcm.open(request)
    },
    sm4Gcm: {
      seal: (request) => native().sm4Gcm.seal(request),
      open: (request) => native().sm4Gcm.open(request)
    }
  }
}
