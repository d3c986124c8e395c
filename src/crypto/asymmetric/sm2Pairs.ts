/** SM2 pairs: signatures over a given digest, and encryption. */
import { digestBytes, plaintextBytesMaxOf } from "../../domain/algorithms.ts"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { KeyedHash, Primitives } from "../primitives.ts"
import { curves, drawScalar, numberOf, pointOf, scalarFrom } from "./curves.ts"
import type { CurvePoint } from "./curves.ts"
import { ecPairs, partsOf } from "./ecPairs.ts"
import type { Cipher, PairKind, Signer } from "./pairKind.ts"
import {
  decryptSm2,
  encryptUnderNonceUnsafe,
  isSm2Signature,
  signUnderNonceUnsafe,
  sm2OverheadBytes,
  sm2PrivateKey
} from "./sm2.ts"
import type { Sm2PrivateKey } from "./sm2.ts"
import { rawSm2Ciphertext } from "./sm2Der.ts"

const curve = curves.EC_SM2
const plaintextBytesMax = plaintextBytesMaxOf("EC_SM2", "SM2PKE") ?? 0

const nonceLabel = new TextEncoder().encode("keystate sm2 nonce v1")
const chanceBytes = 32

/** Derived from the key, the digest and randomness, so that a repeating generator does not reveal the key. */
const signatureNonce = (nonces: KeyedHash, digest: Uint8Array, chance: Uint8Array): bigint => {
  const message = new Uint8Array(digestBytes + chanceBytes)
  message.set(digest)
  message.set(chance, digestBytes)
  const bits = nonces.mac(message)
  const nonce = numberOf(scalarFrom(curve, bits))
  bits.fill(0)
  return nonce
}

/**
 * The standard draws again after an unsuitable nonce: one in 256 for a plaintext of one byte, otherwise hardly ever.
 */
const drawnUntil = (attempt: () => Uint8Array | undefined): Uint8Array => attempt() ?? drawnUntil(attempt)

/** Undefined for a plaintext that is empty or too long. */
export const encryptSm2 = (
  primitives: Primitives,
  random: HealthyRandomness,
  point: CurvePoint,
  plaintext: Uint8Array
): Uint8Array | undefined =>
  plaintext.length > 0 && plaintext.length <= plaintextBytesMax
    ? drawnUntil(() => {
        const nonce = drawScalar(curve, random)
        const ciphertext = encryptUnderNonceUnsafe(point, plaintext, numberOf(nonce), primitives.sm3)
        nonce.fill(0)
        return ciphertext
      })
    : undefined

const signerOf = (key: Sm2PrivateKey, point: CurvePoint, nonces: KeyedHash, random: HealthyRandomness): Signer => ({
  sign: (digest) =>
    drawnUntil(() => signUnderNonceUnsafe(key, digest, signatureNonce(nonces, digest, random.secret(chanceBytes)))),
  verify: (digest, signature) => isSm2Signature(point, digest, signature)
})

export const sm2Pairs = (primitives: Primitives, random: HealthyRandomness): PairKind => ({
  ...ecPairs(random, "EC_SM2"),
  open: (pair) => {
    const parts = partsOf("EC_SM2", pair)
    const point = pointOf(curve, parts.point)
    if (point === undefined) throw new Error("a public key is a point")
    const key = sm2PrivateKey(parts.scalar)
    const nonces = primitives.keyedHash({
      key: parts.scalar,
      label: nonceLabel,
      messageBytes: digestBytes + chanceBytes
    })
    parts.scalar.fill(0)
    const cipher: Cipher = {
      encrypt: (plaintext) => encryptSm2(primitives, random, point, plaintext),
      decrypt: (given) => {
        const ciphertext = rawSm2Ciphertext(given)
        return ciphertext !== undefined && ciphertext.length <= plaintextBytesMax + sm2OverheadBytes
          ? decryptSm2(key, ciphertext, primitives.sm3)
          : undefined
      }
    }
    return {
      signers: new Map([["SM2DSA", signerOf(key, point, nonces, random)]]),
      ciphers: new Map([["SM2PKE", cipher]]),
      wipe: nonces.wipe
    }
  }
})
