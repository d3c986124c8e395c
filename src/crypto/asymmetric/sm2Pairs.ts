/** SM2 pairs: signatures over a given digest, and encryption. */
import { plaintextBytesMaxOf } from "../../domain/algorithms.ts"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Primitives } from "../primitives.ts"
import { ecPairs } from "./ecPairs.ts"
import { atOnce } from "./pairKind.ts"
import type { Cipher, PairKind } from "./pairKind.ts"
import { sm2OverheadBytes } from "./sm2.ts"
import { rawSm2Ciphertext } from "./sm2Der.ts"

const ciphertextBytesMax = (plaintextBytesMaxOf("EC_SM2", "SM2PKE") ?? 0) + sm2OverheadBytes

export const sm2Pairs = (primitives: Primitives, random: HealthyRandomness): PairKind => ({
  ...ecPairs(primitives, random, "EC_SM2"),
  open: (pair) => {
    const privateKey = primitives.curves.sm2PrivateKey(pair.pkcs8, random)
    const publicKey = primitives.curves.sm2PublicKey(pair.publicKey, random)
    const cipher: Cipher = {
      encrypt: publicKey.encrypt,
      decrypt: atOnce((given) => {
        const ciphertext = rawSm2Ciphertext(given)
        return ciphertext !== undefined && ciphertext.length <= ciphertextBytesMax
          ? privateKey.decrypt(ciphertext)
          : undefined
      })
    }
    return {
      signers: new Map([["SM2DSA", { sign: atOnce(privateKey.sign), verify: publicKey.verify }]]),
      ciphers: new Map([["SM2PKE", cipher]]),
      wipe: () => {
        privateKey.wipe()
        publicKey.release()
      }
    }
  }
})
