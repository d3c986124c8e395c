/** RSA of node:crypto, which uses OpenSSL: constant-time and blinded, unlike RSA in JavaScript. */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  privateEncrypt,
  publicEncrypt
} from "node:crypto"
import type { KeyObject } from "node:crypto"
import type { Rsa, RsaPrivateKey, RsaPublicKey } from "../primitives.ts"

const { RSA_NO_PADDING, RSA_PKCS1_OAEP_PADDING, RSA_PKCS1_PADDING } = constants

/** OpenSSL distinguishes faults of the input; callers must not be able to (Manger 2001, on OAEP). */
const whole = (attempt: () => Buffer): Uint8Array | undefined => {
  try {
    const bytes = attempt()
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  } catch {
    return undefined
  }
}

const modulusBytesOf = (key: KeyObject): number => {
  const bits = key.asymmetricKeyDetails?.modulusLength
  if (key.asymmetricKeyType !== "rsa" || bits === undefined) throw new Error("an RSA key has a modulus")
  return Math.ceil(bits / 8)
}

const privateKey = (pkcs8: Uint8Array): RsaPrivateKey => {
  const key = createPrivateKey({
    key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length),
    format: "der",
    type: "pkcs8"
  })
  const modulusBytes = modulusBytesOf(key)
  return {
    modulusBytes,
    // Never privateDecrypt with PKCS #1 padding: it answers a wrong block with random bytes instead of an error.
    raw: (block) => whole(() => privateEncrypt({ key, padding: RSA_NO_PADDING }, block)),
    openOaep: (oaepHash, ciphertext) =>
      ciphertext.length === modulusBytes
        ? whole(() => privateDecrypt({ key, padding: RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext))
        : undefined
  }
}

const publicKey = (spki: Uint8Array): RsaPublicKey => {
  const key = createPublicKey({
    key: Buffer.from(spki.buffer, spki.byteOffset, spki.length),
    format: "der",
    type: "spki"
  })
  return {
    modulusBytes: modulusBytesOf(key),
    raw: (block) => whole(() => publicEncrypt({ key, padding: RSA_NO_PADDING }, block)),
    sealOaep: (oaepHash, plaintext) =>
      whole(() => publicEncrypt({ key, padding: RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext)),
    sealPkcs1: (plaintext) => whole(() => publicEncrypt({ key, padding: RSA_PKCS1_PADDING }, plaintext))
  }
}

/** Runs in the thread pool, so that the event loop does not block. */
const generate = (modulusLength: number): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    generateKeyPair(
      "rsa",
      {
        modulusLength,
        publicExponent: 0x10001,
        publicKeyEncoding: { format: "der", type: "spki" },
        privateKeyEncoding: { format: "der", type: "pkcs8" }
      },
      (failure, _, pkcs8) => (failure === null ? resolve(pkcs8) : reject(failure))
    )
  })

export const nativeRsa: Rsa = { generate, privateKey, publicKey }
