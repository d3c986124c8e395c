/** ECDSA pairs on P-256 and secp256k1: DER signatures over a given digest. */
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { EcdsaSpec, Primitives } from "../primitives.ts"
import { ecPairs } from "./ecPairs.ts"
import { atOnce } from "./pairKind.ts"
import type { PairKind } from "./pairKind.ts"

export const ecdsaPairs = (primitives: Primitives, random: HealthyRandomness, spec: EcdsaSpec): PairKind => ({
  ...ecPairs(primitives, random, spec),
  open: (pair) => {
    const privateKey = primitives.curves.ecdsaPrivateKey(spec, pair.pkcs8, random)
    const publicKey = primitives.curves.ecdsaPublicKey(spec, pair.publicKey)
    return {
      signers: new Map([["ECDSA_SHA_256", { sign: atOnce(privateKey.sign), verify: publicKey.verify }]]),
      ciphers: new Map(),
      wipe: () => {
        privateKey.wipe()
        publicKey.release()
      }
    }
  }
})
