/** The parts of a blob, and what sealing does with a cipher that fails and with the keys that it derives. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  aes256GcmDerived,
  aes256GcmToken,
  beginBlob,
  blobTarget,
  encodeAddress,
  hasHeader,
  headerBytes,
  isAddressed,
  isTokenBlob,
  parseBlob,
  sm4GcmDerived,
  sm4GcmToken
} from "../../src/crypto/blob.ts"
import { openMessage, prepareVersionKey, sealMessage } from "../../src/crypto/message.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import type { Aead, Primitives } from "../../src/crypto/primitives.ts"
import { makeRootKey, materialIdentity, pairIdentity, wrappingIdentity } from "../../src/crypto/seal.ts"
import { canonicalContext } from "../../src/domain/encryptionContext.ts"
import { chance, noContext, rowA, rowB, spec, toHex, utf8 } from "./material.ts"

/** The least bytes of each kind: header and tag (docs/ciphertext-blob.md). */
const derivedBytesMin = 34 + 16 + 32 + 16
const tokenBytesMin = 34 + 12 + 16
const derived: ReadonlyArray<number> = [aes256GcmDerived, sm4GcmDerived]
const token: ReadonlyArray<number> = [aes256GcmToken, sm4GcmToken]

const beginning = (version: number, algorithm: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  bytes.set([version, algorithm].slice(0, length))
  return bytes
}

describe("a blob", () => {
  it("the version, algorithm and length of a blob say whether a derived key or a token sealed the blob", () => {
    for (const version of [0, 1, 2, 255]) {
      for (let algorithm = 0; algorithm < 256; algorithm++) {
        for (const length of [0, 1, 2, tokenBytesMin - 1, tokenBytesMin, derivedBytesMin - 1, derivedBytesMin, 200]) {
          const bytes = beginning(version, algorithm, length)
          const isDerived = version === 1 && derived.includes(algorithm) && length >= derivedBytesMin
          const isOfToken = version === 1 && token.includes(algorithm) && length >= tokenBytesMin
          const seen = [parseBlob(bytes) !== undefined, isTokenBlob(bytes), blobTarget(bytes) !== undefined]
          expect(seen).toEqual([isDerived, isOfToken, isDerived || isOfToken])
        }
      }
    }
  })

  it.each([...derived, ...token])("a blob with the algorithm %i names its key and its version", (algorithm) => {
    const bytes = beginning(1, algorithm, 200)
    bytes.set(encodeAddress(aes256GcmDerived, rowB).subarray(2), 2)
    expect(blobTarget(bytes)).toStrictEqual({ keyId: rowB.keyId, keyVersionId: rowB.keyVersionId })
  })

  it("a new blob is empty after its nonce, and shares no byte with other blobs", () => {
    const lengths = [0, 1, 32, 925, 926, 927, 6144, 44, 44]
    const blobs = Array.from({ length: 40 }).flatMap(() =>
      lengths.map((plaintextBytes) => {
        const { bytes } = beginBlob({
          address: encodeAddress(aes256GcmDerived, rowA),
          nonce: new Uint8Array(16),
          plaintextBytes
        })
        expect(bytes).toHaveLength(derivedBytesMin + plaintextBytes)
        expect(bytes.subarray(34).every((byte) => byte === 0)).toBe(true)
        return bytes
      })
    )
    for (const [number, bytes] of blobs.entries()) bytes.fill(number % 251)
    expect(blobs.every((bytes, number) => bytes.every((byte) => byte === number % 251))).toBe(true)
  })

  it("a blob has its parts one after another, without a gap", () => {
    const bytes = Uint8Array.from({ length: 120 }, (_, at) => at)
    bytes.set([1, aes256GcmDerived])
    const blob = parseBlob(bytes)
    const parts = [blob?.keyId, blob?.keyVersionId, blob?.nonce, blob?.commitment, blob?.sealed]
    expect(parts.map((part) => part?.length)).toEqual([16, 16, 16, 32, 38])
    expect(parts.flatMap((part) => [...(part ?? [])])).toEqual([...bytes.subarray(2)])
    expect(blob?.header).toEqual(bytes.subarray(0, 82))
    expect(blob?.derivationInput).toEqual(bytes.subarray(0, 50))
  })

  it("a blob has an address and a header only if each of their bytes is equal", () => {
    const address = encodeAddress(aes256GcmDerived, rowA)
    const [nonce, commitment] = [new Uint8Array(16).fill(3), new Uint8Array(32).fill(4)]
    const blob = beginBlob({ address, nonce, plaintextBytes: 5 })
    blob.commitment.set(commitment)
    expect(blob.bytes.length).toBe(derivedBytesMin + 5)
    const header = { address, nonce, commitment }
    expect([isAddressed(blob, address), hasHeader(blob, header)]).toEqual([true, true])
    for (let at = 0; at < blob.bytes.length; at++) {
      const changed = { bytes: blob.bytes.with(at, (blob.bytes[at] ?? 0) ^ 1) }
      expect([at, isAddressed(changed, address), hasHeader(changed, header)]).toEqual([at, at >= 34, at >= 82])
    }
  })
})

