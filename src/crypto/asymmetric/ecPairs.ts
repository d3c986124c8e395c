/** Shared by all key pairs on a curve: generating, adopting and encoding them. */
import { Result } from "effect"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import { curves, drawScalar, publicPointOf } from "./curves.ts"
import type { CurveSpec } from "./curves.ts"
import { readEcKey } from "./givenKey.ts"
import type { EncodedPair, PairKind } from "./pairKind.ts"
import { encodeEcPrivateKey, parseEcPrivateKey } from "./pkcs8.ts"
import { encodeEcPublicKey, parseEcPublicKey } from "./spki.ts"

const encoded = (spec: CurveSpec, scalar: Uint8Array): EncodedPair => {
  const point = publicPointOf(curves[spec], scalar)
  return { pkcs8: encodeEcPrivateKey(spec, scalar, point), publicKey: encodeEcPublicKey(spec, point) }
}

export const ecPairs = (random: HealthyRandomness, spec: CurveSpec): Pick<PairKind, "generate" | "adopt"> => ({
  generate: async () => {
    const scalar = drawScalar(curves[spec], random)
    const pair = encoded(spec, scalar)
    scalar.fill(0)
    return pair
  },
  adopt: (pkcs8) => {
    const scalar = Result.getOrUndefined(readEcKey(pkcs8, spec))
    if (scalar === undefined) return undefined
    const pair = encoded(spec, scalar)
    scalar.fill(0)
    return pair
  }
})

/** Scalar and point of a pair that was generated here. */
export const partsOf = (spec: CurveSpec, { pkcs8, publicKey }: EncodedPair) => {
  const scalar = parseEcPrivateKey(spec, pkcs8)?.scalar
  const point = parseEcPublicKey(spec, publicKey)
  if (scalar === undefined || point === undefined)
    throw new Error("a pair must have the encoding that this module writes")
  return { scalar: scalar.slice(), point }
}
