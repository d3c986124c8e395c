/** The primitives in JavaScript only: for any runtime, and to cross-check the native ones. */
import { gcm } from "@noble/ciphers/aes.js"
import { equalBytes } from "@noble/ciphers/utils.js"
import { hmac } from "@noble/hashes/hmac.js"
import { sha512 } from "@noble/hashes/sha2.js"
import { aeadTagBytes, requireHashKey, requireIv, requireMessage } from "../primitives.ts"
import type { Aead, KeyedHash, KeyedHashOptions, Primitives } from "../primitives.ts"
import { makePortableCurves } from "./portableCurves.ts"
import { portableRsa } from "./portableRsa.ts"
import { sm3 } from "./sm3.ts"
import { sm4Gcm } from "./sm4Gcm.ts"

const aesGcm: Aead = {
  seal: ({ key, iv, aad, plaintext, into }) => {
    requireIv(iv)
    into.set(gcm(key, iv, aad).encrypt(plaintext))
  },
  open: ({ key, iv, aad, sealed }) => {
    requireIv(iv)
    if (sealed.length < aeadTagBytes) return undefined
    const cipher = gcm(key, iv, aad)
    try {
      return cipher.decrypt(sealed)
    } catch {
      // Key, IV and length were checked, so only the tag can be wrong.
      return undefined
    }
  }
}

const keyedHash = ({ key, label, messageBytes }: KeyedHashOptions): KeyedHash => {
  requireHashKey(key)
  const begun = hmac.create(sha512, key).update(label)
  return {
    mac: (message) => {
      requireMessage(message, messageBytes)
      return begun.clone().update(message).digest()
    },
    wipe: () => begun.destroy()
  }
}

/** The primitives in JavaScript, for any runtime. */
export const portablePrimitives: Primitives = {
  name: "portable",
  keyedHash,
  aesGcm,
  sm4Gcm,
  sm3,
  rsa: portableRsa,
  curves: makePortableCurves({ keyedHash, sm3 }),
  equal: equalBytes
}
