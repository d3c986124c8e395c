/** A library with occasional faults: a wrong result never leaves the provider. */
import { sha256 } from "@noble/hashes/sha2.js"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { answersAreKnown } from "../../src/crypto/knownAnswers/knownAnswers.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import type { Primitives, RsaPrivateKey } from "../../src/crypto/primitives.ts"
import { makeRootKey } from "../../src/crypto/seal.ts"
import { makeSoftwareProvider } from "../../src/crypto/softwareProvider.ts"
import { chance, flipped, holding, noContext, rowA, toHex, utf8 } from "./material.ts"

const sound = [nativePrimitives, portablePrimitives] as const
const rootKey = makeRootKey(nativePrimitives, { bytes: new Uint8Array(32), randomness: chance("root") })

/** Flips one bit in every third sealed message, a different one each time. */
const erring = (primitives: Primitives): Primitives => {
  let calls = 0
  return {
    ...primitives,
    aesGcm: {
      ...primitives.aesGcm,
      seal: (request) => {
        primitives.aesGcm.seal(request)
        if (++calls % 3 === 0) request.into.set(flipped(request.into, calls % (request.into.length * 8)))
      }
    }
  }
}

const rsaErring = (primitives: Primitives, spoil: (key: RsaPrivateKey) => RsaPrivateKey): Primitives => ({
  ...primitives,
  rsa: { ...primitives.rsa, privateKey: (pkcs8) => spoil(primitives.rsa.privateKey(pkcs8)) }
})

/** Permanent faults, which the known answers must detect. */
const wrong: Readonly<Record<string, (primitives: Primitives) => Primitives>> = {
  "seals wrongly": erring,
  "accepts every tag": (primitives) => ({
    ...primitives,
    aesGcm: {
      ...primitives.aesGcm,
      open: (request) => primitives.aesGcm.open(request) ?? new Uint8Array(request.sealed.length - 16)
    }
  }),
  "opens nothing": (primitives) => ({ ...primitives, aesGcm: { ...primitives.aesGcm, open: () => undefined } }),
  "finds everything equal": (primitives) => ({ ...primitives, equal: () => true }),
  "finds nothing equal": (primitives) => ({ ...primitives, equal: () => false }),
  "hashes without the key": (primitives) => ({
    ...primitives,
    keyedHash: (options) => primitives.keyedHash({ ...options, key: new Uint8Array(20) })
  }),
  "seals SM4 with another key": (primitives) => ({
    ...primitives,
    sm4Gcm: {
      ...primitives.sm4Gcm,
      seal: (request) => primitives.sm4Gcm.seal({ ...request, key: new Uint8Array(16) })
    }
  }),
  "takes SHA-256 for SM3": (primitives) => ({ ...primitives, sm3: sha256 }),
  "signs wrongly with RSA": (primitives) => rsaErring(primitives, (key) => ({ ...key, raw: (block) => block })),
  "opens any OAEP": (primitives) => rsaErring(primitives, (key) => ({ ...key, openOaep: () => utf8("keystate") })),
  throws: (primitives) => ({
    ...primitives,
    keyedHash: () => {
      throw new Error("not built with it")
    }
  })
}

