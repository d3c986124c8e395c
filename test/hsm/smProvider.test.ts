/** The laws of keys in any token for SM2 and SM4, and agreement with OpenSSL and with software keys. */
import { execFileSync, spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { curves, pointOf, scalarToBytes } from "../../src/crypto/asymmetric/curves.ts"
import { parseDer } from "../../src/crypto/asymmetric/der.ts"
import { isSm2Signature, sm2Digest } from "../../src/crypto/asymmetric/sm2.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import { chance, flipped, noContext, toHex, utf8 } from "../crypto/material.ts"
import { providerOf } from "../../src/conformance/provider/providerLaws.ts"
import { both } from "../crypto/providers.ts"
import { inToken } from "./inToken.ts"
import { buildSmModule, makeSmToken } from "./smModule.ts"
import type { SmForms } from "./smModule.ts"
import { fresh, freshRow, importLaws, insideOf, messageLaws, payroll, reasonOf, storedLaws } from "./tokenLaws.ts"

const token = makeSmToken()
afterAll(() => token.remove())
const inside = insideOf(token)

messageLaws(token, { spec: "Aliyun_SM4", algorithm: 4 })
storedLaws(token, ["Aliyun_SM4", "EC_SM2", "EC_P256"])
importLaws(token, { spec: "Aliyun_SM4", aead: nativePrimitives.sm4Gcm })

const file = (name: string, content: Uint8Array): string => {
  const path = join(token.directory, name)
  writeFileSync(path, content)
  return path
}

/** `distid` is GM/T 0009's identifier. */
const isByOpenSsl = (spki: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const key = ["-inkey", file("key", spki), "-keyform", "DER", "-pubin"]
  const how = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
  const given = ["-in", file("message", message), "-sigfile", file("signature", signature)]
  return spawnSync("openssl", ["pkeyutl", "-verify", ...key, ...how, ...given]).status === 0
}

/** The command writes ciphertexts in DER (GM/T 0009, section 7.2); in the API they are raw. */
const sealedByOpenSsl = (spki: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const key = ["-inkey", file("key", spki), "-keyform", "DER", "-pubin"]
  const how = ["-pkeyopt", "digest:sm3", "-in", file("plaintext", plaintext)]
  const der = new Uint8Array(execFileSync("openssl", ["pkeyutl", "-encrypt", ...key, ...how]))
  const raw = parseDer(der, (reader) =>
    reader.sequence((parts) => {
      const point = [parts.integer(), parts.integer()].map((number) => [...scalarToBytes(number)])
      return new Uint8Array([4, ...point.flat(), ...parts.octets(), ...parts.octets()])
    })
  )
  if (raw === undefined) throw new Error("the command writes DER")
  return raw
}

const pointBytesOf = (spki: Uint8Array): Uint8Array => spki.slice(-65)

describe("an SM2 key pair in a token", () => {
  inside(
    "an SM2 key in a token signs digests that OpenSSL and software verify, and verifies nothing else",
    ({ provider }) =>
      Effect.gen(function* () {
        const { handle, stored } = yield* fresh(provider, "EC_SM2")
        const spki = stored.publicKey ?? noContext
        const point = pointOf(curves.EC_SM2, pointBytesOf(spki))
        if (point === undefined) throw new Error("the public key is a point")
        for (let i = 0; i < 16; i++) {
          const message = utf8(`message ${i}`)
          const digest = sm2Digest(pointBytesOf(spki), message)
          const signature = yield* provider.sign({ handle, algorithm: "SM2DSA", digest })
          expect(isByOpenSsl(spki, message, signature)).toBe(true)
          expect(isByOpenSsl(spki, utf8("another"), signature)).toBe(false)
          expect(isSm2Signature(point, digest, signature)).toBe(true)
          const is = (digest: Uint8Array, signature: Uint8Array) =>
            provider.verify({ handle, algorithm: "SM2DSA", digest, signature })
          expect(yield* is(digest, signature)).toBe(true)
          expect(yield* is(flipped(digest, 3), signature)).toBe(false)
          expect(yield* is(digest, flipped(signature, signature.length * 8 - 1))).toBe(false)
        }
        const short = { handle, algorithm: "SM2DSA", digest: new Uint8Array(31) } as const
        expect(yield* reasonOf(provider.sign(short))).toBe("Rejected")
        expect(yield* reasonOf(provider.sign({ ...short, algorithm: "ECDSA_SHA_256" }))).toBe("UnsupportedSpec")
      })
  )

  inside(
    "an SM2 key in a token decrypts ciphertext of software and OpenSSL, and refuses every fault alike",
    ({ provider }) =>
      Effect.gen(function* () {
        const { handle, stored } = yield* fresh(provider, "EC_SM2")
        const spki = stored.publicKey ?? noContext
        const algorithm = "SM2PKE"
        for (const under of both) {
          const software = providerOf(under, chance("elsewhere"))
          for (const length of [1, 32, 4096, 6047]) {
            const plaintext = chance(`${length}`).bytes(length)
            const byMe = yield* provider.encrypt({ handle, algorithm, plaintext })
            expect(byMe.length).toBe(length + 97)
            expect(toHex(yield* provider.decrypt({ handle, algorithm, ciphertext: byMe }))).toBe(toHex(plaintext))
            const wrapping = { publicKey: spki, keySpec: "EC_SM2", algorithm } as const
            const ciphertext = yield* software.wrap({ ...wrapping, plaintext })
            expect(toHex(yield* provider.decrypt({ handle, algorithm, ciphertext }))).toBe(toHex(plaintext))
          }
        }
        const byOpenSsl = sealedByOpenSsl(spki, utf8("by OpenSSL"))
        const asked = { handle, algorithm, ciphertext: byOpenSsl } as const
        expect(toHex(yield* provider.decrypt(asked))).toBe(toHex(utf8("by OpenSSL")))
        const ciphertext = yield* provider.encrypt({ handle, algorithm, plaintext: utf8("text") })
        const offCurve = ciphertext.slice()
        offCurve.fill(1, 1, 65)
        const wrong = [
          noContext,
          ciphertext.slice(1),
          ciphertext.slice(0, 97),
          new Uint8Array([...ciphertext, 0]),
          new Uint8Array(6145),
          offCurve,
          ...Array.from({ length: ciphertext.length }, (_, at) => flipped(ciphertext, at * 8 + 7))
        ]
        for (const [i, ciphertext] of wrong.entries()) {
          expect(yield* reasonOf(provider.decrypt({ handle, algorithm, ciphertext })), `case ${i}`).toBe("Rejected")
        }
        expect(yield* reasonOf(provider.decrypt({ handle, algorithm, ciphertext }))).toBe("ok")
        expect(yield* reasonOf(provider.encrypt({ handle, algorithm, plaintext: noContext }))).toBe("Rejected")
        expect(yield* reasonOf(provider.encrypt({ handle, algorithm, plaintext: new Uint8Array(6048) }))).toBe(
          "Rejected"
        )
      })
  )
})

describe("an SM4 key in a token", () => {
  inside("an SM4 key in a token and software with the same material open each other's ciphertexts", ({ provider }) =>
    Effect.gen(function* () {
      const id = crypto.randomUUID()
      const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
      const material = chance("sm4").bytes(16)
      const algorithm = "RSAES_OAEP_SHA_1"
      const wrapping = { id, spec: "RSA_2048", sealed } as const
      const wrapped = yield* provider.wrap({ publicKey, keySpec: "RSA_2048", algorithm, plaintext: material })
      const row = freshRow()
      const request = { row, spec: "Aliyun_SM4", wrapping, algorithm, wrapped } as const
      const { stored } = yield* provider.importMaterial(request)
      const handle = yield* provider.open({ row, spec: "Aliyun_SM4", stored })
      for (const { sm4Gcm } of [nativePrimitives, portablePrimitives]) {
        for (const length of [0, 1, 15, 16, 17, 6144]) {
          const plaintext = chance(`${length}`).bytes(length)
          const blob = yield* provider.seal({ handle, plaintext, context: payroll })
          const aad = new Uint8Array([...blob.subarray(0, 46), ...payroll])
          const iv = blob.slice(34, 46)
          const opened = sm4Gcm.open({ key: material, iv, aad, sealed: blob.subarray(46) })
          expect(opened && toHex(opened)).toBe(toHex(plaintext))
          const made = blob.slice()
          sm4Gcm.seal({ key: material, iv, aad, plaintext, into: made.subarray(46) })
          expect(toHex(yield* provider.unseal({ handle, blob: made, context: payroll }))).toBe(toHex(plaintext))
        }
      }
    })
  )
})

const forms: ReadonlyArray<SmForms> = [
  { ciphertext: "C1C2C3", signature: "DER", barePoint: true },
  { ciphertext: "DER", signature: "raw", barePoint: true }
]

describe.each(forms)("a token with $ciphertext, $signature signatures and bare points ($barePoint)", (which) => {
  it.live("the provider recognises the forms of a token at the start, and its keys work the same", () =>
    Effect.gen(function* () {
      const module = buildSmModule(token, which)
      const { pool, provider } = yield* inToken({ ...token, module })
      expect((yield* pool.call("probe", {})).sm2Form).toBe(which.ciphertext)
      const { handle, stored } = yield* fresh(provider, "EC_SM2")
      const message = utf8("message")
      const digest = sm2Digest(pointBytesOf(stored.publicKey ?? noContext), message)
      const signature = yield* provider.sign({ handle, algorithm: "SM2DSA", digest })
      expect(isByOpenSsl(stored.publicKey ?? noContext, message, signature)).toBe(true)
      const ciphertext = yield* provider.encrypt({ handle, algorithm: "SM2PKE", plaintext: message })
      const asked = { handle, algorithm: "SM2PKE", ciphertext } as const
      expect(toHex(yield* provider.decrypt(asked))).toBe(toHex(message))
    }).pipe(Effect.scoped)
  )
})
