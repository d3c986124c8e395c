/** AES-GCM and SM4-GCM of every library with the vectors of Wycheproof and the SM sets. */
import { describe, expect, it } from "vitest"
import { nativePrimitives, nodeSymmetric } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import type { Primitives } from "../../src/crypto/primitives.ts"
import { toHex } from "./material.ts"
import { field, vectorSet, wycheproof } from "./vectors.ts"
import type { Vector } from "./vectors.ts"

const pickedFrom = ({ aesGcm, sm4Gcm }: Pick<Primitives, "aesGcm" | "sm4Gcm">) => ({ aesGcm, sm4Gcm })

const files = [
  { cipher: "aesGcm", file: "aes_gcm_test.json", vectors: wycheproof("aes_gcm_test.json") },
  { cipher: "sm4Gcm", file: "sm4_gcm_test.json", vectors: wycheproof("sm4_gcm_test.json") },
  { cipher: "sm4Gcm", file: "sm4_gcm_extra.json", vectors: vectorSet("sm4_gcm_extra.json") }
] as const

const libraries = [
  { name: "native", ...pickedFrom(nativePrimitives) },
  { name: "node:crypto", ...pickedFrom(nodeSymmetric) },
  { name: "portable", ...pickedFrom(portablePrimitives) }
]

const cases = libraries.flatMap(({ name, ...ciphers }) =>
  files.map(({ cipher, file, vectors }) => ({ name, aead: ciphers[cipher], file, vectors }))
)

describe.each(cases)("$file, $name", ({ aead, vectors }) => {
  const opening = ({ test }: Vector) => ({
    key: field(test.key),
    iv: field(test.iv),
    aad: field(test.aad),
    sealed: new Uint8Array([...field(test.ct), ...field(test.tag)])
  })
  const seal = (vector: Vector): string => {
    const { sealed, ...given } = opening(vector)
    const into = new Uint8Array(sealed.length)
    aead.seal({ ...given, plaintext: field(vector.test.msg), into })
    return toHex(into)
  }
  const [followed, otherIvs] = [12, 0].map((length) =>
    vectors.filter(({ test }) => (field(test.iv).length === 12) === (length === 12))
  )

  it("AES-GCM opens and reproduces every valid vector, and opens no invalid one", () => {
    expect(followed?.length).toBeGreaterThan(15)
    for (const vector of followed ?? []) {
      const { test, isValid } = vector
      const opened = aead.open(opening(vector))
      expect(opened && toHex(opened), `test ${test.tcId}`).toBe(isValid ? test.msg : undefined)
      if (isValid) expect(seal(vector), `test ${test.tcId}`).toBe(`${test.ct}${test.tag}`)
    }
  })

  it("AES-GCM refuses an IV of another length before any computation", () => {
    for (const vector of otherIvs ?? []) {
      expect(vector.isValid, `test ${vector.test.tcId}`).toBe(false)
      expect(() => aead.open(opening(vector))).toThrow("an IV has 12 bytes")
      expect(() => seal(vector)).toThrow("an IV has 12 bytes")
    }
  })

  it("AES-GCM requires a tag of 16 bytes: no prefix of a valid tag opens", () => {
    for (const vector of (followed ?? []).filter(({ isValid }) => isValid).slice(0, 5)) {
      const { sealed, ...given } = opening(vector)
      for (let cut = 1; cut <= 16; cut++) {
        expect(aead.open({ ...given, sealed: sealed.subarray(0, -cut) })).toBeUndefined()
      }
    }
  })
})

describe.each(libraries)("SM4-GCM, $name", ({ sm4Gcm }) => {
  it.for([0, 15, 17, 32])("SM4-GCM refuses a key of %i bytes", (length) => {
    const request = { key: new Uint8Array(length), iv: new Uint8Array(12), aad: new Uint8Array(0) }
    expect(() => sm4Gcm.seal({ ...request, plaintext: new Uint8Array(0), into: new Uint8Array(16) })).toThrow()
    expect(() => sm4Gcm.open({ ...request, sealed: new Uint8Array(16) })).toThrow()
  })
})
