/** The numbers of RSA keys: whether they are sound, and how all follow from two primes. */
import { invert } from "micro-rsa-dsa-dh/utils.js"
import type { RsaPrivateNumbers } from "./pkcs8.ts"
import type { RsaPublicNumbers } from "./spki.ts"

export const publicExponent = 0x10001n

/**
 * FIPS 186-5, section 5.1, sets this upper bound. An exponent of 1 does not encrypt, and an even one cannot be
 * inverted.
 */
const isExponent = (exponent: bigint): boolean => exponent >= 3n && exponent < 1n << 256n && exponent % 2n === 1n

const bitsOf = (value: bigint): number => value.toString(2).length

export const isSoundPublicKey = (key: RsaPublicNumbers, modulusBits: number): boolean =>
  bitsOf(key.modulus) === modulusBits && key.modulus % 2n === 1n && isExponent(key.publicExponent)

/** Every number must follow from the primes. The first use of the pair shows whether these are primes. */
export const isSoundPrivateKey = (key: RsaPrivateNumbers, modulusBits: number): boolean => {
  const { prime1: p, prime2: q, privateExponent: d, publicExponent: e } = key
  const areOdd = p % 2n === 1n && q % 2n === 1n
  return (
    areOdd &&
    p > 1n &&
    q > 1n &&
    p !== q &&
    isSoundPublicKey(key, modulusBits) &&
    p * q === key.modulus &&
    d < key.modulus &&
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    key.exponent1 === d % (p - 1n) &&
    key.exponent2 === d % (q - 1n) &&
    key.coefficient < p &&
    (key.coefficient * q) % p === 1n
  )
}

/** The private exponent is the least possible one (FIPS 186-5, section A.1.1). */
export const rsaKeyOf = ({ p, q }: { readonly p: bigint; readonly q: bigint }): RsaPrivateNumbers => {
  const order = ((p - 1n) * (q - 1n)) / commonDivisor(p - 1n, q - 1n)
  const privateExponent = invert(publicExponent, order)
  return {
    modulus: p * q,
    publicExponent,
    privateExponent,
    prime1: p,
    prime2: q,
    exponent1: privateExponent % (p - 1n),
    exponent2: privateExponent % (q - 1n),
    coefficient: invert(q, p)
  }
}

const commonDivisor = (left: bigint, right: bigint): bigint =>
  right === 0n ? left : commonDivisor(right, left % right)
