/** Shared by all key pairs on a curve: generating, adopting and encoding them. */
import { Result } from "effect"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Primitives } from "../primitives.ts"
import { curves, drawScalar } from "./curves.ts"
import type { CurveSpec } from "./curves.ts"
import { readEcKey } from "./givenKey.ts"
import type { EncodedPair, PairKind } from "./pairKind.ts"
import { encodeEcPrivateKey } from "./pkcs8.ts"
import { encodeEcPublicKey } from "./spki.ts"

const encoded = ({ curves }: Primitives, spec: CurveSpec, scalar: Uint8Array): EncodedPair => {
  const point = curves.publicPoint(spec, scalar)
  return { pkcs8: encodeEcPrivateKey(spec, scalar, point), publicKey: encodeEcPublicKey(spec, point) }
}

export const ecPairs = (
  primitives: Primitives,
  random: HealthyRandomness,
  spec: CurveSpec
): Pick<PairKind, "generate" | "adopt"> => ({
  generate: async () => {
    const scalar = drawScalar(curves[spec], random)
    const pair = encoded(primitives, spec, scalar)
    scalar.fill(0)
    return pair
  },
  adopt: (pkcs8) => {
    const scalar = Result.getOrUndefined(readEcKey(pkcs8, spec))
    if (scalar === undefined) return undefined
    const pair = encoded(primitives, spec, scalar)
    scalar.fill(0)
    return pair
  }
})
