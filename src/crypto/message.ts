/** The encryption of one message under a key version: a message key, a commitment to it, and Galois/Counter Mode. */
import {
  aes256GcmDerived,
  beginBlob,
  commitmentAt,
  encodeAddress,
  hasHeader,
  headerBytes,
  isAddressed,
  nonceAt,
  nonceBytes,
  parseBlob,
  sm4GcmDerived
} from "./blob.ts"
import type { BlobAlgorithm, ParsedBlob } from "./blob.ts"
import { aeadIvBytes } from "./primitives.ts"
import type { Aead, KeyedHash, Primitives } from "./primitives.ts"
import type { MaterialRow } from "./provider.ts"

/** A version's material, ready to derive message keys. */
export interface VersionKey {
  readonly address: Uint8Array
  readonly hash: KeyedHash
  readonly aead: Aead
  readonly messageKeyBytes: number
}

const label = new TextEncoder().encode("keystate message key v1")

/** The cipher of each blob algorithm. The message key is the beginning of the first half of the derived bytes. */
const ciphers: Readonly<
  Record<BlobAlgorithm, { readonly aead: (primitives: Primitives) => Aead; readonly messageKeyBytes: number }>
> = {
  [aes256GcmDerived]: { aead: ({ aesGcm }) => aesGcm, messageKeyBytes: 32 },
  [sm4GcmDerived]: { aead: ({ sm4Gcm }) => sm4Gcm, messageKeyBytes: 16 }
}
const commitmentInDerivedAt = 32

/**
 * Fixed, because a message key seals only one message. It is derived from a nonce of 128 random bits, drawn for that
 * message. So no IV can repeat under one key, and its value does not matter (SP 800-38D, section 8).
 */
const iv = new Uint8Array(aeadIvBytes)

/** Copies the material; the caller wipes its own copy. */
export const prepareVersionKey = (options: {
  readonly primitives: Primitives
  readonly algorithm: BlobAlgorithm
  readonly row: MaterialRow
  readonly material: Uint8Array
}): VersionKey => {
  const { aead, messageKeyBytes } = ciphers[options.algorithm]
  return {
    address: encodeAddress(options.algorithm, options.row),
    hash: options.primitives.keyedHash({ key: options.material, label, messageBytes: nonceAt + nonceBytes }),
    aead: aead(options.primitives),
    messageKeyBytes
  }
}

/** Slices, because V8 keeps short arrays in its heap. A view of one would move its bytes to the system's allocator. */
const derive = ({ hash, messageKeyBytes }: VersionKey, blob: ParsedBlob) => {
  const bytes = hash.mac(blob.derivationInput)
  const messageKey = bytes.slice(0, messageKeyBytes)
  const wipe = (): void => {
    bytes.fill(0)
    messageKey.fill(0)
  }
  return { messageKey, commitment: bytes.slice(commitmentInDerivedAt), wipe }
}

/** A whole blob. Undefined if the new blob does not open, because such a blob would be lost data. */
export const sealMessage = (request: {
  readonly primitives: Primitives
  readonly key: VersionKey
  /** Must be new for each message: two messages under one nonce are both exposed. */
  readonly nonce: Uint8Array
  readonly plaintext: Uint8Array
  readonly context: Uint8Array
}): Uint8Array | undefined => {
  const { primitives, key, nonce, plaintext, context } = request
  const blob = beginBlob({ address: key.address, nonce, plaintextBytes: plaintext.length })
  const derived = derive(key, blob)
  const { messageKey, commitment } = derived
  try {
    blob.bytes.set(commitment, commitmentAt)
    const { sealed } = blob
    const aad = associatedData(blob, context)
    key.aead.seal({ key: messageKey, iv, aad, plaintext, into: sealed })
    if (!hasHeader(blob, { address: key.address, nonce, commitment })) return undefined
    // With the key at hand: deriving it again would more than double the cost of a seal (docs/decisions/0003).
    const reopened = key.aead.open({ key: messageKey, iv, aad, sealed })
    const isWhole = reopened !== undefined && primitives.equal(reopened, plaintext)
    reopened?.fill(0)
    return isWhole ? blob.bytes : undefined
  } finally {
    derived.wipe()
  }
}

/** The plaintext; undefined for every fault. */
export const openMessage = (request: {
  readonly primitives: Primitives
  readonly key: VersionKey
  readonly blob: Uint8Array
  readonly context: Uint8Array
}): Uint8Array | undefined => {
  const { primitives, key, context } = request
  const blob = parseBlob(request.blob)
  // Two keys may have the same imported material; each opens only blobs that name it.
  if (blob === undefined || !isAddressed(blob, key.address)) return undefined
  const derived = derive(key, blob)
  try {
    // Checked before the tag, and in constant time: with GCM alone, one ciphertext could open under two keys.
    if (!primitives.equal(derived.commitment, blob.commitment)) return undefined
    return key.aead.open({
      key: derived.messageKey,
      iv,
      aad: associatedData(blob, context),
      sealed: blob.sealed
    })
  } finally {
    derived.wipe()
  }
}

/** The header has a fixed length, so the boundary between header and context is unambiguous. */
const associatedData = (blob: ParsedBlob, context: Uint8Array): Uint8Array => {
  if (context.length === 0) return blob.header
  const bytes = new Uint8Array(headerBytes + context.length)
  bytes.set(blob.header)
  bytes.set(context, headerBytes)
  return bytes
}
