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
import * as crypto from "node:crypto"
import type { KeyObject } from "node:crypto"
import type { OaepHash, Rsa, RsaPrivateKey, RsaPublicKey } from "../primitives.ts"

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

/** RSASVE.RECOVER is RSADP (SP 800-56B, section 7.2.1.3). Node 22 lacks the function, so its types are here. */
interface Decapsulating {
  readonly decapsulate?: (
    key: KeyObject,
    ciphertext: Uint8Array,
    answer: (failure: Error | null, block: Uint8Array) => void
  ) => void
}

const { decapsulate }: typeof crypto & Decapsulating = crypto

const bytesIn = (answer: ArrayBuffer): Uint8Array => new Uint8Array(answer)

const hashNames: Readonly<Record<OaepHash, string>> = { sha1: "SHA-1", sha256: "SHA-256" }

/** WebCrypto decrypts in the thread pool, but its keys have one hash each. */
const oaepInThread = (key: KeyObject): RsaPrivateKey["openOaepInThread"] => {
  const keyFor = (oaepHash: OaepHash) =>
    key.toCryptoKey({ name: "RSA-OAEP", hash: hashNames[oaepHash] }, false, ["decrypt"])
  const known = new Map<OaepHash, ReturnType<typeof keyFor>>()
  return (oaepHash, ciphertext) => {
    const cryptoKey = known.get(oaepHash) ?? keyFor(oaepHash)
    known.set(oaepHash, cryptoKey)
    return crypto.webcrypto.subtle
      .decrypt({ name: "RSA-OAEP" }, cryptoKey, new Uint8Array(ciphertext))
      .then(bytesIn, () => undefined)
  }
}

const privateKey = (pkcs8: Uint8Array): RsaPrivateKey => {
  const key = createPrivateKey({
    key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length),
    format: "der",
    type: "pkcs8"
  })
  const modulusBytes = modulusBytesOf(key)
  const openOaepInThread = oaepInThread(key)
  // Never privateDecrypt with PKCS #1 padding: it returns random bytes for a wrong block instead of an error.
  const raw: RsaPrivateKey["raw"] = (block) => whole(() => privateEncrypt({ key, padding: RSA_NO_PADDING }, block))
  return {
    modulusBytes,
    raw,
    openOaep: (oaepHash, ciphertext) =>
      ciphertext.length === modulusBytes
        ? whole(() => privateDecrypt({ key, padding: RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext))
        : undefined,
    rawInThread: (block) =>
      new Promise((resolve) => {
        if (decapsulate === undefined) return resolve(raw(block))
        decapsulate(key, block, (failure, answer) => resolve(failure === null ? new Uint8Array(answer) : undefined))
      }),
    openOaepInThread: async (oaepHash, ciphertext) =>
      ciphertext.length === modulusBytes ? openOaepInThread(oaepHash, ciphertext) : undefined
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
