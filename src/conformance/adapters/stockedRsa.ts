/** Composes RSA keys for the engine in this process from a stock of primes, because finding primes is slow. */
import { createPrivateKey } from "node:crypto"
import { nativePrimitives } from "../../crypto/native/nativePrimitives.ts"
import type { Primitives } from "../../crypto/primitives.ts"

/** Keys that OpenSSL generates for their two primes. Any two different primes form a key. */
const keysMade = 4

const publicExponent = 65_537n

const numberIn = (text: string | undefined): bigint =>
  BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex")}`)

const textOf = (number: bigint): string => {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").toString("base64url")
}

/** By the extended Euclidean algorithm. */
const inverse = (of: bigint, modulus: bigint): bigint => {
  let [old, rest] = [of % modulus, modulus]
  let [found, next] = [1n, 0n]
  while (rest !== 0n) {
    const quotient = old / rest
    ;[old, rest] = [rest, old - quotient * rest]
    ;[found, next] = [next, found - quotient * next]
  }
  return ((found % modulus) + modulus) % modulus
}

/** PKCS #8 of the key with these two primes, the larger one first. */
const keyOf = (one: bigint, other: bigint): Uint8Array => {
  const [p, q] = one > other ? [one, other] : [other, one]
  const d = inverse(publicExponent, (p - 1n) * (q - 1n))
  const numbers = { n: p * q, e: publicExponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const key = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, textOf(number)]))
  return new Uint8Array(
    createPrivateKey({ key: { kty: "RSA", ...key }, format: "jwk" }).export({ format: "der", type: "pkcs8" })
  )
}

const primesOf = async (modulusBits: number): Promise<ReadonlyArray<bigint>> => {
  const made = await Promise.all(Array.from({ length: keysMade }, () => nativePrimitives.rsa.generate(modulusBits)))
  return made.flatMap((pkcs8) => {
    const { p, q } = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }).export({
      format: "jwk"
    })
    return [numberIn(p), numberIn(q)]
  })
}

/** Pairs of different numbers below the count. */
const pairsBelow = (count: number): ReadonlyArray<readonly [number, number]> =>
  Array.from({ length: count - 1 }, (_, distance) =>
    Array.from({ length: count - 1 - distance }, (_none, first) => [first, first + distance + 1] as const)
  ).flat()

/** Keys in a fixed order, repeated from the start. */
const stockOf = (modulusBits: number): (() => Promise<Uint8Array>) => {
  const primes = primesOf(modulusBits)
  const pairs = pairsBelow(keysMade * 2)
  const made = new Map<number, Uint8Array>()
  let taken = 0
  return async () => {
    const numbers = await primes
    const next = taken++ % pairs.length
    const [first = 0, second = 1] = pairs[next] ?? []
    const key = made.get(next) ?? keyOf(numbers[first] ?? 0n, numbers[second] ?? 0n)
    made.set(next, key)
    // The engine wipes the buffer that it receives.
    return key.slice()
  }
}

/** OpenSSL for everything, and RSA keys from the stock. For tests only: keys that share a prime reveal each other. */
export const makeStockedPrimitives = (): Primitives => {
  const stocks = new Map<number, () => Promise<Uint8Array>>()
  const generate = (modulusBits: number): Promise<Uint8Array> => {
    const stock = stocks.get(modulusBits) ?? stockOf(modulusBits)
    stocks.set(modulusBits, stock)
    return stock()
  }
  return { ...nativePrimitives, rsa: { ...nativePrimitives.rsa, generate } }
}
