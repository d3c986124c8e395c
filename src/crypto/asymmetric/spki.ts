/** Public keys as SubjectPublicKeyInfo in DER. Only one encoding of each key is accepted (RFC 5280, 4.1.2.7). */
import { curves, pointBytes, pointOf } from "./curves.ts"
import type { CurveSpec } from "./curves.ts"
import { derBits, derInteger, derNothing, derOid, derSequence, parseDer } from "./der.ts"

/** rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017, appendix A.1). */
export const rsaOid = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01)
/** id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480, section 2.1.1). */
export const ecOid = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01)

export interface RsaPublicNumbers {
  readonly modulus: bigint
  readonly publicExponent: bigint
}

export const rsaAlgorithm = derSequence(derOid(rsaOid), derNothing)
export const ecAlgorithm = (spec: CurveSpec): Uint8Array => derSequence(derOid(ecOid), derOid(curves[spec].oid))

export const encodeRsaPublicKey = ({ modulus, publicExponent }: RsaPublicNumbers): Uint8Array =>
  derSequence(rsaAlgorithm, derBits(derSequence(derInteger(modulus), derInteger(publicExponent))))

export const parseRsaPublicKey = (spki: Uint8Array): RsaPublicNumbers | undefined =>
  parseDer(spki, (der) =>
    der.sequence((info) => {
      info.sequence((algorithm) => {
        algorithm.oid(rsaOid)
        algorithm.nothing()
      })
      return parseDer(info.bits(), (key) =>
        key.sequence((numbers) => ({ modulus: numbers.integer(), publicExponent: numbers.integer() }))
      )
    })
  )

export const encodeEcPublicKey = (spec: CurveSpec, point: Uint8Array): Uint8Array =>
  derSequence(ecAlgorithm(spec), derBits(point))

/** The uncompressed point. Undefined for another curve, another form of point, and a point that is not on the curve. */
export const parseEcPublicKey = (spec: CurveSpec, spki: Uint8Array): Uint8Array | undefined => {
  const point = spki.slice(-pointBytes)
  const only = encodeEcPublicKey(spec, point)
  const isOnly = only.length === spki.length && only.every((byte, i) => byte === spki[i])
  return isOnly && pointOf(curves[spec], point) !== undefined ? point : undefined
}
