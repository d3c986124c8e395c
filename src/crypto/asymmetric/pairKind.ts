/** The interface of a kind of key pair: generated, encoded for storage, and opened for use. */
import { Effect } from "effect"
import { runNow } from "../../platform/runNow.ts"
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

/** The caller has checked that the digest has 32 bytes. */
export interface Signer {
  /** Undefined if the new signature does not verify. */
  readonly sign: (digest: Uint8Array) => Effect.Effect<Uint8Array | undefined>
  readonly verify: (digest: Uint8Array, signature: Uint8Array) => boolean
}

/** The answer is undefined for every fault. */
export interface Cipher {
  readonly encrypt: (plaintext: Uint8Array) => Uint8Array | undefined
  readonly decrypt: (ciphertext: Uint8Array) => Effect.Effect<Uint8Array | undefined>
}

/** For an operation that is too short for a thread. */
export const atOnce =
  (work: (given: Uint8Array) => Uint8Array | undefined) =>
  (given: Uint8Array): Effect.Effect<Uint8Array | undefined> =>
    runNow(() => Effect.succeed(work(given)))

export interface OpenedPair {
  readonly signers: ReadonlyMap<SignatureAlgorithm, Signer>
  readonly ciphers: ReadonlyMap<EncryptionAlgorithm, Cipher>
  readonly wipe: () => void
}

export interface PairKind {
  readonly generate: () => Promise<EncodedPair>
  /** A supplied private key as a pair in our encoding; undefined if it is not sound or of another kind. */
  readonly adopt: (pkcs8: Uint8Array) => EncodedPair | undefined
  /** Both halves must be ours and match. */
  readonly open: (pair: EncodedPair) => OpenedPair
}
