/**
 * A crypto provider made outside Keystate: AES-256-GCM and HMAC-SHA-512 from node:crypto, everything else from Keystate's
 * portable primitives, and a count of the messages it sealed. It uses published names only.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto"
import { makeSoftwareProvider, portablePrimitives } from "keystate/provider"
import type { Aead, CryptoProvider, KeyedHash, Primitives, SoftwareProviderOptions } from "keystate/provider"

const tagBytes = 16
const ivBytes = 12

const cipherOf = (key: Uint8Array): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" => {
  if (key.length === 16) return "aes-128-gcm"
  if (key.length === 24) return "aes-192-gcm"
  if (key.length === 32) return "aes-256-gcm"
  throw new RangeError(`An AES key has 16, 24 or 32 bytes, not ${key.length}.`)
}

const requireIv = (iv: Uint8Array): void => {
  if (iv.length !== ivBytes) throw new RangeError(`An IV has ${ivBytes} bytes, not ${iv.length}.`)
}

const aesGcm: Aead = {
  seal: ({ key, iv, aad, plaintext, into }) => {
    requireIv(iv)
    const cipher = createCipheriv(cipherOf(key), key, iv, { authTagLength: tagBytes })
    cipher.setAAD(aad)
    into.set(cipher.update(plaintext))
    cipher.final()
    into.set(cipher.getAuthTag(), plaintext.length)
  },
  open: ({ key, iv, aad, sealed }) => {
    requireIv(iv)
    const plaintextBytes = sealed.length - tagBytes
    if (plaintextBytes < 0) return undefined
    const decipher = createDecipheriv(cipherOf(key), key, iv, { authTagLength: tagBytes })
    decipher.setAAD(aad)
    decipher.setAuthTag(sealed.subarray(plaintextBytes))
    const plaintext = new Uint8Array(decipher.update(sealed.subarray(0, plaintextBytes)))
    try {
      decipher.final()
      return plaintext
    } catch {
      // The tag is wrong: the plaintext must not leave this function.
      plaintext.fill(0)
      return undefined
    }
  }
}

const keyedHash: Primitives["keyedHash"] = ({ key, label, messageBytes }): KeyedHash => {
  if (key.length > 128) throw new RangeError("A keyed hash takes up to 128 bytes of key.")
  const copy = key.slice()
  return {
    mac: (message) => {
      if (message.length !== messageBytes) throw new RangeError(`A message has ${messageBytes} bytes here.`)
      return new Uint8Array(createHmac("sha512", copy).update(label).update(message).digest())
    },
    wipe: () => {
      copy.fill(0)
    }
  }
}

const primitives: Primitives = {
  ...portablePrimitives,
  name: "house",
  aesGcm,
  keyedHash,
  equal: (left, right) => left.length === right.length && timingSafeEqual(left, right)
}

/** A provider and how many messages it sealed since it was made. */
export interface CountingProvider extends CryptoProvider {
  readonly sealed: () => number
}

/** `createKms({ crypto: makeHouseProvider })` */
export const makeHouseProvider = (given: SoftwareProviderOptions): CountingProvider => {
  const provider = makeSoftwareProvider(primitives, given)
  let sealed = 0
  return {
    ...provider,
    seal: (request) => {
      sealed += 1
      return provider.seal(request)
    },
    sealed: () => sealed
  }
}
