/** Strict DER (X.690): parsed by the decoder of @noble/curves, written byte by byte (docs/decisions/0054). */
import { DER } from "@noble/curves/abstract/der.js"
import { hexToBytes } from "@noble/hashes/utils.js"

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31
} as const
const textTags = { utf8: 0x0c, printable: 0x13, ia5: 0x16 } as const

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

/** X.690, section 8.1.3: one byte up to 127; otherwise the number of length bytes, then these. */
const lengthBytes = (length: number): ReadonlyArray<number> => {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  if (length < 0x1_0000) return [0x82, length >> 8, length & 0xff]
  if (length < 0x100_0000) return [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]
  throw new RangeError("DER is written up to 16777215 bytes")
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
  const bytes = hexToBytes(whole)
  const sign = (bytes[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0)
  return element(tags.integer, sign, bytes)
}

export const derBoolean = (value: boolean): Uint8Array => element(tags.boolean, Uint8Array.of(value ? 0xff : 0))

const byBytes = (left: Uint8Array, right: Uint8Array): number => {
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** SET OF: DER orders the members by their encoding (X.690, section 11.6). */
export const derSetOf = (...members: ReadonlyArray<Uint8Array>): Uint8Array =>
  element(tags.set, ...members.toSorted(byBytes))

const utf8 = new TextEncoder()

/** The caller checks that the text has only characters of its type. */
export const derText = (type: keyof typeof textTags, text: string): Uint8Array =>
  element(textTags[type], utf8.encode(text))

/** Base 128, with the highest bit set in every byte but the last (X.690, section 8.19.2). */
const arcBytes = (arc: number): ReadonlyArray<number> => {
  const bytes = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128))
  return bytes
}

/** An object identifier in its dotted form, which the caller has checked. */
export const derOidOf = (dotted: string): Uint8Array => {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number)
  // The first two arcs share a number (X.690, section 8.19.4).
  return derOid(Uint8Array.from([first * 40 + second, ...rest].flatMap(arcBytes)))
}

/** A list of named bits, by number. Zero bits at its end are left out (X.690, section 11.2.2). */
export const derNamedBits = (...bits: ReadonlyArray<number>): Uint8Array => {
  const last = Math.max(...bits)
  const bytes = new Uint8Array(Math.floor(last / 8) + 1)
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit % 8))
  return element(tags.bits, Uint8Array.of(7 - (last % 8)), bytes)
}

/** UTCTime through 2049, and GeneralizedTime from 2050 on (RFC 5280, section 4.1.2.5). */
export const derTime = (millis: number): Uint8Array => {
  const digits = new Date(millis).toISOString().replace(/\.\d+|[-:T]/g, "")
  return digits < "2050"
    ? element(tags.utcTime, utf8.encode(digits.slice(2)))
    : element(tags.generalizedTime, utf8.encode(digits))
}
