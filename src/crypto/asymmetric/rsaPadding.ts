/** RSA padding of digests and keys, in forms that no library offers. */
import { concatBytes, equalBytes, hexToBytes } from "@noble/curves/utils.js"
import { sha1 } from "@noble/hashes/legacy.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { mgf1 } from "micro-rsa-dsa-dh/rsa.js"
import { digestBytes } from "../../domain/algorithms.ts"
import type { OaepHash } from "../primitives.ts"

/** DigestInfo of SHA-256 up to the digest (RFC 8017, section 9.2, note 1). */
const digestInfo = hexToBytes("3031300d060960864801650304020105000420")

/** The signed bytes of PKCS #1 v1.5 for a SHA-256 digest: a token adds the padding itself. */
export const digestInfoOf = (digest: Uint8Array): Uint8Array => concatBytes(digestInfo, digest)

/** EMSA-PKCS1-v1_5 (RFC 8017, section 9.2) of a SHA-256 digest. */
export const encodePkcs1 = (digest: Uint8Array, modulusBytes: number): Uint8Array => {
  const block = new Uint8Array(modulusBytes).fill(0xff)
  const tailAt = modulusBytes - digestInfo.length - digest.length
  block.set([0x00, 0x01])
  block[tailAt - 1] = 0x00
  block.set(digestInfo, tailAt)
  block.set(digest, tailAt + digestInfo.length)
  return block
}

/** As long as the digest: the only length that is produced and accepted (FIPS 186-5, section 5.4 g). */
export const saltBytes = 32
const pssTrailer = 0xbc
const mask = mgf1(sha256)

const pssHash = (digest: Uint8Array, salt: Uint8Array): Uint8Array =>
  sha256.create().update(new Uint8Array(8)).update(digest).update(salt).digest()

const xorInto = (target: Uint8Array, other: Uint8Array): void => {
  for (const [i, byte] of other.entries()) target[i] = (target[i] ?? 0) ^ byte
}

/** EMSA-PSS (RFC 8017, section 9.1.1) over a given digest, MGF1 with SHA-256. The modulus fills its bytes. */
export const encodePss = (digest: Uint8Array, salt: Uint8Array, modulusBytes: number): Uint8Array => {
  const block = new Uint8Array(modulusBytes)
  const hashAt = modulusBytes - digestBytes - 1
  const database = block.subarray(0, hashAt)
  database[hashAt - saltBytes - 1] = 0x01
  database.set(salt, hashAt - saltBytes)
  const hash = pssHash(digest, salt)
  xorInto(database, mask(hash, { dkLen: hashAt }))
  // A modulus of 8k bits leaves 8k - 1 bits for the encoded message.
  database[0] = (database[0] ?? 0) & 0x7f
  block.set(hash, hashAt)
  block[modulusBytes - 1] = pssTrailer
  return block
}

/**
 * EMSA-PSS-VERIFY, section 9.1.2, by encoding again: a block that differs in any byte from the only encoding is wrong.
 */
export const isPss = (block: Uint8Array, digest: Uint8Array): boolean => {
  const hashAt = block.length - digestBytes - 1
  const database = block.slice(0, hashAt)
  xorInto(database, mask(block.subarray(hashAt, -1), { dkLen: hashAt }))
  const again = encodePss(digest, database.slice(-saltBytes), block.length)
  return equalBytes(again, block)
}

/** At least 8 bytes of padding, between 00 02 and 00 (RFC 8017, section 7.2.1). */
const pkcs1Overhead = 11

/**
 * The message of an EME-PKCS1-v1_5 block of exactly the expected length, so each byte of padding has one position. All
 * bytes are read and none decides a branch, so that a wrong block reveals only that it is wrong. An attacker who learns
 * the position of the fault can decrypt other messages (Bleichenbacher 1998; RFC 8017, section 7.2.2, note).
 */
export const unpadPkcs1 = (block: Uint8Array, messageBytes: number): Uint8Array | undefined => {
  const messageAt = block.length - messageBytes
  if (messageAt < pkcs1Overhead) return undefined
  let wrong = (block[0] ?? 1) | ((block[1] ?? 0) ^ 0x02) | (block[messageAt - 1] ?? 1)
  for (let i = 2; i < messageAt - 1; i++) wrong |= isZero(block[i] ?? 0)
  return wrong === 0 ? block.slice(messageAt) : undefined
}

const oaepHashes = { sha1, sha256 } as const

/**
 * EME-OAEP decoding with an empty label (RFC 8017, section 7.1.2, step 3). As above, all bytes are read and there is
 * only one error (Manger 2001). The separator is found without a branch. Its position shows in the length of the
 * result, which is the length of the plaintext.
 */
export const unpadOaep = (block: Uint8Array, hash: OaepHash): Uint8Array | undefined => {
  const digest = oaepHashes[hash]
  const seedAt = 1
  const databaseAt = seedAt + digest.outputLen
  if (block.length < databaseAt + digest.outputLen + 1) return undefined
  const seed = block.slice(seedAt, databaseAt)
  const database = block.slice(databaseAt)
  const maskOf = mgf1(digest)
  xorInto(seed, maskOf(database, { dkLen: seed.length }))
  xorInto(database, maskOf(seed, { dkLen: database.length }))
  const labelHash = digest(new Uint8Array(0))
  let wrong = block[0] ?? 1
  for (const [i, byte] of labelHash.entries()) wrong |= byte ^ (database[i] ?? 0)
  let seen = 0
  let separatorAt = 0
  for (let i = labelHash.length; i < database.length; i++) {
    const byte = database[i] ?? 0
    const isOne = isZero(byte ^ 0x01)
    separatorAt |= i & -(isOne & ~seen)
    wrong |= byte & (isOne - 1) & (seen - 1)
    seen |= isOne
  }
  const isSound = (wrong | (seen ^ 1)) === 0
  const message = isSound ? database.slice(separatorAt + 1) : undefined
  seed.fill(0)
  database.fill(0)
  return message
}

/** 1 for a zero byte, else 0, without a branch. */
const isZero = (byte: number): number => ((byte - 1) >> 8) & 1
