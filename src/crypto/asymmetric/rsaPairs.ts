/** RSA pairs: PSS and PKCS #1 v1.5 signatures over a given digest, OAEP encryption. */
import { equalBytes } from "@noble/curves/utils.js"
import { Effect, Result } from "effect"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { OaepHash, Primitives, RsaPrivateKey, RsaPublicKey } from "../primitives.ts"
import type { Cipher, EncodedPair, PairKind, Signer } from "./pairKind.ts"
import { readRsaKey } from "./givenKey.ts"
import { encodeRsaPrivateKey } from "./pkcs8.ts"
import { encodePkcs1, encodePss, isPss, saltBytes } from "./rsaPadding.ts"
import { encodeRsaPublicKey } from "./spki.ts"

/** A signature padding: from a digest to a block, and a check of a block against a digest. */
interface Encoding {
  readonly encode: (digest: Uint8Array, modulusBytes: number) => Uint8Array
  readonly isOf: (block: Uint8Array, digest: Uint8Array) => boolean
}

const pkcs1: Encoding = {
  encode: encodePkcs1,
  isOf: (block, digest) => equalBytes(block, encodePkcs1(digest, block.length))
}

const pss = (random: HealthyRandomness): Encoding => ({
  encode: (digest, modulusBytes) => encodePss(digest, random.secret(saltBytes), modulusBytes),
  isOf: isPss
})

const signer = (privateKey: RsaPrivateKey, publicKey: RsaPublicKey, { encode, isOf }: Encoding): Signer => ({
  sign: (digest) =>
    Effect.promise(async () => {
      const block = encode(digest, privateKey.modulusBytes)
      const signature = await privateKey.rawInThread(block)
      // A signature with a fault in one prime's half reveals the other prime (Boneh, DeMillo and Lipton 1997).
      const opened = signature && publicKey.raw(signature)
      return opened !== undefined && equalBytes(opened, block) ? signature : undefined
    }),
  verify: (digest, signature) => {
    const block = signature.length === publicKey.modulusBytes ? publicKey.raw(signature) : undefined
    return block !== undefined && isOf(block, digest)
  }
})

const cipher = (privateKey: RsaPrivateKey, publicKey: RsaPublicKey, hash: OaepHash): Cipher => ({
  encrypt: (plaintext) => publicKey.sealOaep(hash, plaintext),
  decrypt: (ciphertext) => Effect.promise(() => privateKey.openOaepInThread(hash, ciphertext))
})

export const rsaPairs = ({ rsa }: Primitives, random: HealthyRandomness, modulusBits: number): PairKind => {
  const adopt = (pkcs8: Uint8Array): EncodedPair | undefined => {
    const key = Result.getOrUndefined(readRsaKey(pkcs8, modulusBits))
    return key !== undefined ? { pkcs8: encodeRsaPrivateKey(key), publicKey: encodeRsaPublicKey(key) } : undefined
  }

  return {
    adopt,
    generate: async () => {
      const made = await rsa.generate(modulusBits)
      const pair = adopt(made)
      made.fill(0)
      if (pair === undefined) throw new Error("a new RSA key is sound")
      return pair
    },
    open: (pair) => {
      const privateKey = rsa.privateKey(pair.pkcs8)
      const publicKey = rsa.publicKey(pair.publicKey)
      return {
        signers: new Map([
          ["RSA_PSS_SHA_256", signer(privateKey, publicKey, pss(random))],
          ["RSA_PKCS1_SHA_256", signer(privateKey, publicKey, pkcs1)]
        ]),
        ciphers: new Map([
          ["RSAES_OAEP_SHA_256", cipher(privateKey, publicKey, "sha256")],
          ["RSAES_OAEP_SHA_1", cipher(privateKey, publicKey, "sha1")]
        ]),
        // The library's own copy cannot be wiped; it is released with the last reference.
        wipe: () => undefined
      }
    }
  }
}
