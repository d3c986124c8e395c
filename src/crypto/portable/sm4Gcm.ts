/** SM4-GCM for any JavaScript runtime (GB/T 32907, RFC 8998). */
import { sm4 } from "sm-crypto-v2/dist/index.mjs"
import { aeadTagBytes, requireIv } from "../primitives.ts"
import type { Aead } from "../primitives.ts"

const keyBytes = 16

const requireKey = (key: Uint8Array): void => {
  if (key.length !== keyBytes) throw new RangeError(`an SM4 key has ${keyBytes} bytes, not ${key.length}`)
}

export const sm4Gcm: Aead = {
  seal: ({ key, iv, aad, plaintext, into }) => {
    requireIv(iv)
    requireKey(key)
    const options = { mode: "gcm", output: "array", iv, associatedData: aad, outputTag: true } as const
    const { output, tag } = sm4.encrypt(plaintext, key, options)
    if (tag === undefined) throw new Error("SM4-GCM makes a tag")
    into.set(output)
    into.set(tag, plaintext.length)
  },
  open: ({ key, iv, aad, sealed }) => {
    requireIv(iv)
    requireKey(key)
    const plaintextBytes = sealed.length - aeadTagBytes
    if (plaintextBytes < 0) return undefined
    const tag = sealed.subarray(plaintextBytes)
    const options = { mode: "gcm", output: "array", iv, associatedData: aad, tag } as const
    try {
      return sm4.decrypt(sealed.subarray(0, plaintextBytes), key, options)
    } catch {
      return undefined
    }
  }
}
