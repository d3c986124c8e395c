/** SM2 ciphertext in DER, as OpenSSL writes it (GM/T 0009, section 7.2), and in the API's raw form C1 C3 C2. */
import { concatBytes } from "@noble/curves/utils.js"
import { digestBytes } from "../../domain/algorithms.ts"
import { numberOf, pointBytes, scalarToBytes } from "./curves.ts"
import { derInteger, derOctets, derSequence, parseDer } from "./der.ts"
import { sm2OverheadBytes } from "./sm2.ts"

const sequenceTag = 0x30
const uncompressed = Uint8Array.of(0x04)

const coordinate = (value: bigint): Uint8Array => {
  if (value >= 1n << 256n) throw new RangeError("no coordinate has more than 32 bytes")
  return scalarToBytes(value)
}

const rawOf = (der: Uint8Array): Uint8Array | undefined =>
  parseDer(der, (reader) =>
    reader.sequence((parts) => {
      const point = concatBytes(uncompressed, coordinate(parts.integer()), coordinate(parts.integer()))
      const hash = parts.octets()
      const text = parts.octets()
      return hash.length === digestBytes ? concatBytes(point, hash, text) : undefined
    })
  )

/**
 * A raw ciphertext begins with a point, `04`; one in DER with a sequence, `30`. Undefined for DER that is not a
 * ciphertext.
 */
export const rawSm2Ciphertext = (ciphertext: Uint8Array): Uint8Array | undefined =>
  ciphertext[0] === sequenceTag ? rawOf(ciphertext) : ciphertext

/** The DER of a raw ciphertext that is longer than its overhead. */
export const derSm2Ciphertext = (raw: Uint8Array): Uint8Array => {
  const middle = 1 + (pointBytes - 1) / 2
  return derSequence(
    derInteger(numberOf(raw.subarray(1, middle))),
    derInteger(numberOf(raw.subarray(middle, pointBytes))),
    derOctets(raw.subarray(pointBytes, sm2OverheadBytes)),
    derOctets(raw.subarray(sm2OverheadBytes))
  )
}
