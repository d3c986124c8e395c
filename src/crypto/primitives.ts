/** The primitives of software cryptography: a few synchronous functions with several implementations. */
import type { HealthyRandomness } from "./healthyRandomness.ts"

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
  /** The same in another thread, so that the event loop does not block. A library without threads answers at once. */
  readonly rawInThread: (block: Uint8Array) => Promise<Uint8Array | undefined>
  readonly openOaepInThread: (hash: OaepHash, ciphertext: Uint8Array) => Promise<Uint8Array | undefined>
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

/** The curves of ECDSA. */
export type EcdsaSpec = "EC_P256" | "EC_P256K"

/** A private key that signs digests of 32 bytes. The signatures are strict DER. */
export interface SigningKey {
  /** Undefined if the library fails. */
  readonly sign: (digest: Uint8Array) => Uint8Array | undefined
  /** Every later use is a defect. */
  readonly wipe: () => void
}

/** A private key of ECDSA. */
export interface EcdsaPrivateKey extends SigningKey {
  /** With the nonce of RFC 6979, section 3.2, and no randomness: for known answers. */
  readonly signRepeatably: (digest: Uint8Array) => Uint8Array | undefined
}

/** A public key that verifies signatures of digests of 32 bytes. */
export interface VerifyingKey {
  /** False for a wrong signature and for a malformed one. */
  readonly verify: (digest: Uint8Array, signature: Uint8Array) => boolean
  /** Every later use is a defect. */
  readonly release: () => void
}

/** A private key of SM2, which signs and decrypts. */
export interface Sm2PrivateKey extends SigningKey {
  /** The ciphertext is raw, C1 C3 C2. Undefined for every fault. */
  readonly decrypt: (ciphertext: Uint8Array) => Uint8Array | undefined
}

/** A public key of SM2, which verifies and encrypts. */
export interface Sm2PublicKey extends VerifyingKey {
  /** Raw, C1 C3 C2. Undefined for a plaintext that is empty or too long. */
  readonly encrypt: (plaintext: Uint8Array) => Uint8Array | undefined
}

/**
 * ECDSA and SM2 (GB/T 32918) with keys that were already checked. A private key is PKCS #8 with its public point, and a
 * public key is SubjectPublicKeyInfo, both as pkcs8.ts and spki.ts write them. The caller wipes its PKCS #8.
 */
export interface Curves {
  /** The uncompressed public point of a private scalar. */
  readonly publicPoint: (spec: EcdsaSpec | "EC_SM2", scalar: Uint8Array) => Uint8Array
  /** On secp256k1 every signature has the lower s, because its verifiers refuse the higher one. */
  readonly ecdsaPrivateKey: (spec: EcdsaSpec, pkcs8: Uint8Array, random: HealthyRandomness) => EcdsaPrivateKey
  readonly ecdsaPublicKey: (spec: EcdsaSpec, spki: Uint8Array) => VerifyingKey
  readonly sm2PrivateKey: (pkcs8: Uint8Array, random: HealthyRandomness) => Sm2PrivateKey
  readonly sm2PublicKey: (spki: Uint8Array, random: HealthyRandomness) => Sm2PublicKey
  /** Known answers for given nonces; true for a library that accepts none. */
  readonly nonceAnswers: () => boolean
}

/** The cryptographic functions from which `makeSoftwareProvider` makes a provider. */
export interface Primitives {
  /** The name of the provider that uses these primitives. */
  readonly name: string
  readonly keyedHash: (options: KeyedHashOptions) => KeyedHash
  readonly aesGcm: Aead
  readonly sm4Gcm: Aead
  readonly sm3: (message: Uint8Array) => Uint8Array
  readonly rsa: Rsa
  readonly curves: Curves
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
export const keyedHashBytes = 64

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
