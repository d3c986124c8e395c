/** The ciphertext blob, format 1, which every answer of Encrypt has. This format must stay readable forever. */
import { keyIdFromBytes, keyVersionIdFromBytes, uuidToBytes } from "../domain/ids.ts"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { MaterialRow } from "./provider.ts"

// docs/ciphertext-blob.md describes these bytes. A change of one of these numbers makes another format.
const formatVersion = 0x01
/** Both with a key derived for each message. */
export const aes256GcmDerived = 0x01
/** The number of SM4-GCM with a derived key in the head of a ciphertext blob. */
export const sm4GcmDerived = 0x03
export type BlobAlgorithm = typeof aes256GcmDerived | typeof sm4GcmDerived
/** Directly under a key in a token: the nonce is the IV, and there is no commitment. */
export const aes256GcmToken = 0x02
export const sm4GcmToken = 0x04
export type TokenBlobAlgorithm = typeof aes256GcmToken | typeof sm4GcmToken

const versionAt = 0
const algorithmAt = 1
const keyIdAt = 2
const keyVersionIdAt = 18
export const nonceAt = 34
export const commitmentAt = 50
export const headerBytes = 82

/** The end of the header of a token's blob: after an IV of 96 bits. */
export const tokenHeaderBytes = nonceAt + 12

export const nonceBytes = commitmentAt - nonceAt
export const tagBytes = 16
/** The bytes of a blob in addition to its plaintext. */
export const blobOverheadBytes = headerBytes + tagBytes

/** A blob by its parts. All of them are views of the blob's own bytes, and none is authenticated yet. */
export class ParsedBlob {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get keyId(): Uint8Array {
    return this.bytes.subarray(keyIdAt, keyVersionIdAt)
  }
  get keyVersionId(): Uint8Array {
    return this.bytes.subarray(keyVersionIdAt, nonceAt)
  }
  get nonce(): Uint8Array {
    return this.bytes.subarray(nonceAt, commitmentAt)
  }
  /** The input of the key derivation: the header up to and including the nonce. */
  get derivationInput(): Uint8Array {
    return this.bytes.subarray(0, commitmentAt)
  }
  get commitment(): Uint8Array {
    return this.bytes.subarray(commitmentAt, headerBytes)
  }
  get header(): Uint8Array {
    return this.bytes.subarray(0, headerBytes)
  }
  /** Ciphertext and tag. */
  get sealed(): Uint8Array {
    return this.bytes.subarray(headerBytes)
  }
}

/** Undefined for another version, an unknown algorithm, and a text that is too short. */
export const parseBlob = (bytes: Uint8Array): ParsedBlob | undefined =>
  bytes.length >= blobOverheadBytes && bytes[versionAt] === formatVersion && isAlgorithm(bytes[algorithmAt])
    ? new ParsedBlob(bytes)
    : undefined

const isAlgorithm = (byte: number | undefined): boolean => byte === aes256GcmDerived || byte === sm4GcmDerived

/** The same for a blob that a token made. */
export const isTokenBlob = (bytes: Uint8Array): boolean =>
  bytes.length >= tokenHeaderBytes + tagBytes &&
  bytes[versionAt] === formatVersion &&
  isTokenAlgorithm(bytes[algorithmAt])

const isTokenAlgorithm = (byte: number | undefined): boolean => byte === aes256GcmToken || byte === sm4GcmToken

/** The key and the version that a blob names. */
export const blobTarget = (
  bytes: Uint8Array
): { readonly keyId: KeyId; readonly keyVersionId: KeyVersionId } | undefined => {
  if (parseBlob(bytes) === undefined && !isTokenBlob(bytes)) return undefined
  return { keyId: keyIdFromBytes(bytes, keyIdAt), keyVersionId: keyVersionIdFromBytes(bytes, keyVersionIdAt) }
}

/** The first 34 bytes, equal in all blobs of one version: format, algorithm, key, key version. */
export const encodeAddress = (algorithm: BlobAlgorithm | TokenBlobAlgorithm, row: MaterialRow): Uint8Array => {
  const address = new Uint8Array(nonceAt)
  address[versionAt] = formatVersion
  address[algorithmAt] = algorithm
  address.set(uuidToBytes(row.keyId), keyIdAt)
  address.set(uuidToBytes(row.keyVersionId), keyVersionIdAt)
  return address
}

/** Whether `part` is at this position. Headers are public, so the comparison may stop early. */
const isAt = (bytes: Uint8Array, at: number, part: Uint8Array): boolean => {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false
  return true
}

/** Whether a blob begins with this address. */
export const isAddressed = ({ bytes }: { readonly bytes: Uint8Array }, address: Uint8Array): boolean =>
  isAt(bytes, versionAt, address)

/** Whether a blob has exactly this header. */
export const hasHeader = (
  { bytes }: { readonly bytes: Uint8Array },
  { address, nonce, commitment }: { readonly [part in "address" | "nonce" | "commitment"]: Uint8Array }
): boolean => isAt(bytes, versionAt, address) && isAt(bytes, nonceAt, nonce) && isAt(bytes, commitmentAt, commitment)

/** Short blobs share blocks of this length. A separate allocation takes as long as the encryption. */
const blockBytes = 8192
const sharedBytesMax = blockBytes / 8

/** Bytes that were never used before, for a blob. Blobs have no secret, so they may lie beside each other. */
const makeBlobMemory = (): ((length: number) => Uint8Array) => {
  let block = new Uint8Array(0)
  let next = 0
  return (length) => {
    if (length > sharedBytesMax) return new Uint8Array(length)
    if (next + length > block.length) {
      block = new Uint8Array(blockBytes)
      next = 0
    }
    const bytes = block.subarray(next, next + length)
    next += length
    return bytes
  }
}

const blobMemory = makeBlobMemory()

/** A blob whose commitment, ciphertext and tag are still empty. */
export const beginBlob = (parts: {
  readonly address: Uint8Array
  readonly nonce: Uint8Array
  readonly plaintextBytes: number
}): ParsedBlob => {
  const bytes = blobMemory(blobOverheadBytes + parts.plaintextBytes)
  bytes.set(parts.address)
  bytes.set(parts.nonce, nonceAt)
  return new ParsedBlob(bytes)
}
