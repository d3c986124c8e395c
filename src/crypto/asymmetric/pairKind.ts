/** What an asymmetric version is made of: a pair of keys, encoded to be kept or opened to be used. */
import type { EncryptionAlgorithm, SignatureAlgorithm } from "../../domain/algorithms.ts"

/** Bits of the modulus of each RSA spec. */
export const rsaBits = { RSA_2048: 2048, RSA_3072: 3072 } as const
export type RsaSpec = keyof typeof rsaBits

export const isRsaSpec = (spec: PairSpec): spec is RsaSpec => Object.hasOwn(rsaBits, spec)

export type PairSpec = RsaSpec | "EC_P256" | "EC_P256K" | "EC_SM2"

export interface EncodedPair {
  /** The caller wipes it. */
  readonly pkcs8: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
}

/** Digests have 32 bytes; the caller has seen to that. */
export interface Signer {
  /** Undefined if what was made does not verify. */
  readonly sign: (digest: Uint8Array) => Uint8Array | undefined
  readonly verify: (digest: Uint8Array, signature: Uint8Array) => boolean
}

/** Undefined whatever is wrong. */
export interface Cipher {
  readonly encrypt: (plaintext: Uint8Array) => Uint8Array | undefined
  readonly decrypt: (ciphertext: Uint8Array) => Uint8Array | undefined
}

export interface OpenedPair {
  readonly signers: ReadonlyMap<SignatureAlgorithm, Signer>
  readonly ciphers: ReadonlyMap<EncryptionAlgorithm, Cipher>
  readonly wipe: () => void
}

export interface PairKind {
  readonly generate: () => Promise<EncodedPair>
  /** The pair of a private key that somebody else made, in our spelling; undefined if it is not sound or of this kind. */
  readonly adopt: (pkcs8: Uint8Array) => EncodedPair | undefined
  /** Both halves must be known to be ours and to belong together. */
  readonly open: (pair: EncodedPair) => OpenedPair
}
