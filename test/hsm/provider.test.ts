/** The laws of keys in any token for SoftHSM, and signatures and ciphertexts that OpenSSL confirms. */
import { constants, createHash, createPublicKey, publicEncrypt, verify } from "node:crypto"
import { afterAll, describe, expect } from "@effect/vitest"
import { Effect } from "effect"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { encryptionAlgorithmsOf, plaintextBytesMaxOf, signatureAlgorithmsOf } from "../../src/domain/algorithms.ts"
import type { SignatureAlgorithm } from "../../src/domain/algorithms.ts"
import { chance, flipped, noContext, spec, toHex, utf8 } from "../crypto/material.ts"
import { makeTestToken } from "./token.ts"
import { fresh, importLaws, insideOf, messageLaws, reasonOf, storedLaws } from "./tokenLaws.ts"

const token = makeTestToken()
afterAll(() => token.remove())

const inside = insideOf(token)
const pairSpecs = ["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K"] as const

messageLaws(token, { spec, algorithm: 2 })
storedLaws(token, [spec, "EC_P256", "EC_P256K", "RSA_2048", "RSA_3072"])
importLaws(token, { spec, aead: nativePrimitives.aesGcm })

const digestOf = (message: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(message).digest())

const isByOpenSsl = (algorithm: SignatureAlgorithm, spki: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" })
  const padding = algorithm === "RSA_PSS_SHA_256" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const options = algorithm === "ECDSA_SHA_256" ? { key } : { key, padding, saltLength: 32 }
  return verify("sha256", message, options, signature)
}

describe.each(pairSpecs)("a pair of spec %s in a token", (pairSpec) => {
  inside("a key pair in a token signs by every algorithm for OpenSSL, and verifies nothing else", ({ provider }) =>
    Effect.gen(function* () {
      const { handle, stored } = yield* fresh(provider, pairSpec)
      for (const algorithm of signatureAlgorithmsOf(pairSpec)) {
        for (let i = 0; i < 8; i++) {
          const message = utf8(`message ${i}`)
          const digest = digestOf(message)
          const signature = yield* provider.sign({ handle, algorithm, digest })
          expect(isByOpenSsl(algorithm, stored.publicKey ?? noContext, message, signature)).toBe(true)
          const is = (digest: Uint8Array, signature: Uint8Array) =>
            provider.verify({ handle, algorithm, digest, signature })
          expect(yield* is(digest, signature)).toBe(true)
          expect(yield* is(flipped(digest, 3), signature)).toBe(false)
          expect(yield* is(digest, flipped(signature, signature.length * 8 - 1))).toBe(false)
          // Many programs refuse SEC 1 signatures on secp256k1 with the upper s, whose first bit is set.
          if (pairSpec === "EC_P256K") expect(signature.at(-32)).toBeLessThan(0x80)
        }
        expect(yield* reasonOf(provider.sign({ handle, algorithm, digest: new Uint8Array(31) }))).toBe("Rejected")
      }
      expect(yield* reasonOf(provider.seal({ handle, plaintext: noContext, context: noContext }))).toBe(
        "UnsupportedSpec"
      )
    })
  )

  inside("a key pair in a token decrypts ciphertext of OpenSSL, and refuses every fault alike", ({ provider }) =>
    Effect.gen(function* () {
      const { handle, stored } = yield* fresh(provider, pairSpec)
      const key = createPublicKey({ key: Buffer.from(stored.publicKey ?? noContext), format: "der", type: "spki" })
      for (const algorithm of encryptionAlgorithmsOf(pairSpec)) {
        const oaepHash = algorithm === "RSAES_OAEP_SHA_1" ? "sha1" : "sha256"
        const most = plaintextBytesMaxOf(pairSpec, algorithm) ?? 0
        for (const length of [1, 32, most]) {
          const plaintext = chance(`${length}`).bytes(length)
          const byOpenSsl = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext)
          const byMe = yield* provider.encrypt({ handle, algorithm, plaintext })
          for (const ciphertext of [byOpenSsl, byMe]) {
            expect(toHex(yield* provider.decrypt({ handle, algorithm, ciphertext }))).toBe(toHex(plaintext))
          }
        }
        const ciphertext = yield* provider.encrypt({ handle, algorithm, plaintext: utf8("text") })
        const wrong = [
          noContext,
          ciphertext.slice(1),
          new Uint8Array([...ciphertext, 0]),
          new Uint8Array(ciphertext.length),
          new Uint8Array(ciphertext.length).fill(0xff),
          ...[0, 1, 9, ciphertext.length - 1].map((at) => flipped(ciphertext, at * 8))
        ]
        for (const ciphertext of wrong) {
          expect(yield* reasonOf(provider.decrypt({ handle, algorithm, ciphertext }))).toBe("Rejected")
        }
        expect(yield* reasonOf(provider.decrypt({ handle, algorithm, ciphertext }))).toBe("ok")
      }
      expect(encryptionAlgorithmsOf(pairSpec).length).toBe(pairSpec.startsWith("RSA") ? 2 : 0)
    })
  )
})
