/** The part of strict DER that keys need: parsed by the decoder of @noble/curves, written byte by byte. */
import { DER } from "@noble/curves/abstract/der.js"

const tags = { integer: 0x02, bits: 0x03, octets: 0x04, nothing: 0x05, oid: 0x06, sequence: 0x30 } as const

/** Reads one element after the other. An unexpected element throws; `parseDer` catches it. */
export interface DerReader {
  readonly integer: () => bigint
  readonly octets: () => Uint8Array
  /** A bit string of whole bytes. */
  readonly bits: () => Uint8Array
  readonly nothing: () => void
  readonly oid: (expected: Uint8Array) => void
  readonly sequence: <A>(read: (reader: DerReader) => A) => A
  /** An element of another tag, if it is next. */
  readonly optional: (tag: number) => Uint8Array | undefined
}

class NotAsAsked extends Error {}

const within = <A>(bytes: Uint8Array, read: (reader: DerReader) => A): A => {
  let rest = bytes
  const take = (tag: number): Uint8Array => {
    const { v, l } = DER._tlv.decode(tag, rest)
    rest = l
    return v
  }
  const value = read({
    integer: () => DER._int.decode(take(tags.integer)),
    octets: () => take(tags.octets),
    bits: () => {
      const held = take(tags.bits)
      if (held[0] !== 0) throw new NotAsAsked()
      return held.subarray(1)
    },
    nothing: () => {
      if (take(tags.nothing).length !== 0) throw new NotAsAsked()
    },
    oid: (expected) => {
      if (!isSame(take(tags.oid), expected)) throw new NotAsAsked()
    },
    sequence: (read) => within(take(tags.sequence), read),
    optional: (tag) => (rest[0] === tag ? take(tag) : undefined)
  })
  if (rest.length > 0) throw new NotAsAsked()
  return value
}

/** The result of `read` on all of the bytes; undefined if they do not match, or are not DER. */
export const parseDer = <A>(bytes: Uint8Array, read: (reader: DerReader) => A): A | undefined => {
  try {
    return within(bytes, read)
  } catch {
    return undefined
  }
}

/** Not constant-time: it compares only object identifiers and whole public keys, which are public. */
const isSame = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, i) => byte === right[i])

/** X.690, section 8.1.3: one byte up to 127; otherwise the number of length bytes, then these. No key is longer. */
const lengthBytes = (length: number): ReadonlyArray<number> => {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff]
  throw new RangeError("DER is written up to 65535 bytes")
}

export const element = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const header = [tag, ...lengthBytes(length)]
  const bytes = new Uint8Array(header.length + length)
  bytes.set(header)
  let at = header.length
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

export const derSequence = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => element(tags.sequence, ...parts)
export const derOctets = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => element(tags.octets, ...parts)
export const derBits = (...parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  element(tags.bits, Uint8Array.of(0), ...parts)
export const derOid = (oid: Uint8Array): Uint8Array => element(tags.oid, oid)
export const derNothing: Uint8Array = element(tags.nothing)

/** The integer must not be negative. */
export const derInteger = (value: bigint): Uint8Array => {
  const digits = value.toString(16)
  const whole = digits.padStart(digits.length + (digits.length % 2), "0")
  const bytes = Uint8Array.from(whole.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
  const sign = (bytes[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0)
  return element(tags.integer, sign, bytes)
}
