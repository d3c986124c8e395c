/** ECDSA of @noble on P-256 and secp256k1, over a given digest, with signatures in DER. */
import { p256 } from "@noble/curves/nist.js"
import { secp256k1 } from "@noble/curves/secp256k1.js"
import type { EcdsaSpec } from "../primitives.ts"

/**
 * On secp256k1 only the lower s is produced, because its verifiers refuse the higher one; verifiers of P-256 accept
 * both. Both are accepted on either curve, as in the standard (FIPS 186-5, section 6.4.2).
 */
const libraries = {
  EC_P256: { ecdsa: p256, lowS: false },
  EC_P256K: { ecdsa: secp256k1, lowS: true }
} as const

const given = { prehash: false, format: "der" } as const

export const isEcdsaSignature = (
  spec: EcdsaSpec,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array
): boolean => {
  try {
    return libraries[spec].ecdsa.verify(signature, digest, point, { ...given, lowS: false })
  } catch {
    return false
  }
}

/** Deterministic without extra entropy (RFC 6979). */
export const signEcdsa = (
  spec: EcdsaSpec,
  scalar: Uint8Array,
  digest: Uint8Array,
  extraEntropy: Uint8Array | false
): Uint8Array => {
  const { ecdsa, lowS } = libraries[spec]
  return ecdsa.sign(digest, scalar, { ...given, lowS, extraEntropy })
}
