/** Converts the SM2 forms of tokens, points, signatures and ciphertexts, to those of this service and back. */
import { DER } from "@noble/curves/abstract/der.js"
import { concatBytes, hexToBytes } from "@noble/curves/utils.js"
import { digestBytes } from "../../domain/algorithms.ts"
import { curves, numberOf, pointBytes, pointOf } from "../asymmetric/curves.ts"
import type { CurvePoint } from "../asymmetric/curves.ts"
import { derInteger, derOctets, derSequence } from "../asymmetric/der.ts"
import { encryptUnderNonceUnsafe, sm2OverheadBytes } from "../asymmetric/sm2.ts"
import { rawSm2Ciphertext } from "../asymmetric/sm2Der.ts"
import { sm3 } from "../portable/sm3.ts"

/**
 * Point, digest and text, the form of this service; the older order of the standard; the DER of GM/T 0009, section 7.2.
 */
export const sm2Forms = ["C1C3C2", "C1C2C3", "DER"] as const
export type Sm2Form = (typeof sm2Forms)[number]

const scalarBytes = 32

const partsOf = (ciphertext: Uint8Array) => ({
  point: ciphertext.subarray(0, pointBytes),
  hash: ciphertext.subarray(pointBytes, sm2OverheadBytes),
  text: ciphertext.subarray(sm2OverheadBytes)
})

const inForm: Readonly<Record<Sm2Form, (ciphertext: Uint8Array) => Uint8Array>> = {
  C1C3C2: (ciphertext) => ciphertext,
  C1C2C3: (ciphertext) => {
    const { point, hash, text } = partsOf(ciphertext)
    return concatBytes(point, text, hash)
  },
  DER: (ciphertext) => {
    const { point, hash, text } = partsOf(ciphertext)
    const x = derInteger(numberOf(point.subarray(1, 1 + scalarBytes)))
    const y = derInteger(numberOf(point.subarray(1 + scalarBytes)))
    return derSequence(x, y, derOctets(hash), derOctets(text))
  }
}

/** Undefined for text that is not a ciphertext: a private key must not be used on a point that is not on the curve. */
export const sm2CiphertextIn = (form: Sm2Form, given: Uint8Array): Uint8Array | undefined => {
  const ciphertext = rawSm2Ciphertext(given)
  if (ciphertext === undefined || ciphertext.length <= sm2OverheadBytes) return undefined
  const isOnCurve = pointOf(curves.EC_SM2, ciphertext.slice(0, pointBytes)) !== undefined
  return isOnCurve ? inForm[form](ciphertext) : undefined
}

/** Strict DER of a token's signature: r and s of 32 bytes each, or DER already. */
export const sm2SignatureOf = (answered: Uint8Array): Uint8Array => {
  if (answered.length !== 2 * scalarBytes) return answered
  const r = numberOf(answered.subarray(0, scalarBytes))
  const s = numberOf(answered.subarray(scalarBytes))
  return hexToBytes(DER.hexFromSig({ r, s }))
}

export const sm2TrialText = new TextEncoder().encode("keystate trial 1")

/** It protects no secret, so any nonce will do. */
const trialNonce = 0x6b65797374617465n

/** A ciphertext with a public plaintext: whether a token opens it shows the token's form. */
export const sm2Trial = (point: CurvePoint): Uint8Array => {
  const ciphertext = encryptUnderNonceUnsafe(point, sm2TrialText, trialNonce, sm3)
  if (ciphertext === undefined) throw new Error(`a key stream of ${digestBytes} bytes is all zero only by chance`)
  return ciphertext
}
