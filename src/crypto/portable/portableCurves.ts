/** ECDSA and SM2 in JavaScript, on the curves of @noble: for any runtime, and to cross-check the native ones. */
import { digestBytes, plaintextBytesMaxOf } from "../../domain/algorithms.ts"
import { curves, drawScalar, numberOf, pointOf, publicPointOf, scalarFrom } from "../asymmetric/curves.ts"
import type { CurvePoint, CurveSpec } from "../asymmetric/curves.ts"
import { isEcdsaSignature, signEcdsa } from "../asymmetric/ecdsa.ts"
import { parseEcPrivateKey } from "../asymmetric/pkcs8.ts"
import {
  decryptSm2,
  encryptUnderNonceUnsafe,
  isSm2Signature,
  signUnderNonceUnsafe,
  sm2PrivateKey
} from "../asymmetric/sm2.ts"
import { parseEcPublicKey } from "../asymmetric/spki.ts"
import { sm2NonceAnswers } from "../knownAnswers/curves.ts"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Curves, KeyedHash, Primitives } from "../primitives.ts"

type Hashes = Pick<Primitives, "keyedHash" | "sm3">

const encoding = "a key must have the encoding that this service writes"

/** A copy of the private scalar. */
const scalarIn = (spec: CurveSpec, pkcs8: Uint8Array): Uint8Array => {
  const scalar = parseEcPrivateKey(spec, pkcs8)?.scalar
  if (scalar === undefined) throw new Error(encoding)
  return scalar.slice()
}

const pointIn = (spec: CurveSpec, spki: Uint8Array): Uint8Array => {
  const point = parseEcPublicKey(spec, spki)
  if (point === undefined) throw new Error(encoding)
  return point
}

/** Mixed into the nonce of RFC 6979, so that neither a fault nor a weak generator repeats a nonce (section 3.6). */
const extraEntropyBytes = 32

const nonceLabel = new TextEncoder().encode("keystate sm2 nonce v1")
const chanceBytes = 32

/** Derived from the key, the digest and randomness, so that a repeating generator does not reveal the key. */
const signatureNonce = (nonces: KeyedHash, digest: Uint8Array, chance: Uint8Array): bigint => {
  const message = new Uint8Array(digestBytes + chanceBytes)
  message.set(digest)
  message.set(chance, digestBytes)
  const bits = nonces.mac(message)
  const nonce = numberOf(scalarFrom(curves.EC_SM2, bits))
  bits.fill(0)
  return nonce
}

/**
 * The standard draws again after an unsuitable nonce: one in 256 for a plaintext of one byte, otherwise hardly ever.
 */
const drawnUntil = (attempt: () => Uint8Array | undefined): Uint8Array => attempt() ?? drawnUntil(attempt)

const plaintextBytesMax = plaintextBytesMaxOf("EC_SM2", "SM2PKE") ?? 0

const encryptSm2 = (
  { sm3 }: Hashes,
  random: HealthyRandomness,
  point: CurvePoint,
  plaintext: Uint8Array
): Uint8Array | undefined =>
  plaintext.length > 0 && plaintext.length <= plaintextBytesMax
    ? drawnUntil(() => {
        const nonce = drawScalar(curves.EC_SM2, random)
        const ciphertext = encryptUnderNonceUnsafe(point, plaintext, numberOf(nonce), sm3)
        nonce.fill(0)
        return ciphertext
      })
    : undefined

export const makePortableCurves = (hashes: Hashes): Curves => ({
  publicPoint: (spec, scalar) => publicPointOf(curves[spec], scalar),
  ecdsaPrivateKey: (spec, pkcs8, random) => {
    const scalar = scalarIn(spec, pkcs8)
    return {
      sign: (digest) => signEcdsa(spec, scalar, digest, random.secret(extraEntropyBytes)),
      signRepeatably: (digest) => signEcdsa(spec, scalar, digest, false),
      wipe: () => scalar.fill(0)
    }
  },
  ecdsaPublicKey: (spec, spki) => {
    const point = pointIn(spec, spki)
    return {
      verify: (digest, signature) => isEcdsaSignature(spec, point, digest, signature),
      release: () => undefined
    }
  },
  sm2PrivateKey: (pkcs8, random) => {
    const scalar = scalarIn("EC_SM2", pkcs8)
    const key = sm2PrivateKey(scalar)
    const nonces = hashes.keyedHash({ key: scalar, label: nonceLabel, messageBytes: digestBytes + chanceBytes })
    scalar.fill(0)
    return {
      sign: (digest) =>
        drawnUntil(() => signUnderNonceUnsafe(key, digest, signatureNonce(nonces, digest, random.secret(chanceBytes)))),
      decrypt: (ciphertext) => decryptSm2(key, ciphertext, hashes.sm3),
      wipe: nonces.wipe
    }
  },
  sm2PublicKey: (spki, random) => {
    const point = pointOf(curves.EC_SM2, pointIn("EC_SM2", spki))
    if (point === undefined) throw new Error(encoding)
    return {
      verify: (digest, signature) => isSm2Signature(point, digest, signature),
      encrypt: (plaintext) => encryptSm2(hashes, random, point, plaintext),
      release: () => undefined
    }
  },
  nonceAnswers: () => sm2NonceAnswers(hashes)
})
