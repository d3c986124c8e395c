/** The three 256-bit curves of keys, and the encoding of their points. */
import { mapHashToField } from "@noble/curves/abstract/modular.js"
import { weierstrass } from "@noble/curves/abstract/weierstrass.js"
import type { WeierstrassPoint, WeierstrassPointCons } from "@noble/curves/abstract/weierstrass.js"
import { p256 } from "@noble/curves/nist.js"
import { secp256k1 } from "@noble/curves/secp256k1.js"
import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js"
import type { HealthyRandomness } from "../healthyRandomness.ts"

export interface Curve {
  readonly Point: WeierstrassPointCons<bigint>
  /** Content of the object identifier of the named curve. */
  readonly oid: Uint8Array
  /** The largest private scalar. */
  readonly scalarMax: bigint
}

export type CurvePoint = WeierstrassPoint<bigint>

/** GB/T 32918.5-2017, the recommended curve of 256 bits. */
const sm2Parameters = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n
}

const Sm2Point = weierstrass<bigint>(sm2Parameters)

export const curves = {
  /** 1.2.840.10045.3.1.7 (RFC 5480, section 2.1.1.1) */
  EC_P256: {
    Point: p256.Point,
    oid: Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
    scalarMax: p256.Point.Fn.ORDER - 1n
  },
  /** 1.3.132.0.10 (SEC 2, section A.2.1) */
  EC_P256K: {
    Point: secp256k1.Point,
    oid: Uint8Array.of(0x2b, 0x81, 0x04, 0x00, 0x0a),
    scalarMax: secp256k1.Point.Fn.ORDER - 1n
  },
  /**
   * 1.2.156.10197.1.301 (GM/T 0006). The order less one is not a private key: signing divides by 1 + d (GB/T 32918.2).
   */
  EC_SM2: {
    Point: Sm2Point,
    oid: Uint8Array.of(0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d),
    scalarMax: Sm2Point.Fn.ORDER - 2n
  }
} as const satisfies Record<string, Curve>

export type CurveSpec = keyof typeof curves

const scalarBytes = 32
/** 04, x, y. */
export const pointBytes = 65
const uncompressed = 0x04

export const numberOf = (bytes: Uint8Array): bigint => bytesToNumberBE(bytes)
export const scalarToBytes = (value: bigint): Uint8Array => numberToBytesBE(value, scalarBytes)

/** A private scalar by FIPS 186-5, section A.2.1: 128 bits more than the order, so that no value is preferred. */
export const drawScalar = (curve: Curve, random: HealthyRandomness): Uint8Array => {
  const bits = random.secret(scalarBytes + 16)
  const scalar = scalarFrom(curve, bits)
  bits.fill(0)
  return scalar
}

/** Converts at least 48 bytes of uniform bits to a private scalar. */
export const scalarFrom = ({ scalarMax }: Curve, bits: Uint8Array): Uint8Array => mapHashToField(bits, scalarMax + 1n)

export const isScalar = ({ scalarMax }: Curve, bytes: Uint8Array): boolean => {
  const value = numberOf(bytes)
  return bytes.length === scalarBytes && value > 0n && value <= scalarMax
}

/** The point of the curve that the bytes encode, uncompressed; undefined for other bytes. */
export const pointOf = ({ Point }: Curve, bytes: Uint8Array): CurvePoint | undefined => {
  if (bytes.length !== pointBytes || bytes[0] !== uncompressed) return undefined
  try {
    return Point.fromBytes(bytes)
  } catch {
    return undefined
  }
}

export const pointToBytes = (point: CurvePoint): Uint8Array => point.toBytes(false)

export const publicPointOf = ({ Point }: Curve, scalar: Uint8Array): Uint8Array =>
  pointToBytes(Point.BASE.multiply(numberOf(scalar)))
