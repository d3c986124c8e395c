/** SM2 (GB/T 32918) over a generic curve: signatures over a given digest, and public-key encryption as C1 C3 C2. */
import { DER } from "@noble/curves/abstract/der.js"
import { concatBytes, equalBytes, hexToBytes } from "@noble/curves/utils.js"
import { digestBytes } from "../../domain/algorithms.ts"
import { sm3 } from "../portable/sm3.ts"
import { curves, numberOf, pointBytes, pointOf, pointToBytes, scalarToBytes } from "./curves.ts"
import type { CurvePoint } from "./curves.ts"

export type Digest = (message: Uint8Array) => Uint8Array

const { Point } = curves.EC_SM2
const { Fn, Fp } = Point
const curve = Point.CURVE()

const identifier = new TextEncoder().encode("1234567812345678")

/** ZA (part 2, section 5.5): the signer's identifier, the curve, and the signer's public point. */
const signerHash = (point: Uint8Array, digest: Digest): Uint8Array =>
  digest(
    concatBytes(
      Uint8Array.of(0, identifier.length * 8),
      identifier,
      ...[curve.a, curve.b, curve.Gx, curve.Gy].map(scalarToBytes),
      point.subarray(1)
    )
  )

/** The signed digest of a message: SM3(ZA || message), for the identifier 1234567812345678 (GM/T 0009, section 10). */
export const sm2Digest = (publicKeyPoint: Uint8Array, message: Uint8Array, digest: Digest = sm3): Uint8Array =>
  digest(concatBytes(signerHash(publicKeyPoint, digest), message))

/** A private scalar, and the inverse for signing: computed once, because its computing time depends on the scalar. */
export interface Sm2PrivateKey {
  readonly scalar: bigint
  readonly inverse: bigint
}

export const sm2PrivateKey = (scalar: Uint8Array): Sm2PrivateKey => {
  const value = numberOf(scalar)
  return { scalar: value, inverse: Fn.inv(value + 1n) }
}

/** Part 2, section 6.1; undefined for the few nonces that it refuses. Two digests under one nonce reveal the key. */
export const signUnderNonceUnsafe = (
  { inverse }: Sm2PrivateKey,
  digest: Uint8Array,
  nonce: bigint
): Uint8Array | undefined => {
  const r = Fn.create(numberOf(digest) + Point.BASE.multiply(nonce).x)
  if (r === 0n || r + nonce === Fn.ORDER) return undefined
  // The standard's (1 + d)^-1 (k - rd), rearranged so that the scalar itself is not needed.
  const s = Fn.sub(Fn.mul(inverse, Fn.create(nonce + r)), r)
  return s === 0n ? undefined : hexToBytes(DER.hexFromSig({ r, s }))
}

/** A scalar below 2^256 and its sign byte. */
const integerBytesMax = 33

/** Part 2, section 7.1. Accepts only strict DER. */
export const isSm2Signature = (publicPoint: CurvePoint, digest: Uint8Array, signature: Uint8Array): boolean => {
  try {
    const { r, s } = DER.toSig(signature, integerBytesMax)
    if (!Fn.isValidNot0(r) || !Fn.isValidNot0(s)) return false
    const t = Fn.add(r, s)
    if (t === 0n) return false
    const sum = Point.BASE.mulAddUnsafe(s, publicPoint, t)
    return !sum.is0() && Fn.create(numberOf(digest) + sum.x) === r
  } catch {
    return false
  }
}

/** The bytes that a ciphertext has in addition to its plaintext: a point and a digest. */
export const sm2OverheadBytes = pointBytes + digestBytes

/** Part 4, section 5.4.3: SM3 over the shared point and a counter, repeated up to the required length. */
const keyStream = (shared: Uint8Array, length: number, digest: Digest): Uint8Array => {
  const stream = new Uint8Array(length)
  const input = concatBytes(shared, new Uint8Array(4))
  const counter = new DataView(input.buffer, input.byteOffset + shared.length)
  for (let at = 0; at < length; at += digestBytes) {
    counter.setUint32(0, at / digestBytes + 1)
    stream.set(digest(input).subarray(0, length - at), at)
  }
  input.fill(0)
  return stream
}

const xor = (left: Uint8Array, right: Uint8Array): Uint8Array => left.map((byte, i) => byte ^ (right[i] ?? 0))
const isAllZero = (bytes: Uint8Array): boolean => bytes.reduce((seen, byte) => seen | byte, 0) === 0

const checkHash = (shared: Uint8Array, plaintext: Uint8Array, digest: Digest): Uint8Array =>
  digest(concatBytes(shared.subarray(0, Fp.BYTES), plaintext, shared.subarray(Fp.BYTES)))

/**
 * Part 4, section 6.1. Undefined for a nonce whose key stream is all zero, which always happens for an empty plaintext.
 */
export const encryptUnderNonceUnsafe = (
  publicPoint: CurvePoint,
  plaintext: Uint8Array,
  nonce: bigint,
  digest: Digest
): Uint8Array | undefined => {
  const shared = pointToBytes(publicPoint.multiply(nonce)).subarray(1)
  const stream = keyStream(shared, plaintext.length, digest)
  if (isAllZero(stream)) return undefined
  const mine = pointToBytes(Point.BASE.multiply(nonce))
  return concatBytes(mine, checkHash(shared, plaintext, digest), xor(plaintext, stream))
}

/** Part 4, section 7.1. The point is checked to be on the curve before the private key is used on it. */
export const decryptSm2 = (
  { scalar }: Sm2PrivateKey,
  ciphertext: Uint8Array,
  digest: Digest
): Uint8Array | undefined => {
  if (ciphertext.length <= sm2OverheadBytes) return undefined
  const theirs = pointOf(curves.EC_SM2, ciphertext.slice(0, pointBytes))
  if (theirs === undefined) return undefined
  const shared = pointToBytes(theirs.multiply(scalar)).subarray(1)
  const masked = ciphertext.subarray(sm2OverheadBytes)
  const stream = keyStream(shared, masked.length, digest)
  const plaintext = xor(masked, stream)
  const isWhole = equalBytes(checkHash(shared, plaintext, digest), ciphertext.subarray(pointBytes, sm2OverheadBytes))
  const isMasked = !isAllZero(stream)
  shared.fill(0)
  stream.fill(0)
  if (isWhole && isMasked) return plaintext
  plaintext.fill(0)
  return undefined
}
