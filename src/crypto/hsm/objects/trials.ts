/** Helpers for trials of a token: temporary keys, known ciphertexts, and caught failures. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import type { Template } from "pkcs11js"
import { pkcs11js } from "../token/pkcs11.ts"
import type { TokenWrapping } from "../protocol.ts"
import type { Token } from "../token/token.ts"

export const passing: Template = [
  { type: pkcs11js.CKA_TOKEN, value: false },
  { type: pkcs11js.CKA_SENSITIVE, value: true },
  { type: pkcs11js.CKA_EXTRACTABLE, value: false }
]

/** Whether the trial works. After a failure the next trial starts with a new session. */
export const works = (token: Token, trial: () => boolean): boolean => {
  try {
    return trial()
  } catch {
    token.renewSession()
    return false
  }
}

/** A public constant rather than a secret. */
export const trialSecret = (bytes: number): Buffer => Buffer.alloc(bytes, 0x5a)

/** A known ciphertext that the private half of this public key must decrypt to these bytes. */
export const sealedFor = (spki: Uint8Array, how: TokenWrapping, secret: Uint8Array): Buffer => {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" })
  if (how === "RSAES_PKCS1_V1_5") return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret)
  const oaepHash = how === "RSAES_OAEP_SHA_1" ? "sha1" : "sha256"
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, secret)
}