/** Primitives that keep every byte array that they hand out, and whose ciphers are wrapped. */
const recording = (wrap: (aead: Aead) => Aead = (aead) => aead) => {
  const kept: Array<Uint8Array> = []
  const keys = new Set<Uint8Array>()
  const keep = <A extends Uint8Array | undefined>(bytes: A): A => {
    if (bytes !== undefined) kept.push(bytes)
    return bytes
  }
  const watched = (aead: Aead): Aead => ({
    seal: (request) => {
      keys.add(request.key)
      aead.seal(request)
    },
    open: (request) => {
      keys.add(request.key)
      return keep(aead.open(request))
    }
  })
  let wiped = 0
  const primitives: Primitives = {
    ...nativePrimitives,
    aesGcm: watched(wrap(nativePrimitives.aesGcm)),
    keyedHash: (options) => {
      const hash = nativePrimitives.keyedHash(options)
      return {
        mac: (message) => keep(hash.mac(keep(message))),
        wipe: () => {
          wiped++
          hash.wipe()
        }
      }
    }
  }
  return { primitives, kept, keys, wipes: () => wiped }
}

/** Ciphers with a fault that a hardware or a library may have. */
const faulty: Readonly<Record<string, (aead: Aead) => Aead>> = {
  "opens nothing": (aead) => ({ ...aead, open: () => undefined }),
  "opens another plaintext": (aead) => ({
    ...aead,
    open: (request) => aead.open(request)?.map((byte) => byte ^ 1)
  }),
  "opens a shorter plaintext": (aead) => ({ ...aead, open: (request) => aead.open(request)?.subarray(1) }),
  "writes nothing": (aead) => ({ ...aead, seal: () => undefined })
}

/** Writes outside its own part of the blob as well. */
const overwriting =
  (at: number) =>
  (aead: Aead): Aead => ({
    open: ({ sealed: _sealed, ...request }) => {
      const into = new Uint8Array(plaintext.length + 16)
      aead.seal({ ...request, plaintext, into })
      return aead.open({ ...request, sealed: into })
    },
    seal: (request) => {
      const { buffer, byteOffset } = request.into
      const header = new Uint8Array(buffer, byteOffset - headerBytes, headerBytes)
      header[at] = (header[at] ?? 0) ^ 1
      aead.seal(request)
    }
  })

const plaintext = utf8("a plaintext")
const material = chance("material").bytes(32)
const nonce = chance("nonce").bytes(16)

const keyOf = (primitives: Primitives) =>
  prepareVersionKey({ primitives, algorithm: aes256GcmDerived, row: rowA, material })

const sealedWith = (primitives: Primitives, context = noContext) =>
  sealMessage({ primitives, key: keyOf(primitives), nonce, plaintext, context })

const zeros = (kept: ReadonlyArray<Uint8Array>): boolean => kept.every((bytes) => bytes.every((byte) => byte === 0))

describe("a message", () => {
  it.each(Object.entries(faulty))("a message is not sealed by a cipher that %s", (_fault, wrap) => {
    expect(sealedWith(recording(wrap).primitives)).toBeUndefined()
  })

  it.each([0, 1, 2, 20, 34, 49, 50, 81])(
    "a message is not sealed by a cipher that changes byte %i of the header",
    (at) => {
      expect(sealedWith(recording(overwriting(at)).primitives)).toBeUndefined()
    }
  )

  it("a sealed message leaves no derived key and no second plaintext behind", () => {
    const { keys, kept, primitives } = recording()
    const blob = sealedWith(primitives)
    // The input of the derivation is part of the blob, and public.
    const secret = kept.filter(({ buffer }) => buffer !== blob?.buffer)
    expect(secret.length).toBe(2)
    expect(keys.size).toBe(1)
    expect(zeros([...secret, ...keys])).toBe(true)
  })

  it("a text that is no blob is refused as a message", () => {
    const options = { primitives: nativePrimitives, key: keyOf(nativePrimitives), context: noContext }
    for (const length of [0, 3, derivedBytesMin - 1])
      expect(openMessage({ ...options, blob: new Uint8Array(length).fill(1) })).toBeUndefined()
  })

  it("an opened or refused message leaves no derived key behind", () => {
    const blob = sealedWith(nativePrimitives) ?? noContext
    for (const [given, opens] of [
      [blob, true],
      [blob.with(60, (blob[60] ?? 0) ^ 1), false],
      [blob.with(90, (blob[90] ?? 0) ^ 1), false]
    ] as const) {
      const { kept, primitives } = recording()
      const opened = openMessage({ primitives, key: keyOf(primitives), blob: given, context: noContext })
      expect(opened === undefined).toBe(!opens)
      const secret = kept.filter((bytes) => bytes !== opened && bytes.buffer !== given.buffer)
      expect(secret.length).toBe(1)
      expect(zeros(secret)).toBe(true)
    }
  })

  it("a message is opened only with its context, however that context ends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (context, other) => {
        const blob = sealedWith(nativePrimitives, context) ?? noContext
        const key = keyOf(nativePrimitives)
        const opened = openMessage({ primitives: nativePrimitives, key, blob, context: other })
        expect(opened !== undefined).toBe(toHex(context) === toHex(other))
      }),
      { numRuns: 200 }
    )
  })

  it("a message is not opened by another key with the same material", () => {
    const options = { primitives: nativePrimitives, algorithm: aes256GcmDerived, material } as const
    const blob = sealedWith(nativePrimitives) ?? noContext
    const other = prepareVersionKey({ ...options, row: rowB })
    // The other key derives from the address in the blob, so that only the comparison of addresses refuses it.
    const open = (key: ReturnType<typeof prepareVersionKey>) =>
      openMessage({ primitives: nativePrimitives, key, blob, context: noContext })
    expect([open(keyOf(nativePrimitives)) !== undefined, open(other)]).toEqual([true, undefined])
  })
})

