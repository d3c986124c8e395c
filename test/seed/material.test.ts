/** Material is exported as it was seeded, for every spec. */
import { createPrivateKey } from "node:crypto"
import { bytesToHex } from "@noble/hashes/utils.js"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { encodeBase64 } from "../../src/encoding/base64.ts"
import { KeySpec, capabilityOf } from "../../src/domain/keySpec.ts"
import { isExporting } from "../../src/crypto/provider.ts"
import { readMaterial } from "../../src/seed/material.ts"
import { chance, rowA, rowB } from "../crypto/material.ts"
import { both } from "../crypto/providers.ts"
import { example, exampleText, keyIn, seedOf } from "./seeds.ts"

const published = [...(example.keys ?? []), ...(seedOf(exampleText("seed-hsm.json")).keys ?? [])]

const given = (spec: KeySpec): Uint8Array => {
  const text = published.find((key) => (key.spec ?? "Aliyun_AES_256") === spec)?.material
  const bytes = text === undefined ? undefined : readMaterial(text, spec)
  if (bytes === undefined) throw new Error(`the examples have no material of ${spec}`)
  return bytes
}

describe.each(both)("the $name provider", ({ makeProvider, makeRootKey }) => {
  const randomness = chance("seeds")
  const provider = makeProvider({
    randomness,
    rootKey: makeRootKey({ bytes: new Uint8Array(32).fill(7), randomness })
  })

  it.effect.each(KeySpec.literals)("a provider exports %s as adopted, for its own row and no other", (spec) =>
    Effect.gen(function* () {
      if (!isExporting(provider)) throw new Error("software exports")
      const material = given(spec)
      const stored = yield* provider.adopt({ row: rowA, spec, material })
      const exported = yield* provider.exportUnsafe({ row: rowA, spec, stored })
      const again = yield* provider.adopt({ row: rowA, spec, material: exported })
      expect(yield* provider.exportUnsafe({ row: rowA, spec, stored: again })).toEqual(exported)
      expect(again.publicKey).toEqual(stored.publicKey)
      if (capabilityOf(spec).kind === "symmetric") expect(exported).toEqual(material)
      const elsewhere = yield* Effect.flip(provider.exportUnsafe({ row: rowB, spec, stored }))
      expect(elsewhere.reason).toBe("Rejected")
    })
  )
})

describe("seed material", () => {
  it("seed material is the same in Base64 and in hexadecimal of either case", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("Aliyun_AES_256" as const, "Aliyun_SM4" as const).chain((spec) => {
          const { materialBytes: length } = capabilityOf(spec)
          return fc.tuple(fc.constant(spec), fc.uint8Array({ minLength: length, maxLength: length }))
        }),
        ([spec, bytes]) => {
          for (const text of [encodeBase64(bytes), bytesToHex(bytes), bytesToHex(bytes).toUpperCase()]) {
            expect(readMaterial(text, spec)).toEqual(bytes)
          }
        }
      )
    )
  })

  it("seed material of a key pair is the same in PEM and in DER", () => {
    for (const spec of ["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K"] as const) {
      const pem = keyIn(example, { spec }).material ?? ""
      const der = new Uint8Array(createPrivateKey(pem).export({ type: "pkcs8", format: "der" }))
      for (const text of [pem, pem.replaceAll("\n", "\r\n"), pem.trim(), encodeBase64(der), bytesToHex(der)]) {
        expect(readMaterial(text, spec)).toEqual(der)
      }
    }
  })
})
