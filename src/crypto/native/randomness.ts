/** Randomness from the operating system, or from a seed for tests that must repeat themselves. */
import { createCipheriv, createHash, randomFillSync, randomUUID } from "node:crypto"
import { Layer } from "effect"
import { uuidFromBytes } from "../../domain/ids.ts"
import { Randomness } from "../../domain/outside.ts"

/** Small draws come out of a pool filled at once; a draw costs a copy instead of a system call. */
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
    // What was given out is not kept: a later look into the pool finds nothing of it.
    pool.fill(0, next, next + length)
    next += length
    return drawn
  }
}

export const randomnessNative = Layer.sync(Randomness, () => ({ bytes: pooled(), uuid: () => randomUUID() }))

/** RFC 9562, section 5.4: version and variant bits of a random UUID. */
const asUuid = (bytes: Uint8Array): string => {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return uuidFromBytes(bytes)
}

/** AES-256-CTR keyed by the seed's digest: the same seed, the same bytes, in the same order. */
export const randomnessSeeded = (seed: string) =>
  Layer.sync(Randomness, () => {
    const key = createHash("sha256").update(seed).digest()
    const stream = createCipheriv("aes-256-ctr", key, new Uint8Array(16))
    const bytes = (length: number): Uint8Array => new Uint8Array(stream.update(new Uint8Array(length)))
    return { bytes, uuid: () => asUuid(bytes(16)) }
  })
