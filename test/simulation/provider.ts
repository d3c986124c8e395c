/** The software provider without calls that leave the simulation: OpenSSL makes RSA key pairs on other threads. */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import type { EncodedPair } from "../../src/crypto/asymmetric/pairKind.ts"
import { makePairs } from "../../src/crypto/asymmetric/pairs.ts"
import { watch } from "../../src/crypto/healthyRandomness.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { makeNativeProvider } from "../../src/crypto/native/nativeProvider.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import { wrappingIdentity } from "../../src/crypto/seal.ts"
import type { MakeProvider } from "../../src/main.ts"
import { numbersFrom } from "../histories/weather.ts"

export const bytesFrom = (random: () => number, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => Math.floor(random() * 256))

const watched = (random: () => number) =>
  watch({ bytes: (length) => bytesFrom(random, length), uuid: () => "00000000-0000-4000-8000-000000000000" })

interface Vectors {
  readonly testGroups: readonly [{ readonly privateKeyPkcs8: string }]
}

const vectors = new URL("../vectors/wycheproof/rsa_oaep_2048_sha256_mgf1sha256_test.json", import.meta.url)

/** A published key pair for every import. Ciphertexts differ by the session's name. */
const publishedPair = (): EncodedPair => {
  const { testGroups }: Vectors = JSON.parse(readFileSync(vectors, "utf8"))
  const pkcs8 = Buffer.from(testGroups[0].privateKeyPkcs8, "hex")
  const found = makePairs(nativePrimitives, watched(numbersFrom(1))).RSA_2048.adopt(pkcs8)
  if (found === undefined) throw new Error("the published pair is not accepted")
  return found
}

const pair = publishedPair()

export const simulatedProvider: MakeProvider = ({ randomness, rootKey }) => ({
  ...makeNativeProvider({ randomness, rootKey }),
  makeWrappingPair: ({ id, spec }) =>
    Effect.sync(() => ({
      sealed: rootKey.seal({ identity: wrappingIdentity({ id, spec }), plaintext: pair.pkcs8 }),
      publicKey: pair.publicKey
    }))
})

/** Material as a client sends it: wrapped for the public key of the pair (RFC 8017, section 7.2.1). */
export const wrapMaterial = (material: Uint8Array, random: () => number): Uint8Array => {
  const { modulusBytes, raw } = portablePrimitives.rsa.publicKey(pair.publicKey)
  const padding = Uint8Array.from({ length: modulusBytes - material.length - 3 }, () => 1 + Math.floor(random() * 255))
  const wrapped = raw(Uint8Array.of(0, 2, ...padding, 0, ...material))
  if (wrapped === undefined) throw new Error("the published pair cannot wrap")
  return wrapped
}