describe.each(sound)("a library with faults, $name", (primitives) => {
  it.effect("a faulty library never returns a wrong blob, and every returned blob opens", () =>
    Effect.gen(function* () {
      const material = chance("material").bytes(32)
      const lame = makeSoftwareProvider(erring(primitives), { randomness: chance("lame"), rootKey })
      const whole = makeSoftwareProvider(primitives, { randomness: chance("whole"), rootKey })
      const lameHandle = holding(lame, rowA, material)
      const handle = holding(whole, rowA, material)
      const plaintext = utf8("text")
      let withheld = 0
      for (let i = 0; i < 300; i++) {
        const outcome = yield* Effect.result(lame.seal({ handle: lameHandle, plaintext, context: noContext }))
        if (outcome._tag === "Failure") {
          expect(outcome.failure.reason).toBe("Unavailable")
          withheld++
          continue
        }
        expect(toHex(yield* whole.unseal({ handle, blob: outcome.success, context: noContext }))).toBe(toHex(plaintext))
      }
      expect(withheld).toBe(100)
    })
  )

  it.effect("a faulty library never returns a header that was changed before sealing", () =>
    Effect.gen(function* () {
      for (let at = 0; at < 82; at++) {
        const scribbling: Primitives = {
          ...primitives,
          aesGcm: {
            ...primitives.aesGcm,
            seal: (request) => {
              request.aad[at] = (request.aad[at] ?? 0) ^ 0x80
              primitives.aesGcm.seal(request)
            }
          }
        }
        const lame = makeSoftwareProvider(scribbling, { randomness: chance("lame"), rootKey })
        const handle = holding(lame, rowA, new Uint8Array(32))
        const withheld = yield* Effect.flip(lame.seal({ handle, plaintext: utf8("text"), context: noContext }))
        expect(withheld.reason, `byte ${at}`).toBe("Unavailable")
      }
    })
  )

  it.effect("a faulty library never returns a wrong RSA signature or an inconsistent key pair", () =>
    Effect.gen(function* () {
      const digest = new Uint8Array(32).fill(1)
      const whole = makeSoftwareProvider(primitives, { randomness: chance("whole"), rootKey })
      const stored = yield* whole.generate({ row: rowA, spec: "RSA_2048" })
      const faulty = rsaErring(primitives, (key) => {
        const raw: RsaPrivateKey["raw"] = (block) => {
          const right = key.raw(block)
          return right && flipped(right, 2000)
        }
        return { ...key, raw, rawInThread: async (block) => raw(block) }
      })
      const lame = makeSoftwareProvider(faulty, { randomness: chance("lame"), rootKey })
      const handle = yield* lame.open({ row: rowA, spec: "RSA_2048", stored })
      for (const algorithm of ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"] as const) {
        expect((yield* Effect.flip(lame.sign({ handle, algorithm, digest }))).reason).toBe("Unavailable")
      }
      expect((yield* Effect.flip(lame.generate({ row: rowA, spec: "RSA_2048" }))).reason).toBe("Unavailable")
      const pair = lame.makeWrappingPair({ id: rowA.keyId, spec: "RSA_2048" })
      expect((yield* Effect.flip(pair)).reason).toBe("Unavailable")
    })
  )

  it("a faulty library never stores a wrong secret", () => {
    const lame = makeRootKey(erring(primitives), { bytes: new Uint8Array(32), randomness: chance("lame") })
    const attempts = Array.from({ length: 30 }, () => {
      try {
        return rootKey.openSecret({
          label: "l",
          id: "i",
          sealed: lame.sealSecret({ label: "l", id: "i", plaintext: utf8("s") })
        })
      } catch {
        return "withheld"
      }
    })
    expect(attempts.filter((attempt) => attempt === "withheld").length).toBe(10)
    expect(attempts).not.toContain(undefined)
  })

  it("two byte strings are equal only if they have one length and every byte is equal", () => {
    for (const length of [0, 1, 16, 32, 63, 64, 65, 66, 200]) {
      const bytes = chance("equal").bytes(length)
      expect(primitives.equal(bytes, bytes.slice())).toBe(true)
      expect(primitives.equal(bytes, chance("equal").bytes(length + 1))).toBe(false)
      expect(primitives.equal(chance("equal").bytes(length + 1), bytes)).toBe(false)
      for (let bit = 0; bit < length * 8; bit++) expect(primitives.equal(bytes, flipped(bytes, bit))).toBe(false)
    }
  })

  it("a wiped prepared hash does not answer like its key", () => {
    const hash = primitives.keyedHash({ key: chance("key").bytes(32), label: utf8("label"), messageBytes: 4 })
    const message = utf8("text")
    const before = toHex(hash.mac(message))
    expect(toHex(hash.mac(message))).toBe(before)
    hash.wipe()
    const after = () => toHex(hash.mac(message))
    expect(() => expect(after()).toBe(before)).toThrow()
  })

  it("a prepared hash accepts messages of one length, and keys of at most a block", () => {
    const hash = primitives.keyedHash({ key: new Uint8Array(128), label: utf8("label"), messageBytes: 4 })
    for (const length of [0, 3, 5]) expect(() => hash.mac(new Uint8Array(length))).toThrow("4 bytes of message")
    expect(() => primitives.keyedHash({ key: new Uint8Array(129), label: utf8("label"), messageBytes: 4 })).toThrow(
      "128 bytes of key"
    )
  })
})

describe.each(sound)("the known answers, $name", (primitives) => {
  it("the known answers agree with the correct library", () => {
    expect(answersAreKnown(primitives)).toBe(true)
  })

  it.for(Object.entries(wrong))("the known answers do not agree with a library that %s", ([name, spoil]) => {
    // An error in every third call may miss the checks: repeat until one fails.
    const spoiled = spoil(primitives)
    expect(
      Array.from({ length: name === "seals wrongly" ? 3 : 1 }, () => answersAreKnown(spoiled)),
      name
    ).toContain(false)
  })

  it.effect("the provider stops if the known answers do not agree", () =>
    Effect.gen(function* () {
      const [, lame] = Object.entries(wrong)[2] ?? []
      const provider = makeSoftwareProvider(lame?.(primitives) ?? primitives, { randomness: chance("lame"), rootKey })
      expect((yield* Effect.flip(provider.selfTest)).reason).toBe("Unavailable")
    })
  )
})
