/** A ciphertext with a valid GCM tag under two keys: GHASH is linear, so one block can be computed. */
import { createCipheriv } from "node:crypto"
import { fromHex } from "./material.ts"

/** One of two receivers: a GCM key and the authenticated data. The IV is 12 zero bytes for both. */
export interface Reader {
  readonly key: Uint8Array
  readonly aad: Uint8Array
}

const toBig = (block: Uint8Array): bigint => {
  let value = 0n
  for (let i = 0; i < 16; i++) value = (value << 8n) | BigInt(block[i] ?? 0)
  return value
}
const fromBig = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(32, "0"))

/** SP 800-38D, section 6.3, algorithm 1. */
const reduction = 0xe1n << 120n
const times = (left: bigint, right: bigint): bigint => {
  let product = 0n
  let factor = right
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((left >> bit) & 1n) product ^= factor
    factor = factor & 1n ? (factor >> 1n) ^ reduction : factor >> 1n
  }
  return product
}
const one = 1n << 127n

/** Fermat: the inverse is the power 2^128 - 2. */
const inverse = (element: bigint): bigint => {
  let result = one
  let power = element
  for (let i = 1; i < 128; i++) {
    power = times(power, power)
    result = times(result, power)
  }
  return result
}

const encryptBlock = (key: Uint8Array, block: Uint8Array): bigint => {
  const cipher = createCipheriv("aes-256-ecb", key, null).setAutoPadding(false)
  return toBig(cipher.update(block))
}

const blocksOf = (bytes: Uint8Array): Array<bigint> => {
  const blocks: Array<bigint> = []
  for (let at = 0; at < bytes.length; at += 16) {
    const block = new Uint8Array(16)
    block.set(bytes.subarray(at, at + 16))
    blocks.push(toBig(block))
  }
  return blocks
}

/** The sum of GHASH and the mask without the free block. */
const tagWithout = ({ key, aad }: Reader, ciphertext: Uint8Array): { readonly h: bigint; readonly tag: bigint } => {
  const h = encryptBlock(key, new Uint8Array(16))
  const lengths = (BigInt(aad.length * 8) << 64n) | BigInt(ciphertext.length * 8)
  let sum = 0n
  for (const block of [...blocksOf(aad), ...blocksOf(ciphertext), lengths]) sum = times(sum ^ block, h)
  // J0 for a 96-bit IV: the IV and a counter of 1 (SP 800-38D, section 7.1).
  return { h, tag: sum ^ encryptBlock(key, fromBig(1n)) }
}

/** A ciphertext with its tag that opens under both: filler blocks, and one computed block. */
export const collision = (first: Reader, second: Reader, filler: Uint8Array): Uint8Array => {
  const ciphertext = new Uint8Array(filler.length + 16)
  ciphertext.set(filler)
  const a = tagWithout(first, ciphertext)
  const b = tagWithout(second, ciphertext)
  // The last block is multiplied by H twice: once for itself, once for the block of lengths after it.
  const free = times(a.tag ^ b.tag, inverse(times(a.h, a.h) ^ times(b.h, b.h)))
  ciphertext.set(fromBig(free), filler.length)
  const tag = tagWithout(first, ciphertext).tag
  const sealed = new Uint8Array(ciphertext.length + 16)
  sealed.set(ciphertext)
  sealed.set(fromBig(tag), ciphertext.length)
  return sealed
}
