/** Private keys as PKCS #8 in DER (RFC 5208): several forms are read when a key is adopted, and one is stored. */
import { curves, isScalar } from "./curves.ts"
import type { CurveSpec } from "./curves.ts"
import { derBits, derInteger, derOctets, derSequence, element, parseDer } from "./der.ts"
import type { DerReader } from "./der.ts"
import { ecAlgorithm, ecOid, rsaAlgorithm, rsaOid } from "./spki.ts"
import type { RsaPublicNumbers } from "./spki.ts"

export interface RsaPrivateNumbers extends RsaPublicNumbers {
  readonly privateExponent: bigint
  readonly prime1: bigint
  readonly prime2: bigint
  readonly exponent1: bigint
  readonly exponent2: bigint
  readonly coefficient: bigint
}

/** Context-specific tags of ECPrivateKey (RFC 5915, section 3). */
const ecParametersTag = 0xa0
const ecPublicKeyTag = 0xa1

class OtherVersion extends Error {}

const version = (reader: DerReader, expected: bigint): void => {
  if (reader.integer() !== expected) throw new OtherVersion()
}

/** Only two primes: version 0 of RSAPrivateKey (RFC 8017, appendix A.1.2). The numbers are not checked. */
export const parseRsaPrivateKey = (pkcs8: Uint8Array): RsaPrivateNumbers | undefined =>
  parseDer(pkcs8, (der) =>
    der.sequence((info) => {
      version(info, 0n)
      info.sequence((algorithm) => {
        algorithm.oid(rsaOid)
        algorithm.nothing()
      })
      return parseDer(info.octets(), (key) =>
        key.sequence((numbers) => {
          version(numbers, 0n)
          return {
            modulus: numbers.integer(),
            publicExponent: numbers.integer(),
            privateExponent: numbers.integer(),
            prime1: numbers.integer(),
            prime2: numbers.integer(),
            exponent1: numbers.integer(),
            exponent2: numbers.integer(),
            coefficient: numbers.integer()
          }
        })
      )
    })
  )

export const encodeRsaPrivateKey = (key: RsaPrivateNumbers): Uint8Array => {
  const numbers = [
    0n,
    key.modulus,
    key.publicExponent,
    key.privateExponent,
    key.prime1,
    key.prime2,
    key.exponent1,
    key.exponent2,
    key.coefficient
  ]
  return derSequence(derInteger(0n), rsaAlgorithm, derOctets(derSequence(...numbers.map(derInteger))))
}

/** The private scalar, and the public point if it is present. */
export const parseEcPrivateKey = (
  spec: CurveSpec,
  pkcs8: Uint8Array
): { readonly scalar: Uint8Array; readonly point: Uint8Array | undefined } | undefined => {
  const { oid } = curves[spec]
  const key = parseDer(pkcs8, (der) =>
    der.sequence((info) => {
      version(info, 0n)
      info.sequence((algorithm) => {
        algorithm.oid(ecOid)
        algorithm.oid(oid)
      })
      return parseDer(info.octets(), (key) =>
        key.sequence((fields) => {
          version(fields, 1n)
          const scalar = fields.octets()
          const parameters = fields.optional(ecParametersTag)
          const isNamed = parameters === undefined || parseDer(parameters, (named) => named.oid(oid) ?? true) === true
          const point = fields.optional(ecPublicKeyTag)
          return isNamed ? { scalar, point: point && parseDer(point, (written) => written.bits()) } : undefined
        })
      )
    })
  )
  return key !== undefined && isScalar(curves[spec], key.scalar) ? key : undefined
}

export const encodeEcPrivateKey = (spec: CurveSpec, scalar: Uint8Array, point: Uint8Array): Uint8Array =>
  derSequence(
    derInteger(0n),
    ecAlgorithm(spec),
    derOctets(derSequence(derInteger(1n), derOctets(scalar), element(ecPublicKeyTag, derBits(point))))
  )
