/** The primitives of node:crypto, which uses OpenSSL. */
import { createCipheriv, createDecipheriv, getCiphers, getHashes, hash, timingSafeEqual } from "node:crypto"
import type { CipherGCMTypes } from "node:crypto"
import { equalBytes } from "@noble/ciphers/utils.js"
import { sm3 as portableSm3 } from "../portable/sm3.ts"
import { sm4Gcm as portableSm4Gcm } from "../portable/sm4Gcm.ts"
import { aeadTagBytes, keyedHashBlockBytes, requireHashKey, requireIv, requireMessage } from "../primitives.ts"
import type { Aead, KeyedHash, KeyedHashOptions, Primitives } from "../primitives.ts"
import { makeNativeCurves } from "./nativeCurves.ts"
import { nativeRsa } from "./nativeRsa.ts"
import { makeNativeSymmetric } from "./nativeSymmetric.ts"
import type { Symmetric } from "./openssl/symmetric.ts"

const aesCiphers: ReadonlyMap<number, CipherGCMTypes> = new Map([
  [16, "aes-128-gcm"],
  [24, "aes-192-gcm"],
  [32, "aes-256-gcm"]
])

const aesCipherOf = (key: Uint8Array): CipherGCMTypes => {
  const cipher = aesCiphers.get(key.length)
  if (cipher === undefined) throw new RangeError(`an AES key has 16, 24 or 32 bytes, not ${key.length}`)
  return cipher
}

const options = { authTagLength: aeadTagBytes } as const

const galoisCounterMode = (cipherOf: (key: Uint8Array) => CipherGCMTypes): Aead => ({
  seal: ({ key, iv, aad, plaintext, into }) => {
    requireIv(iv)
    const cipher = createCipheriv(cipherOf(key), key, iv, options)
    cipher.setAAD(aad)
    into.set(cipher.update(plaintext))
    cipher.final()
    into.set(cipher.getAuthTag(), plaintext.length)
  },
  open: ({ key, iv, aad, sealed }) => {
    requireIv(iv)
    const plaintextBytes = sealed.length - aeadTagBytes
    if (plaintextBytes < 0) return undefined
    const decipher = createDecipheriv(cipherOf(key), key, iv, options)
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(plaintextBytes))
    const plaintext = decipher.update(sealed.subarray(0, plaintextBytes))
    try {
      decipher.final()
    } catch {
      // Wipe the bytes: the tag did not match.
      plaintext.fill(0)
      return undefined
    }
    return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length)
  }
})

/** Node's types list only AES-GCM; OpenSSL has SM4-GCM under this name from 3.4 on. */
const isSm4Gcm = (cipher: string): cipher is CipherGCMTypes => cipher === "sm4-gcm"
const sm4Cipher = getCiphers().find(isSm4Gcm)

/**
 * RFC 2104 by two one-shot hashes over prepared blocks: making OpenSSL's HMAC object costs more than both hashes. The
 * blocks are also scratch memory; every call is synchronous, so no two calls share them.
 */
const keyedHash = ({ key, label, messageBytes }: KeyedHashOptions): KeyedHash => {
  requireHashKey(key)
  const messageAt = keyedHashBlockBytes + label.length
  const inner = new Uint8Array(messageAt + messageBytes).fill(0x36, 0, keyedHashBlockBytes)
  const outer = new Uint8Array(keyedHashBlockBytes + 64).fill(0x5c, 0, keyedHashBlockBytes)
  for (const [i, byte] of key.entries()) {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  inner.set(label, keyedHashBlockBytes)
  return {
    mac: (message) => {
      requireMessage(message, messageBytes)
      inner.set(message, messageAt)
      const digest = hash("sha512", inner, "buffer")
      outer.set(digest, keyedHashBlockBytes)
      digest.fill(0)
      return hash("sha512", outer, "buffer")
    },
    wipe: () => {
      inner.fill(0)
      outer.fill(0)
    }
  }
}

const sm3 = getHashes().includes("sm3")
  ? (message: Uint8Array): Uint8Array => hash("sm3", message, "buffer")
  : portableSm3

/** Those that every Node has. */
export const nodeSymmetric: Symmetric = {
  keyedHash,
  aesGcm: galoisCounterMode(aesCipherOf),
  sm4Gcm: sm4Cipher === undefined ? portableSm4Gcm : galoisCounterMode(() => sm4Cipher)
}

/** Node's comparison first moves arrays of this length out of V8's heap, which takes twenty times as long as a loop. */
const heapBytesMax = 64

/** Both ways read every byte, and have no branch on its value. */
const equal: Primitives["equal"] = (left, right) =>
  left.length <= heapBytesMax ? equalBytes(left, right) : left.length === right.length && timingSafeEqual(left, right)

/** The primitives by OpenSSL: its functions where they can be called, otherwise those of Node. */
export const nativePrimitives: Primitives = {
  name: "native",
  ...makeNativeSymmetric(nodeSymmetric),
  sm3,
  rsa: nativeRsa,
  curves: makeNativeCurves({ keyedHash, sm3 }),
  equal
}
