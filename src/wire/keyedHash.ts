/** HMAC of a text (RFC 2104) by two one-shot hashes, which cost less than OpenSSL's HMAC object (docs/decisions/0042). */
import { hash } from "node:crypto"
import type { BinaryToTextEncoding } from "node:crypto"

/** Both hashes have blocks of this length. */
const blockBytes = 64

const digestBytes = { sha1: 20, sha256: 32 } as const

export type KeyedHashName = keyof typeof digestBytes

/** The most UTF-8 bytes of one UTF-16 unit. */
const utf8BytesOfUnitMax = 3
/** Texts that certainly fit into this length share one memory. */
const sharedTextBytes = 32 * 1024

const utf8 = new TextEncoder()

/** Outside V8's heap, which may copy short arrays: so a wipe leaves nothing. */
const memoryOf = (bytes: number): Uint8Array => new Uint8Array(new ArrayBuffer(bytes))

/** The key as a block. A longer key is hashed first (RFC 2104, section 2). */
const putKey = (name: KeyedHashName, key: string, block: Uint8Array): void => {
  const { read } = utf8.encodeInto(key, block)
  if (read === key.length) return
  const bytes = utf8.encode(key)
  const digest = hash(name, bytes, "buffer")
  block.fill(0)
  block.set(digest)
  for (const used of [bytes, digest]) used.fill(0)
}

/** Turns the key's block into the inner one, and puts the outer one into `outer`. */
const padBlocks = (block: Uint8Array, outer: Uint8Array): void => {
  for (let i = 0; i < blockBytes; i++) {
    const byte = block[i] ?? 0
    block[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
}

interface Keyed {
  readonly key: string
  readonly text: string
}

/** Calls are synchronous, so one memory serves all of them. It is all zeros between two calls. */
const makeKeyedHash = () => {
  const shared = memoryOf(blockBytes + sharedTextBytes)
  const outer = memoryOf(blockBytes + digestBytes.sha256)

  /** The digest of the inner block and the text, each byte one character. */
  const innerDigest = (name: KeyedHashName, { key, text }: Keyed, inner: Uint8Array): string => {
    const block = inner.subarray(0, blockBytes)
    putKey(name, key, block)
    padBlocks(block, outer)
    const { written } = utf8.encodeInto(text, inner.subarray(blockBytes))
    return hash(name, inner.subarray(0, blockBytes + written), "binary")
  }

  return (name: KeyedHashName, input: Keyed, encoding: BinaryToTextEncoding): string => {
    const textBytesMax = input.text.length * utf8BytesOfUnitMax
    const inner = textBytesMax <= sharedTextBytes ? shared : memoryOf(blockBytes + textBytesMax)
    try {
      const digest = innerDigest(name, input, inner)
      for (let i = 0; i < digest.length; i++) outer[blockBytes + i] = digest.charCodeAt(i)
      return hash(name, outer.subarray(0, blockBytes + digest.length), encoding)
    } finally {
      inner.fill(0, 0, blockBytes + textBytesMax)
      outer.fill(0)
    }
  }
}

export const keyedHash = makeKeyedHash()
