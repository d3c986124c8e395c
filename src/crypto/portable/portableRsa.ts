/** RSA of micro-rsa-dsa-dh: correct but not constant-time; for cross-checks, and for runtimes without Node. */
import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js"
import { sha1 } from "@noble/hashes/legacy.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { IFCPrimes, mgf1, OAEP, PKCS1_KEM } from "micro-rsa-dsa-dh/rsa.js"
import type { KEM } from "micro-rsa-dsa-dh/rsa.js"
import { pow } from "micro-rsa-dsa-dh/utils.js"
import { encodeRsaPrivateKey, parseRsaPrivateKey } from "../asymmetric/pkcs8.ts"
import { publicExponent, rsaKeyOf } from "../asymmetric/rsaKeys.ts"
import { parseRsaPublicKey } from "../asymmetric/spki.ts"
import type { OaepHash, Rsa, RsaPrivateKey, RsaPublicKey } from "../primitives.ts"

const oaep: Readonly<Record<OaepHash, KEM>> = {
  sha1: OAEP(sha1, mgf1(sha1)),
  sha256: OAEP(sha256, mgf1(sha256))
}

const whole = (attempt: () => Uint8Array): Uint8Array | undefined => {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

const bytesOf = (modulus: bigint): number => Math.ceil(modulus.toString(16).length / 2)

const power = (block: Uint8Array, exponent: bigint, modulus: bigint): Uint8Array | undefined => {
  const bytes = bytesOf(modulus)
  const value = bytesToNumberBE(block)
  if (block.length !== bytes || value >= modulus) return undefined
  return numberToBytesBE(pow(value, exponent, modulus), bytes)
}

const privateKey = (pkcs8: Uint8Array): RsaPrivateKey => {
  const numbers = parseRsaPrivateKey(pkcs8)
  if (numbers === undefined) throw new Error("an RSA private key is PKCS#8")
  const key = { n: numbers.modulus, d: numbers.privateExponent }
  const raw: RsaPrivateKey["raw"] = (block) => power(block, key.d, key.n)
  const openOaep: RsaPrivateKey["openOaep"] = (hash, ciphertext) => whole(() => oaep[hash].decrypt(key, ciphertext))
  return {
    modulusBytes: bytesOf(key.n),
    raw,
    openOaep,
    rawInThread: async (block) => raw(block),
    openOaepInThread: async (hash, ciphertext) => openOaep(hash, ciphertext)
  }
}

const publicKey = (spki: Uint8Array): RsaPublicKey => {
  const numbers = parseRsaPublicKey(spki)
  if (numbers === undefined) throw new Error("an RSA public key is SubjectPublicKeyInfo")
  const key = { n: numbers.modulus, e: numbers.publicExponent }
  return {
    modulusBytes: bytesOf(key.n),
    raw: (block) => power(block, key.e, key.n),
    sealOaep: (hash, plaintext) => whole(() => oaep[hash].encrypt(key, plaintext)),
    sealPkcs1: (plaintext) => whole(() => PKCS1_KEM.encrypt(key, plaintext))
  }
}

/**
 * FIPS 186-5, section A.1.3, gives up after 5 × 2048 candidates of the right size. The library also counts candidates
 * that are too small, and so gives up once in about 5,000 keys. This many failures in a row have a probability of 1 in
 * 10^18.
 */
const searches = 5

/** Primes by FIPS 186-5, section A.1.3. They are drawn from the runtime's generator, which the library requires. */
const primes = (modulusBits: number, left = searches): ReturnType<typeof IFCPrimes> => {
  try {
    return IFCPrimes(modulusBits, publicExponent)
  } catch (fault) {
    if (left === 1) throw fault
    return primes(modulusBits, left - 1)
  }
}

const generate = async (modulusBits: number): Promise<Uint8Array> => encodeRsaPrivateKey(rsaKeyOf(primes(modulusBits)))

export const portableRsa: Rsa = { generate, privateKey, publicKey }
