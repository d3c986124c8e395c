/** The kinds of pairs, by spec, and the check of every new pair before it is stored. */
import { Effect } from "effect"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Primitives } from "../primitives.ts"
import { ecdsaPairs } from "./ecdsaPairs.ts"
import { rsaBits } from "./pairKind.ts"
import type { EncodedPair, PairKind, PairSpec } from "./pairKind.ts"
import { rsaPairs } from "./rsaPairs.ts"
import { sm2Pairs } from "./sm2Pairs.ts"

export type Pairs = Readonly<Record<PairSpec, PairKind>>

export const makePairs = (primitives: Primitives, random: HealthyRandomness): Pairs => ({
  RSA_2048: rsaPairs(primitives, random, rsaBits.RSA_2048),
  RSA_3072: rsaPairs(primitives, random, rsaBits.RSA_3072),
  EC_P256: ecdsaPairs(primitives, random, "EC_P256"),
  EC_P256K: ecdsaPairs(primitives, random, "EC_P256K"),
  EC_SM2: sm2Pairs(primitives, random)
})

const probe = new Uint8Array(32).fill(0xa5)
const otherProbe = new Uint8Array(32).fill(0x5a)

/** The pairwise consistency test: the private half signs and the public half verifies (FIPS 140-3 IG 10.3.A). */
export const isConsistent = (kind: PairKind, encoded: EncodedPair): Effect.Effect<boolean> =>
  Effect.acquireUseRelease(
    Effect.sync(() => kind.open(encoded)),
    ({ signers }) =>
      Effect.gen(function* () {
        const [signer] = signers.values()
        const signature = signer && (yield* signer.sign(probe))
        if (signer === undefined || signature === undefined) return false
        return signer.verify(probe, signature) && !signer.verify(otherProbe, signature)
      }),
    ({ wipe }) => Effect.sync(wipe)
  )
