/** Checked random bytes: a stuck generator must stop the service rather than repeat a nonce. */
import type { Randomness } from "../platform/services.ts"
import { nonceBytes } from "./blob.ts"

/** Randomness that is checked while it is drawn. */
export interface HealthyRandomness {
  readonly isSystem: boolean
  /** 16 bytes that may be published. */
  readonly nonce: () => Uint8Array
  /** Bytes that stay secret: compared while they are drawn, and not remembered. */
  readonly secret: (length: number) => Uint8Array
}

/**
 * The repetition test of SP 800-90B, section 4.4.1, on 128-bit samples: a sound generator repeats a sample with a
 * probability of 1 in 2^128. Only published bytes are stored for the next comparison.
 */
export const watch = (randomness: Randomness["Service"]): HealthyRandomness => {
  let last: Uint8Array | undefined

  const draw = (length: number): Uint8Array => {
    const bytes = randomness.bytes(length)
    if (bytes.length !== length) throw new Error(`randomness returns as many bytes as requested, not ${bytes.length}`)
    return bytes
  }

  const nonce = (): Uint8Array => {
    const drawn = draw(nonceBytes)
    if (last !== undefined && begins(drawn, 0, last)) throw new Error(stuck)
    last = drawn
    return drawn
  }

  return {
    isSystem: randomness.isSystem === true,
    nonce,
    secret: (length) => {
      const probe = nonce()
      const drawn = draw(length)
      for (let at = 0; at + nonceBytes <= length; at += nonceBytes) {
        const repeats = begins(drawn, at, probe) || (at > 0 && begins(drawn, at, drawn.subarray(at - nonceBytes, at)))
        if (repeats) throw new Error(stuck)
      }
      return drawn
    }
  }
}

const stuck = "randomness never gives the same 16 bytes twice in a row"

/** Whether the 16 bytes of `sample` are at position `at`. */
const begins = (bytes: Uint8Array, at: number, sample: Uint8Array): boolean => {
  for (let i = 0; i < nonceBytes; i++) if (bytes[at + i] !== sample[i]) return false
  return true
}
