/** The primitives of software cryptography: a few synchronous functions with several implementations. */

/** HMAC-SHA-512 under one key, over messages with the same prefix. Prepared once, wiped on close. */
export interface KeyedHash {
  /** 64 bytes. The caller owns and wipes them. */
  readonly mac: (message: Uint8Array) => Uint8Array
  readonly wipe: () => void
}

/** The key and the use of a keyed hash. */
export interface KeyedHashOptions {
  /** At most 128 bytes. Copied; the caller wipes its own copy. */
  readonly key: Uint8Array
  /** The prefix of every message, which separates the uses of a key. */
  readonly label: Uint8Array
  /** The only message length of this hash, so that the boundary between label and message is unambiguous. */
  readonly messageBytes: number
}

/** A message to seal, and where the result goes. */
export interface AeadSealing {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
  /** Receives ciphertext and tag: 16 bytes longer than the plaintext. */
  readonly into: Uint8Array
}

/** A sealed message, and what is needed to open it. */
export interface AeadOpening {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array
}

/** A cipher in Galois/Counter Mode with 96-bit IVs and 128-bit tags only (SP 800-38D, sections 5.2.1.1 and 5.2.1.2). */
export interface Aead {
  readonly seal: (request: AeadSealing) => void
  /** The plaintext; undefined if the tag does not match. */
  readonly open: (request: AeadOpening) => Uint8Array | undefined
}

/** Always also the hash of MGF1 (RFC 8017, section 7.1). */
export type OaepHash = "sha1" | "sha256"

/** An RSA private key in use. */
export interface RsaPrivateKey {
  readonly modulusBytes: number
  /** RSADP and RSASP1 (RFC 8017, sections 5.1.2 and 5.2.1); undefined for a block that is not below the modulus. */
  readonly raw: (block: Uint8Array) => Uint8Array | undefined
  /** Undefined for every fault. */
  readonly openOaep: (hash: OaepHash, ciphertext: Uint8Array) => Uint8Array | undefined
}

/** Undefined for input that is not below the modulus, or does not fit. */
export interface RsaPublicKey {
  readonly modulusBytes: number
  readonly raw: (block: Uint8Array) => Uint8Array | undefined
  readonly sealOaep: (hash: OaepHash, plaintext: Uint8Array) => Uint8Array | undefined
  readonly sealPkcs1: (plaintext: Uint8Array) => Uint8Array | undefined
}

/** RSA with keys whose numbers were already checked (rsaKeys.ts). */
export interface Rsa {
  /** PKCS #8 of a new key with the public exponent 65537. */
  readonly generate: (modulusBits: number) => Promise<Uint8Array>
  readonly privateKey: (pkcs8: Uint8Array) => RsaPrivateKey
  readonly publicKey: (spki: Uint8Array) => RsaPublicKey
}

/** The cryptographic functions of which `makeSoftwareProvider` makes a provider. */
export interface Primitives {
  /** The name of the provider that uses these primitives. */
  readonly name: string
  readonly keyedHash: (options: KeyedHashOptions) => KeyedHash
  readonly aesGcm: Aead
  readonly sm4Gcm: Aead
  readonly sm3: (message: Uint8Array) => Uint8Array
  readonly rsa: Rsa
  /** In a time that depends only on the lengths. */
  readonly equal: (left: Uint8Array, right: Uint8Array) => boolean
}

export const aeadIvBytes = 12
export const aeadTagBytes = 16

/** Other IV lengths are hashed to a counter block that may collide, so they are refused (SP 800-38D, section 8.2). */
export const requireIv = (iv: Uint8Array): void => {
  if (iv.length !== aeadIvBytes) throw new RangeError(`an IV has ${aeadIvBytes} bytes, not ${iv.length}`)
}

export const keyedHashBlockBytes = 128

/** A longer key would be hashed first (RFC 2104, section 2), which no key here needs. */
export const requireHashKey = (key: Uint8Array): void => {
  if (key.length > keyedHashBlockBytes) {
    throw new RangeError(`a keyed hash takes up to ${keyedHashBlockBytes} bytes of key, not ${key.length}`)
  }
}

export const requireMessage = (message: Uint8Array, messageBytes: number): void => {
  if (message.length !== messageBytes) {
    throw new RangeError(`this keyed hash takes ${messageBytes} bytes of message, not ${message.length}`)
  }
}
