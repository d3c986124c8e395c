/** Wrapping of keys: unwraps imported material, and wraps data keys for others. */
import { wrappingAlgorithmsOf } from "../../domain/algorithms.ts"
import type { WrappingAlgorithm, WrappingKeySpec } from "../../domain/algorithms.ts"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Primitives, RsaPrivateKey, RsaPublicKey } from "../primitives.ts"
import { isSoundPublicKey } from "./rsaKeys.ts"
import { unpadPkcs1 } from "./rsaPadding.ts"
import { rawSm2Ciphertext } from "./sm2Der.ts"
import { parseEcPublicKey, parseRsaPublicKey } from "./spki.ts"

export const takesWrapping = (spec: WrappingKeySpec, algorithm: WrappingAlgorithm): boolean =>
  wrappingAlgorithmsOf(spec).includes(algorithm)

interface Unwrapping {
  /** PKCS #8 of the private half. */
  readonly pkcs8: Uint8Array
  readonly spec: WrappingKeySpec
  readonly algorithm: WrappingAlgorithm
  readonly wrapped: Uint8Array
  /** The only accepted length. */
  readonly materialBytes: number
}

type RsaUnwrap = (key: RsaPrivateKey, wrapped: Uint8Array, materialBytes: number) => Uint8Array | undefined

const rsaUnwraps: ReadonlyMap<WrappingAlgorithm, RsaUnwrap> = new Map<WrappingAlgorithm, RsaUnwrap>([
  [
    "RSAES_PKCS1_V1_5",
    (key, wrapped, materialBytes) => {
      const block = wrapped.length === key.modulusBytes ? key.raw(wrapped) : undefined
      const material = block && unpadPkcs1(block, materialBytes)
      block?.fill(0)
      return material
    }
  ],
  ["RSAES_OAEP_SHA_1", (key, wrapped) => key.openOaep("sha1", wrapped)],
  ["RSAES_OAEP_SHA_256", (key, wrapped) => key.openOaep("sha256", wrapped)]
])

type Unwrap = (primitives: Primitives, unwrapping: Unwrapping, random: HealthyRandomness) => Uint8Array | undefined

const unwrappers: Readonly<Record<WrappingKeySpec, Unwrap>> = {
  RSA_2048: ({ rsa }, { pkcs8, algorithm, wrapped, materialBytes }) =>
    rsaUnwraps.get(algorithm)?.(rsa.privateKey(pkcs8), wrapped, materialBytes),
  EC_SM2: ({ curves }, { pkcs8, wrapped }, random) => {
    const ciphertext = rawSm2Ciphertext(wrapped)
    if (ciphertext === undefined) return undefined
    const key = curves.sm2PrivateKey(pkcs8, random)
    try {
      return key.decrypt(ciphertext)
    } finally {
      key.wipe()
    }
  }
}

/** Material of the expected length; undefined for every fault. The caller wipes it. */
export const unwrapMaterial = (
  primitives: Primitives,
  random: HealthyRandomness,
  unwrapping: Unwrapping
): Uint8Array | undefined => {
  const material = unwrappers[unwrapping.spec](primitives, unwrapping, random)
  if (material === undefined || material.length === unwrapping.materialBytes) return material
  material.fill(0)
  return undefined
}

interface Wrapping {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly keySpec: WrappingKeySpec
  readonly algorithm: WrappingAlgorithm
  readonly plaintext: Uint8Array
}

const rsaWraps: ReadonlyMap<WrappingAlgorithm, (key: RsaPublicKey, plaintext: Uint8Array) => Uint8Array | undefined> =
  new Map([
    ["RSAES_PKCS1_V1_5", (key: RsaPublicKey, plaintext: Uint8Array) => key.sealPkcs1(plaintext)],
    ["RSAES_OAEP_SHA_1", (key: RsaPublicKey, plaintext: Uint8Array) => key.sealOaep("sha1", plaintext)],
    ["RSAES_OAEP_SHA_256", (key: RsaPublicKey, plaintext: Uint8Array) => key.sealOaep("sha256", plaintext)]
  ])

const modulusBits = 2048

/** Undefined for an unsound public key of its spec, and for plaintext that does not fit. */
export const wrapFor = (
  primitives: Primitives,
  random: HealthyRandomness,
  { publicKey, keySpec, algorithm, plaintext }: Wrapping
): Uint8Array | undefined => {
  if (keySpec === "RSA_2048") {
    const numbers = parseRsaPublicKey(publicKey)
    return numbers !== undefined && isSoundPublicKey(numbers, modulusBits)
      ? rsaWraps.get(algorithm)?.(primitives.rsa.publicKey(publicKey), plaintext)
      : undefined
  }
  if (parseEcPublicKey("EC_SM2", publicKey) === undefined) return undefined
  const key = primitives.curves.sm2PublicKey(publicKey, random)
  try {
    return key.encrypt(plaintext)
  } finally {
    key.release()
  }
}
