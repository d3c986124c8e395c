/** Long operations with private keys leave the event loop free, and answer as the same operations on it. */
import * as crypto from "node:crypto"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { adoptable } from "../../src/conformance/provider/adoptable.ts"
import { providerOf } from "../../src/conformance/provider/providerLaws.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import { chance, flipped, rowA, toHex } from "./material.ts"
import { native } from "./providers.ts"

const random = chance("threads")
const specs = ["RSA_2048", "RSA_3072"] as const
const hashes = ["sha1", "sha256"] as const

/** Whether the promise settles before the event loop turns: only a result that was computed in the call can. */
const isSettledWithoutTurn = async (promise: Promise<unknown>): Promise<boolean> => {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  for (let step = 0; step < 1000; step++) await Promise.resolve()
  return isSettled
}

const opened = (spec: (typeof specs)[number]) =>
  Effect.gen(function* () {
    const provider = providerOf(native, random)
    const stored = yield* provider.adopt({ row: rowA, spec, material: adoptable(spec).pkcs8 })
    return { provider, handle: yield* provider.open({ row: rowA, spec, stored }) }
  })

describe.each(specs)("private operations of %s", (spec) => {
  const { pkcs8, spki } = adoptable(spec)
  const key = nativePrimitives.rsa.privateKey(pkcs8)
  const publicKey = nativePrimitives.rsa.publicKey(spki)

  it("RSA private operations in a thread give the same answers as on the event loop", async () => {
    for (let i = 0; i < 5; i++) {
      const block = random.bytes(key.modulusBytes)
      block[0] = i === 0 ? 0 : 1
      const answer = await key.rawInThread(block)
      expect(answer && toHex(answer)).toBe(toHex(key.raw(block) ?? new Uint8Array(0)))
      expect(answer && toHex(publicKey.raw(answer) ?? new Uint8Array(0))).toBe(toHex(block))
    }
    for (const hash of hashes) {
      const plaintext = random.bytes(20)
      const ciphertext = publicKey.sealOaep(hash, plaintext) ?? new Uint8Array(0)
      const plain = await key.openOaepInThread(hash, ciphertext)
      expect(plain && toHex(plain)).toBe(toHex(plaintext))
    }
  })

  it("RSA private operations in a thread refuse the same input as on the event loop", async () => {
    const { modulusBytes } = key
    for (const block of [
      new Uint8Array(modulusBytes).fill(0xff),
      new Uint8Array(modulusBytes - 1),
      new Uint8Array(0)
    ]) {
      expect(key.raw(block)).toBeUndefined()
      expect(await key.rawInThread(block)).toBeUndefined()
    }
    const ciphertext = publicKey.sealOaep("sha256", random.bytes(20)) ?? new Uint8Array(0)
    const faults = [flipped(ciphertext, 9), ciphertext.subarray(1), new Uint8Array(modulusBytes), new Uint8Array(0)]
    for (const fault of faults) expect(await key.openOaepInThread("sha256", fault)).toBeUndefined()
    expect(await key.openOaepInThread("sha1", ciphertext)).toBeUndefined()
  })

  it("RSA private operations do not block the event loop", async () => {
    expect(crypto).toHaveProperty("decapsulate")
    const { provider, handle } = await Effect.runPromise(opened(spec))
    const digest = random.bytes(32)
    const ciphertext = publicKey.sealOaep("sha256", digest) ?? new Uint8Array(0)
    for (const algorithm of ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"] as const) {
      const signing = Effect.runPromise(provider.sign({ handle, algorithm, digest }))
      expect(await isSettledWithoutTurn(signing)).toBe(false)
      const verifying = Effect.runPromise(provider.verify({ handle, algorithm, digest, signature: await signing }))
      expect(await isSettledWithoutTurn(verifying)).toBe(true)
      expect(await verifying).toBe(true)
    }
    const decryption = { handle, algorithm: "RSAES_OAEP_SHA_256", ciphertext } as const
    const decrypting = Effect.runPromise(provider.decrypt(decryption))
    expect(await isSettledWithoutTurn(decrypting)).toBe(false)
    expect(toHex(await decrypting)).toBe(toHex(digest))
  })

  it("RSA private operations finish although the handle is closed before", async () => {
    const { provider, handle } = await Effect.runPromise(opened(spec))
    const digest = random.bytes(32)
    const signing = Effect.runPromise(provider.sign({ handle, algorithm: "RSA_PSS_SHA_256", digest }))
    handle.close()
    expect((await signing).length).toBe(key.modulusBytes)
  })
})

describe("private operations of a library without threads", () => {
  it("private operations of a library without threads give the same answers as direct calls", async () => {
    const { pkcs8, spki } = adoptable("RSA_2048")
    const key = portablePrimitives.rsa.privateKey(pkcs8)
    const publicKey = portablePrimitives.rsa.publicKey(spki)
    const ciphertext = publicKey.sealOaep("sha1", random.bytes(9)) ?? new Uint8Array(0)
    expect(await key.rawInThread(ciphertext)).toEqual(key.raw(ciphertext))
    expect(await key.openOaepInThread("sha1", ciphertext)).toEqual(key.openOaep("sha1", ciphertext))
    expect(await key.openOaepInThread("sha1", flipped(ciphertext, 3))).toBeUndefined()
  })
})
