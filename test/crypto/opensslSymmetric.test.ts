/** Symmetric ciphers and keyed hash by reused OpenSSL objects: no message leaves a trace in the next one. */
import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { opensslSymmetric } from "../../src/crypto/native/nativeSymmetric.ts"
import { nodeSymmetric } from "../../src/crypto/native/nativePrimitives.ts"
import type { Aead } from "../../src/crypto/primitives.ts"
import { chance, flipped, toHex } from "./material.ts"

const found = opensslSymmetric(nodeSymmetric)
if (found === undefined) throw new Error("the Node of the tests can call OpenSSL")
const openssl = found

const random = chance("openssl symmetric")
const iv = new Uint8Array(12)

const sealed = (aead: Aead, message: { key: Uint8Array; aad: Uint8Array; plaintext: Uint8Array }): Uint8Array => {
  const into = new Uint8Array(message.plaintext.length + 16)
  aead.seal({ ...message, iv, into })
  return into
}

const textLengths = [0, 1, 15, 16, 17, 64, 65, 6144, 8191, 8192, 8193, 20_000]
const aadLengths = [0, 1, 82, 1023, 1024, 1025, 9000]

describe.each([
  { cipher: "aesGcm", keyBytes: 32 },
  { cipher: "sm4Gcm", keyBytes: 16 }
] as const)("$cipher of OpenSSL", ({ cipher, keyBytes }) => {
  const lengths = textLengths.flatMap((text) => aadLengths.map((aad) => ({ text, aad })))

  it("a cipher of OpenSSL seals as node:crypto does, and each opens what the other sealed, around every limit", () => {
    for (const { text, aad: aadBytes } of lengths) {
      const [key, aad, plaintext] = [random.bytes(keyBytes), random.bytes(aadBytes), random.bytes(text)]
      const ours = sealed(openssl[cipher], { key, aad, plaintext })
      expect(toHex(ours)).toBe(toHex(sealed(nodeSymmetric[cipher], { key, aad, plaintext })))
      for (const library of [openssl, nodeSymmetric]) {
        const opened = library[cipher].open({ key, iv, aad, sealed: ours })
        expect(opened && toHex(opened)).toBe(toHex(plaintext))
      }
    }
  })

  it("a cipher of OpenSSL opens a message after another one was refused, and refuses one after another was opened", () => {
    const key = random.bytes(keyBytes)
    const aad = random.bytes(82)
    for (let n = 0; n < 200; n++) {
      const plaintext = random.bytes(n)
      const blob = sealed(openssl[cipher], { key, aad, plaintext })
      expect(openssl[cipher].open({ key, iv, aad, sealed: flipped(blob, n % (blob.length * 8)) })).toBeUndefined()
      expect(openssl[cipher].open({ key, iv, aad: random.bytes(82), sealed: blob })).toBeUndefined()
      expect(openssl[cipher].open({ key, iv, aad, sealed: blob })).toEqual(plaintext)
    }
  })

  it("a cipher of OpenSSL returns bytes that later messages do not change", () => {
    const key = random.bytes(keyBytes)
    const message = { key, aad: iv, plaintext: random.bytes(100) }
    const blob = sealed(openssl[cipher], message)
    const opened = openssl[cipher].open({ key, iv, aad: iv, sealed: blob })
    sealed(openssl[cipher], { ...message, plaintext: random.bytes(100) })
    openssl[cipher].open({ key, iv, aad: iv, sealed: sealed(openssl[cipher], { ...message, plaintext: iv }) })
    expect(opened).toEqual(message.plaintext)
  })

  it("a cipher of OpenSSL refuses a key of another length and text without a tag as node:crypto does", () => {
    const request = { key: random.bytes(keyBytes + 1), iv, aad: iv }
    expect(() => sealed(openssl[cipher], { ...request, plaintext: iv })).toThrow()
    expect(() => openssl[cipher].open({ ...request, sealed: new Uint8Array(16) })).toThrow()
    expect(openssl[cipher].open({ ...request, key: random.bytes(keyBytes), sealed: iv })).toBeUndefined()
  })
})

/** Of label and message: around the blocks of SHA-512, and around the length above which node:crypto hashes. */
const hashedLengths = [0, 24, 127, 128, 129, 511, 512, 513].flatMap((label) =>
  [0, 1, 50, 111, 112, 127, 128, 511, 512, 513].map((message) => [label, message] as const)
)

describe("the keyed hash of OpenSSL", () => {
  it("the keyed hash of OpenSSL is HMAC-SHA-512, at every length around the limits", () => {
    for (const keyBytes of [0, 1, 32, 127, 128]) {
      for (const [labelBytes, messageBytes] of hashedLengths) {
        const [key, label] = [random.bytes(keyBytes), random.bytes(labelBytes)]
        const hash = openssl.keyedHash({ key, label, messageBytes })
        for (let n = 0; n < 3; n++) {
          const message = random.bytes(messageBytes)
          const mac = createHmac("sha512", key).update(label).update(message).digest("hex")
          expect(toHex(hash.mac(message))).toBe(mac)
        }
      }
    }
  })

  it("the keyed hash of OpenSSL keeps keys apart whose calls alternate", () => {
    const keys = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
    const hashes = keys.map((key) => openssl.keyedHash({ key, label: iv, messageBytes: 4 }))
    for (let n = 0; n < 30; n++) {
      const message = random.bytes(4)
      const macs = hashes.map((hash) => toHex(hash.mac(message)))
      expect(macs).toEqual(keys.map((key) => createHmac("sha512", key).update(iv).update(message).digest("hex")))
    }
  })

  it("the keyed hash of OpenSSL cannot be used after it is wiped, and others still can", () => {
    const [wiped, other] = [1, 2].map((byte) =>
      openssl.keyedHash({ key: new Uint8Array(32).fill(byte), label: iv, messageBytes: 4 })
    )
    const message = random.bytes(4)
    const before = other?.mac(message)
    wiped?.wipe()
    expect(() => wiped?.mac(message)).toThrow("after it is wiped")
    expect(other?.mac(message)).toEqual(before)
  })

  it("the keyed hash of OpenSSL refuses a key that is longer than a block, and a message of another length", () => {
    expect(() => openssl.keyedHash({ key: random.bytes(129), label: iv, messageBytes: 4 })).toThrow("128 bytes of key")
    const hash = openssl.keyedHash({ key: iv, label: iv, messageBytes: 4 })
    expect(() => hash.mac(iv)).toThrow("4 bytes of message")
  })
})
