/** HMAC of a text (RFC 2104) by two one-shot hashes, which cost less than OpenSSL's HMAC object (docs/decisions/0042). */
import { hash } from "node:crypto"
import type { BinaryToTextEncoding } from "node:crypto"

/** Both hashes have blocks of this length. */
const blockBytes = 64

const digestBytes = { sha1: 20, sha256: 32 } as const

export type KeyedHashName = keyof typeof digestBytes

/** A longer key is hashed first (RFC 2104, section 2). The caller wipes the result. */
const keyBytesOf = (name: KeyedHashName, key: string): Buffer => {
  const bytes = Buffer.from(key)
  if (bytes.length <= blockBytes) return bytes
  const digest = hash(name, bytes, "buffer")
  bytes.fill(0)
  return digest
}

const putBlock = (into: Buffer, key: Uint8Array, pad: number): void => {
  into.fill(pad, 0, blockBytes)
  for (let i = 0; i < key.length; i++) into[i] = (key[i] ?? 0) ^ pad
}

export const keyedHash = (
  name: KeyedHashName,
  input: { readonly key: string; readonly text: string },
  encoding: BinaryToTextEncoding
): string => {
  const key = keyBytesOf(name, input.key)
  const inner = Buffer.allocUnsafe(blockBytes + Buffer.byteLength(input.text))
  const outer = Buffer.allocUnsafe(blockBytes + digestBytes[name])
  putBlock(inner, key, 0x36)
  putBlock(outer, key, 0x5c)
  inner.write(input.text, blockBytes)
  outer.write(hash(name, inner, "binary"), blockBytes, "binary")
  const mac = hash(name, outer, encoding)
  // The memory of small buffers is shared with later ones.
  for (const used of [key, inner, outer]) used.fill(0)
  return mac
}
