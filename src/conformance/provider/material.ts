/** Helpers of the laws of providers: seeded randomness, broken randomness, hexadecimal, and test keys. */
import { createHash } from "node:crypto"
import { Cause, Effect, Exit } from "effect"
import type { CryptoProvider, KeyHandle, MaterialRow } from "../../crypto/provider.ts"
import { KeyId, KeyVersionId, uuidFromBytes } from "../../domain/ids.ts"
import type { KeySpec } from "../../domain/keySpec.ts"
import type { Randomness } from "../../platform/services.ts"

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const noContext: Uint8Array = new Uint8Array(0)
export const spec = "Aliyun_AES_256"

/** The same seed gives the same bytes in the same order. */
export const chance = (seed: string): Randomness["Service"] => {
  let drawn = 0
  const bytes = (length: number): Uint8Array => {
    const draw = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      const block = createHash("sha256").update(`${seed}/${drawn++}`).digest()
      draw.set(block.subarray(0, Math.min(32, length - at)), at)
    }
    return draw
  }
  return { bytes, uuid: () => uuidFromBytes(bytes(16)) }
}

/** Returns these bytes once, and then those of `chance`. */
export const chanceBeginning = (first: Uint8Array): Randomness["Service"] => {
  const rest = chance("rest")
  let isFirst = true
  return {
    ...rest,
    bytes: (length) => {
      if (!isFirst) return rest.bytes(length)
      isFirst = false
      return first.slice(0, length)
    }
  }
}

/** Faults of a random generator. */
export const brokenChance = {
  "gives one byte for ever": { uuid: () => "", bytes: (length: number) => new Uint8Array(length).fill(0x5a) },
  "gives the same bytes at each call": { uuid: () => "", bytes: (length: number) => chance("same").bytes(length) },
  "gives less than it is asked for": { uuid: () => "", bytes: (length: number) => chance("less").bytes(length - 1) },
  throws: {
    uuid: () => "",
    bytes: (): Uint8Array => {
      throw new Error("the generator is gone")
    }
  }
} satisfies Record<string, Randomness["Service"]>

export const rowOf = (keyId: string, keyVersionId: string): MaterialRow => ({
  keyId: KeyId.make(keyId),
  keyVersionId: KeyVersionId.make(keyVersionId)
})

export const rowA = rowOf("0a000000-0000-4000-8000-00000000000a", "a0000000-0000-4000-8000-0000000000a0")
export const rowB = rowOf("0b000000-0000-4000-8000-00000000000b", "b0000000-0000-4000-8000-0000000000b0")
export const nextVersionOfA: MaterialRow = { ...rowA, keyVersionId: rowB.keyVersionId }

/** A handle over given material. */
export const holding = (
  provider: CryptoProvider,
  row: MaterialRow,
  material: Uint8Array,
  spec: KeySpec = "Aliyun_AES_256"
): KeyHandle =>
  Effect.runSync(
    Effect.flatMap(provider.adopt({ row, spec, material }), (stored) => provider.open({ row, spec, stored }))
  )

/** Whether a method ends with a defect: it throws, or its effect dies. */
export const diesOf = (verb: () => Effect.Effect<unknown, unknown>): boolean => {
  const exit = Effect.runSyncExit(Effect.suspend(verb))
  return Exit.isFailure(exit) && Cause.hasDies(exit.cause)
}

export const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
