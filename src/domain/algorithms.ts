/** The algorithms of asymmetric keys and of wrapping: the specs that accept each, and the longest plaintext. */
import { Schema } from "effect"
import type { KeySpec } from "./keySpec.ts"

/** The name of an algorithm of AsymmetricSign and AsymmetricVerify. */
export const SignatureAlgorithm = Schema.Literals(["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256", "ECDSA_SHA_256", "SM2DSA"])
export type SignatureAlgorithm = typeof SignatureAlgorithm.Type

/** The name of an algorithm of AsymmetricEncrypt and AsymmetricDecrypt. */
export const EncryptionAlgorithm = Schema.Literals(["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "SM2PKE"])
export type EncryptionAlgorithm = typeof EncryptionAlgorithm.Type

/** The name of an algorithm that wraps material to import. */
export const WrappingAlgorithm = Schema.Literals([
  "RSAES_PKCS1_V1_5",
  "RSAES_OAEP_SHA_1",
  "RSAES_OAEP_SHA_256",
  "SM2PKE"
])
export type WrappingAlgorithm = typeof WrappingAlgorithm.Type

/** The spec of a pair that wraps material to import. */
export const WrappingKeySpec = Schema.Literals(["RSA_2048", "EC_SM2"])
export type WrappingKeySpec = typeof WrappingKeySpec.Type

/** Bytes of every signed digest: SHA-256 and SM3 have the same length. */
export const digestBytes = 32

interface Algorithms {
  readonly signature: ReadonlyArray<SignatureAlgorithm>
  /** Each algorithm with the length of its longest plaintext in bytes. */
  readonly encryption: ReadonlyMap<EncryptionAlgorithm, number>
}

const none: Algorithms = { signature: [], encryption: new Map() }

/**
 * The longest plaintexts are those of AsymmetricEncrypt's API page. OAEP: the modulus less 2 digests and 2 bytes (RFC
 * 8017, section 7.1.1). SM2: 6144 bytes of ciphertext less 97.
 */
const algorithms = {
  Aliyun_AES_256: none,
  Aliyun_SM4: none,
  RSA_2048: {
    signature: ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"],
    encryption: new Map([
      ["RSAES_OAEP_SHA_256", 190],
      ["RSAES_OAEP_SHA_1", 214]
    ])
  },
  RSA_3072: {
    signature: ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"],
    encryption: new Map([
      ["RSAES_OAEP_SHA_256", 318],
      ["RSAES_OAEP_SHA_1", 342]
    ])
  },
  EC_P256: { signature: ["ECDSA_SHA_256"], encryption: new Map() },
  EC_P256K: { signature: ["ECDSA_SHA_256"], encryption: new Map() },
  EC_SM2: { signature: ["SM2DSA"], encryption: new Map([["SM2PKE", 6047]]) }
} as const satisfies Record<KeySpec, Algorithms>

const wrappingAlgorithms = {
  RSA_2048: ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
  EC_SM2: ["SM2PKE"]
} as const satisfies Record<WrappingKeySpec, ReadonlyArray<WrappingAlgorithm>>

const of = (spec: KeySpec): Algorithms => algorithms[spec]

/** The algorithms with which a key of this spec signs. */
export const signatureAlgorithmsOf = (spec: KeySpec): ReadonlyArray<SignatureAlgorithm> => of(spec).signature

/** The default signature algorithm of a spec; undefined for specs that do not sign. */
const usual = {
  Aliyun_AES_256: undefined,
  Aliyun_SM4: undefined,
  RSA_2048: "RSA_PKCS1_SHA_256",
  RSA_3072: "RSA_PKCS1_SHA_256",
  EC_P256: "ECDSA_SHA_256",
  EC_P256K: "ECDSA_SHA_256",
  EC_SM2: "SM2DSA"
} as const satisfies Record<KeySpec, SignatureAlgorithm | undefined>

export const usualSignatureAlgorithmOf = (spec: KeySpec): SignatureAlgorithm | undefined => usual[spec]

/** The algorithms with which a key of this spec encrypts. */
export const encryptionAlgorithmsOf = (spec: KeySpec): ReadonlyArray<EncryptionAlgorithm> => [
  ...of(spec).encryption.keys()
]

/** Undefined if keys of this spec do not accept the algorithm. */
export const plaintextBytesMaxOf = (spec: KeySpec, algorithm: EncryptionAlgorithm): number | undefined =>
  of(spec).encryption.get(algorithm)

/** RFC 8017, sections 7.1.1 and 7.2.1, for a modulus of 256 bytes; SM2 as for any plaintext. */
const wrappedBytesMax = {
  RSAES_PKCS1_V1_5: 245,
  RSAES_OAEP_SHA_1: 214,
  RSAES_OAEP_SHA_256: 190,
  SM2PKE: 6047
} as const satisfies Record<WrappingAlgorithm, number>

/** Bytes of the longest data key that a wrapping algorithm can carry. */
export const wrappedBytesMaxOf = (_spec: WrappingKeySpec, algorithm: WrappingAlgorithm): number =>
  wrappedBytesMax[algorithm]

/** The algorithms with which a pair of this spec wraps. */
export const wrappingAlgorithmsOf = (spec: WrappingKeySpec): ReadonlyArray<WrappingAlgorithm> =>
  wrappingAlgorithms[spec]
