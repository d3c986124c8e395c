/** The bytes of a sealed message, format 1 (docs/envelope-format.md): header, keys of the message, segments. */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto"
import { EnvelopeError } from "./fault.ts"

/** `KSE` and the format version. */
const magic = Uint8Array.of(0x4b, 0x53, 0x45, 0x01)
/** AES-256-GCM in segments, under keys that HMAC-SHA-512 derives for the message. */
const aes256GcmSegments = 0x01
export const nonceBytes = 16
const nonceAt = magic.length + 1
const blobLengthAt = nonceAt + nonceBytes
const blobAt = blobLengthAt + 2
const commitmentBytes = 32
/** The shortest header, with a sealed data key of one byte. */
export const fixedHeaderBytes = blobAt
export const dataKeyBytes = 32
const blobBytesMax = 0xffff
const tagBytes = 16
/** Small enough to hold in memory, large enough that 16 bytes of tag do not count. */
export const segmentBytes = 65_536
export const sealedSegmentBytes = segmentBytes + tagBytes
/** The counter has 32 bits. */
const segmentsMax = 2 ** 32
const label = new TextEncoder().encode("keystate envelope v1")

const notSealed = (why: string): EnvelopeError =>
  new EnvelopeError("NotSealed", `This is not a sealed message: ${why}.`)

/** Every fault of the content has this answer, so that it says nothing about the plaintext. */
const refused = (): EnvelopeError =>
  new EnvelopeError(
    "Refused",
    "The message does not open: it was changed or cut off, or sealed with another encryption context or other AAD."
  )

/** The open part of a sealed message. */
export interface Header {
  readonly nonce: Uint8Array
  /** The data key as the KMS sealed it. */
  readonly blob: Uint8Array
}

/** Format, algorithm and nonce: what the keys of the message depend on. The sealed data key may be exchanged. */
const prefixOf = (nonce: Uint8Array): Uint8Array => Buffer.concat([magic, Uint8Array.of(aes256GcmSegments), nonce])

export const writeHeader = ({ blob, nonce }: Header): Uint8Array => {
  if (blob.length === 0 || blob.length > blobBytesMax) {
    throw new EnvelopeError("UnusableDataKey", `The KMS gave a sealed data key of ${blob.length} bytes.`)
  }
  return Buffer.concat([prefixOf(nonce), Uint8Array.of(blob.length >> 8, blob.length & 0xff), blob])
}

/** The whole length of the header and the commitment, of which the first `fixedHeaderBytes` are there. */
export const headLength = (bytes: Uint8Array): number => {
  if (bytes.length < fixedHeaderBytes) throw notSealed("it is too short")
  if (!magic.subarray(0, 3).every((byte, i) => bytes[i] === byte)) throw notSealed("it does not begin with KSE")
  if (bytes[3] !== magic[3]) throw notSealed(`it has format ${bytes[3]}, and this release reads format 1`)
  const algorithm = bytes[magic.length]
  if (algorithm !== aes256GcmSegments) throw notSealed(`it has algorithm ${algorithm}, and this release knows 1`)
  const blobLength = ((bytes[blobLengthAt] ?? 0) << 8) | (bytes[blobLengthAt + 1] ?? 0)
  if (blobLength === 0) throw notSealed("it has no data key")
  return blobAt + blobLength + commitmentBytes
}

/** The header and the commitment, of bytes that begin with both. */
export const readHead = (bytes: Uint8Array): Header & { readonly commitment: Uint8Array } => {
  const length = headLength(bytes)
  if (bytes.length < length) throw notSealed("it is too short")
  return {
    nonce: bytes.slice(nonceAt, blobLengthAt),
    blob: bytes.slice(blobAt, length - commitmentBytes),
    commitment: bytes.slice(length - commitmentBytes, length)
  }
}

/** What the message is bound to besides its key. */
export interface Binding {
  /** The canonical encryption context. */
  readonly context: Uint8Array
  readonly aad: Uint8Array
}

/** The keys of one message. */
export interface MessageKeys {
  readonly key: Uint8Array
  readonly commitment: Uint8Array
  readonly wipe: () => void
}

/** One HMAC over everything that the message is bound to: a message opens under one key, context and AAD only. */
export const deriveKeys = (dataKey: Uint8Array, nonce: Uint8Array, { aad, context }: Binding): MessageKeys => {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, context.length)
  const mac = createHmac("sha512", dataKey)
  for (const part of [label, prefixOf(nonce), length, context, aad]) mac.update(part)
  const derived = mac.digest()
  return {
    key: derived.subarray(0, 32),
    commitment: derived.subarray(32),
    wipe: () => void derived.fill(0)
  }
}

/** In constant time. */
export const checkCommitment = (keys: MessageKeys, commitment: Uint8Array): void => {
  if (timingSafeEqual(keys.commitment, commitment)) return
  keys.wipe()
  throw refused()
}

/** 7 zero bytes, the number of the segment, and whether it is the last: no IV repeats under the key of a message. */
const ivOf = (index: number, isLast: boolean): Uint8Array => {
  if (index >= segmentsMax) throw new EnvelopeError("TooLong", "A message has at most 2^32 segments of 64 KiB.")
  const iv = new Uint8Array(12)
  new DataView(iv.buffer).setUint32(7, index)
  iv[11] = isLast ? 1 : 0
  return iv
}

/** One segment of a message. */
interface Segment {
  readonly index: number
  readonly isLast: boolean
  readonly bytes: Uint8Array
}

export const sealSegment = ({ key }: MessageKeys, { bytes, index, isLast }: Segment): Uint8Array => {
  const cipher = createCipheriv("aes-256-gcm", key, ivOf(index, isLast), { authTagLength: tagBytes })
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

/** Only the last segment may be short, and only the only one may be empty: a message has one form. */
export const openSegment = ({ key }: MessageKeys, { bytes, index, isLast }: Segment): Uint8Array => {
  const isWhole = isLast ? bytes.length > tagBytes || (index === 0 && bytes.length === tagBytes) : true
  if (!isWhole) throw refused()
  const decipher = createDecipheriv("aes-256-gcm", key, ivOf(index, isLast), { authTagLength: tagBytes })
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  const plaintext = decipher.update(bytes.subarray(0, -tagBytes))
  try {
    decipher.final()
    return plaintext
  } catch {
    plaintext.fill(0)
    throw refused()
  }
}