describe("the root key", () => {
  const bytes = chance("bytes").bytes(32)
  const identity = materialIdentity(rowA, spec)
  const rootKeyOf = (primitives: Primitives) => makeRootKey(primitives, { bytes, randomness: chance("salts") })

  it.each(Object.entries(faulty))("the root key does not seal with a cipher that %s", (_fault, wrap) => {
    expect(() => rootKeyOf(recording(wrap).primitives).seal({ identity, plaintext })).toThrow("opens what it sealed")
  })

  it("the root key leaves no derived key, no fingerprint input and no second plaintext behind", () => {
    const { kept, primitives } = recording()
    const rootKey = rootKeyOf(primitives)
    const known = kept.length
    const sealed = rootKey.seal({ identity, plaintext })
    rootKey.fingerprint({ keyId: rowA.keyId, material })
    const fingerprinted = kept.at(-1)
    // The salt is part of the sealed bytes, and the fingerprint is public.
    const secret = kept.slice(known).filter((one) => one.buffer !== sealed.buffer && one !== fingerprinted)
    expect(secret.length).toBe(4)
    expect(zeros(secret)).toBe(true)
  })

  it("the root key wipes the key of its check value at once, and its other keys at its close", () => {
    const { primitives, wipes } = recording()
    const rootKey = rootKeyOf(primitives)
    expect(wipes()).toBe(1)
    rootKey.close()
    expect(wipes()).toBe(3)
  })

  it("the root key opens nothing of another version, and nothing shorter than salt and tag", () => {
    const rootKey = rootKeyOf(nativePrimitives)
    const sealed = rootKey.seal({ identity, plaintext: noContext })
    expect(sealed.length).toBe(1 + 16 + 16)
    expect(rootKey.open({ identity, sealed })).toEqual(noContext)
    for (let length = 0; length < sealed.length; length++) {
      expect(rootKey.open({ identity, sealed: sealed.subarray(0, length) })).toBeUndefined()
    }
    expect(rootKey.open({ identity, sealed: sealed.with(0, 2) })).toBeUndefined()
  })

  it("the root key has a check value of 16 bytes", () => {
    expect(rootKeyOf(nativePrimitives).checkValue.length).toBe(16)
  })

  it("the root key writes each fingerprint with 64 digits, also where a byte is below 16", () => {
    const rootKey = rootKeyOf(nativePrimitives)
    const materials = Array.from({ length: 16 }, (_, at) => new Uint8Array([at]))
    const prints = materials.map((one) => rootKey.fingerprint({ keyId: rowA.keyId, material: one }))
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{64}$/)
    expect(prints.some((print) => /^(..)*0/.test(print))).toBe(true)
  })

  it("the root key seals pairs and wrapping keys for the names that stored rows have", () => {
    const { keyId, keyVersionId } = rowA
    const written = (names: Readonly<Record<string, string>>) => canonicalContext(new Map(Object.entries(names)))
    expect(pairIdentity(rowA, "EC_SM2", new Uint8Array([1, 2, 3]))).toEqual(
      written({ purpose: "key pair", keyId, keyVersionId, spec: "EC_SM2", publicKey: "AQID" })
    )
    expect(wrappingIdentity({ id: "session", spec: "RSA_2048" })).toEqual(
      written({ purpose: "wrapping key", id: "session", spec: "RSA_2048" })
    )
  })
})
