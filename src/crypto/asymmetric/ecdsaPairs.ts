/** ECDSA pairs on P-256 and secp256k1: DER signatures over a given digest. */
import { p256 } from "@noble/curves/nist.js"
import { secp256k1 } from "@noble/curves/secp256k1.js"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import { ecPairs, partsOf } from "./ecPairs.ts"
import type { PairKind } from "./pairKind.ts"

/**
 * On secp256k1 only the lower s is produced, because its verifiers refuse the higher one; verifiers of P-256 accept
 * both. Both are accepted on either curve, as in the standard (FIPS 186-5, section 6.4.2).
 */
const libraries = {
  EC_P256: { ecdsa: p256, lowS: false },
  EC_P256K: { ecdsa: secp256k1, lowS: true }
} as const

const given = { prehash: false, format: "der" } as const

/** Mixed into the nonce of RFC 6979, so that neither a fault nor a weak generator repeats a nonce (section 3.6). */
const extraEntropyBytes = 32

export const isEcdsaSignature = (
  spec: keyof typeof libraries,
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
  spec: keyof typeof libraries,
  scalar: Uint8Array,
  digest: Uint8Array,
  extraEntropy: Uint8Array | false
): Uint8Array => {
  const { ecdsa, lowS } = libraries[spec]
  return ecdsa.sign(digest, scalar, { ...given, lowS, extraEntropy })
}

export const ecdsaPairs = (random: HealthyRandomness, spec: keyof typeof libraries): PairKind => ({
  ...ecPairs(random, spec),
  open: (pair) => {
    const { scalar, point } = partsOf(spec, pair)
    const signer = {
      sign: (digest: Uint8Array) => signEcdsa(spec, scalar, digest, random.secret(extraEntropyBytes)),
      verify: (digest: Uint8Array, signature: Uint8Array) => isEcdsaSignature(spec, point, digest, signature)
    }
    return {
      signers: new Map([["ECDSA_SHA_256", signer]]),
      ciphers: new Map(),
      wipe: () => scalar.fill(0)
    }
  }
})
