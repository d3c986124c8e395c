/** Keys in DER: one encoding each, and no input makes a reader throw. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { curves, publicPointOf } from "../../src/crypto/asymmetric/curves.ts"
import { derInteger, element, parseDer } from "../../src/crypto/asymmetric/der.ts"
import {
  encodeEcPrivateKey,
  encodeRsaPrivateKey,
  parseEcPrivateKey,
  parseRsaPrivateKey
} from "../../src/crypto/asymmetric/pkcs8.ts"
import {
  encodeEcPublicKey,
  encodeRsaPublicKey,
  parseEcPublicKey,
  parseRsaPublicKey
} from "../../src/crypto/asymmetric/spki.ts"
import { adoptable } from "../../src/conformance/provider/adoptable.ts"
import { fromHex, toHex } from "./material.ts"

const ecSpecs = ["EC_P256", "EC_P256K", "EC_SM2"] as const
const rsa = adoptable("RSA_2048")

/** A key with a few bytes changed, removed or inserted. */
const mutants = (key: Uint8Array) =>
  fc
    .array(fc.tuple(fc.nat(key.length - 1), fc.nat(255), fc.constantFrom("change", "cut", "insert")), {
      minLength: 1,
      maxLength: 3
    })
    .map((changes) => {
      const bytes = [...key]
      for (const [at, byte, how] of changes) {
        if (how === "change") bytes[at] = byte
        else bytes.splice(at, how === "cut" ? 1 : 0, ...(how === "cut" ? [] : [byte]))
      }
      return Uint8Array.from(bytes, (byte) => byte ?? 0)
    })

describe("public keys", () => {
  it("an RSA public key is read in exactly the encoding of its output", () => {
    const numbers = parseRsaPublicKey(rsa.spki)
    expect(numbers && toHex(encodeRsaPublicKey(numbers))).toBe(toHex(rsa.spki))
    fc.assert(
      fc.property(mutants(rsa.spki), (mutant) => {
        const read = parseRsaPublicKey(mutant)
        if (read !== undefined) expect(toHex(encodeRsaPublicKey(read))).toBe(toHex(mutant))
      }),
      { numRuns: 2000 }
    )
  })

  it.for(ecSpecs)("a public key on %s is read in exactly the encoding of its output", (spec) => {
    const { spki } = adoptable(spec)
    const point = parseEcPublicKey(spec, spki)
    expect(point && toHex(encodeEcPublicKey(spec, point))).toBe(toHex(spki))
    for (const other of ecSpecs) expect(parseEcPublicKey(other, spki) !== undefined).toBe(other === spec)
    fc.assert(
      fc.property(mutants(spki), (mutant) => {
        const read = parseEcPublicKey(spec, mutant)
        if (read !== undefined) expect(toHex(encodeEcPublicKey(spec, read))).toBe(toHex(mutant))
      }),
      { numRuns: 500 }
    )
  })
})

describe("private keys", () => {
  it("an RSA private key is read back unchanged, and no bytes make the reader throw", () => {
    const numbers = parseRsaPrivateKey(rsa.pkcs8)
    expect(numbers && toHex(encodeRsaPrivateKey(numbers))).toBe(toHex(rsa.pkcs8))
    fc.assert(
      fc.property(fc.oneof(mutants(rsa.pkcs8), fc.uint8Array({ maxLength: 100 })), (bytes) => {
        const read = parseRsaPrivateKey(bytes)
        if (read !== undefined) expect(toHex(encodeRsaPrivateKey(read))).toBe(toHex(bytes))
      }),
      { numRuns: 500 }
    )
  })

  it.for(ecSpecs)("a private key on %s is read back unchanged with and without the public key", (spec) => {
    const { pkcs8 } = adoptable(spec)
    const key = parseEcPrivateKey(spec, pkcs8)
    if (key === undefined) throw new Error("OpenSSL's key is read")
    const point = publicPointOf(curves[spec], key.scalar)
    expect(key.point && toHex(key.point)).toBe(toHex(point))
    const written = encodeEcPrivateKey(spec, key.scalar, point)
    expect(toHex(parseEcPrivateKey(spec, written)?.scalar ?? point)).toBe(toHex(key.scalar))
    fc.assert(
      fc.property(fc.oneof(mutants(pkcs8), fc.uint8Array({ maxLength: 100 })), (bytes) => {
        const read = parseEcPrivateKey(spec, bytes)
        expect(read === undefined || read.scalar.length === 32).toBe(true)
      }),
      { numRuns: 500 }
    )
  })

  it.for(ecSpecs)("a private key on %s is not zero, is below the order, and has the right length", (spec) => {
    const order = curves[spec].Point.Fn.ORDER
    const point = new Uint8Array(65)
    const scalarOf = (value: bigint, bytes = 32) => fromHex(value.toString(16).padStart(bytes * 2, "0"))
    const most = spec === "EC_SM2" ? order - 2n : order - 1n
    for (const [scalar, isKey] of [
      [scalarOf(1n), true],
      [scalarOf(most), true],
      [scalarOf(most + 1n), false],
      [scalarOf(order), false],
      [scalarOf(0n), false],
      [scalarOf(1n, 31), false],
      [scalarOf(1n, 33), false]
    ] as const) {
      expect(parseEcPrivateKey(spec, encodeEcPrivateKey(spec, scalar, point)) !== undefined, toHex(scalar)).toBe(isKey)
    }
  })
})

describe("DER", () => {
  it("the DER reader reads a number as written, of any size", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 4096n }), (value) => {
        expect(parseDer(derInteger(value), (der) => der.integer())).toBe(value)
      }),
      { numRuns: 200 }
    )
  })

  it("the DER reader requires the exact length of an element, in the shortest form", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535]) {
      const written = element(0x04, new Uint8Array(length))
      expect(parseDer(written, (der) => der.octets())?.length).toBe(length)
      expect(parseDer(written.subarray(0, -1), (der) => der.octets())).toBeUndefined()
      expect(parseDer(new Uint8Array([...written, 0]), (der) => der.octets())).toBeUndefined()
    }
    expect(() => element(0x04, new Uint8Array(65_536))).toThrow("65535")
  })
})
