/** Randomness of the operating system, or from a seed for repeatable tests. */
import { createCipheriv, createHash, randomFillSync } from "node:crypto"
import { Layer } from "effect"
import { uuidFromBytes } from "../../domain/ids.ts"
import { Randomness } from "../../platform/services.ts"

/** Small draws come from a pool that is filled at once; a draw costs a copy instead of a system call. */
const poolBytes = 64 * 1024
const pooledMax = 256

const pooled = (): ((length: number) => Uint8Array) => {
  const pool = new Uint8Array(poolBytes)
  let next = poolBytes
  return (length) => {
    if (length > pooledMax) return randomFillSync(new Uint8Array(length))
    if (next + length > poolBytes) {
      randomFillSync(pool)
      next = 0
    }
    const drawn = pool.slice(next, next + length)
    // Used bytes are erased from the pool.
    pool.fill(0, next, next + length)
    next += length
    return drawn
  }
}

const hexDigits = Buffer.from("0123456789abcdef")
const uuidShape = "00000000-0000-4000-8000-000000000000"
/** The positions of each byte's two digits. */
const uuidPlaces = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/**
 * Node's own randomUUID returns a string of twenty pieces, which makes the audit log and the garbage collector slower.
 */
const uuids = (): (() => string) => {
  const pool = new Uint8Array(poolBytes)
  let next = poolBytes
  const text = Buffer.from(uuidShape)
  return () => {
    if (next === poolBytes) {
      randomFillSync(pool)
      next = 0
    }
    for (const place of uuidPlaces) {
      const byte = stamped(place, pool[next++] ?? 0)
      text[place] = hexDigits[byte >> 4] ?? 0
      text[place + 1] = hexDigits[byte & 15] ?? 0
    }
    return text.toString("latin1")
  }
}

/** RFC 9562, section 5.4: the version is digit 14 of the text, the variant digit 19. */
const stamped = (place: number, byte: number): number => {
  if (place === 14) return (byte & 0x0f) | 0x40
  return place === 19 ? (byte & 0x3f) | 0x80 : byte
}

export const randomnessNative = Layer.sync(Randomness, () => ({ bytes: pooled(), uuid: uuids(), isSystem: true }))

/** RFC 9562, section 5.4: version and variant bits of a random UUID. */
const asUuid = (bytes: Uint8Array): string => {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return uuidFromBytes(bytes)
}

/** AES-256-CTR keyed by the seed's digest: the same seed gives the same bytes, in the same order. */
export const randomnessSeeded = (seed: string) =>
  Layer.sync(Randomness, () => {
    const key = createHash("sha256").update(seed).digest()
    const stream = createCipheriv("aes-256-ctr", key, new Uint8Array(16))
    const bytes = (length: number): Uint8Array => new Uint8Array(stream.update(new Uint8Array(length)))
    return { bytes, uuid: () => asUuid(bytes(16)) }
  })
