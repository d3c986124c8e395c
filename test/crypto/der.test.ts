/** Keys in DER: one encoding each, and no input makes a reader throw. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { curves, publicPointOf } from "../../src/crypto/asymmetric/curves.ts"
import {
  derBoolean,
  derInteger,
  derNamedBits,
  derOidOf,
  derSetOf,
  derText,
  derTime,
  element,
  parseDer
} from "../../src/crypto/asymmetric/der.ts"
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
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const written = element(0x04, new Uint8Array(length))
      expect(parseDer(written, (der) => der.octets())?.length).toBe(length)
      expect(parseDer(written.subarray(0, -1), (der) => der.octets())).toBeUndefined()
      expect(parseDer(new Uint8Array([...written, 0]), (der) => der.octets())).toBeUndefined()
    }
  })
})

describe("the writer", () => {
  it("the DER writer writes object identifiers with arcs of several bytes (X.690, 8.19.5)", () => {
    expect(toHex(derOidOf("2.999.3"))).toBe("0603883703")
    expect(toHex(derOidOf("1.2.840.113549.1.9.14"))).toBe("06092a864886f70d01090e")
    expect(toHex(derOidOf("0.9.2342.19200300.100.1.25"))).toBe("060a0992268993f22c640119")
    expect(toHex(derOidOf("2.999999999.0"))).toBe("060683dceb944f00")
  })

  it("the DER writer leaves zero bits at the end of named bits out (X.690, 11.2.2)", () => {
    expect(toHex(derNamedBits(0))).toBe("03020780")
    expect(toHex(derNamedBits(5, 6))).toBe("03020106")
    expect(toHex(derNamedBits(8))).toBe("0303070080")
  })

  it("the DER writer orders the members of a set by their bytes, prefixes first (X.690, 11.6)", () => {
    const [a, b, c] = [
      element(0x04, Uint8Array.of(2)),
      element(0x02, Uint8Array.of(9)),
      element(0x04, Uint8Array.of(1))
    ]
    expect(toHex(derSetOf(a, b, c))).toBe("3109020109040101040102")
    expect(toHex(derSetOf())).toBe("3100")
  })

  it("the DER writer writes times by two digits of the year until 2049, and by four from 2050 (RFC 5280, 4.1.2.5)", () => {
    const text = (millis: number) => Buffer.from(derTime(millis)).toString("latin1")
    expect(text(Date.UTC(2049, 11, 31, 23, 59, 59, 999))).toBe("\u0017\r491231235959Z")
    expect(text(Date.UTC(2050, 0, 1))).toBe("\u0018\u000f20500101000000Z")
  })

  it("the DER writer writes texts and truth values", () => {
    expect([derBoolean(true), derBoolean(false)].map(toHex)).toEqual(["0101ff", "010100"])
    expect([derText("utf8", "ü"), derText("printable", "C"), derText("ia5", "a")].map(toHex)).toEqual([
      "0c02c3bc",
      "130143",
      "160161"
    ])
  })

  it("the DER writer writes lengths in as few bytes as they need, up to three (X.690, 10.1)", () => {
    const head = (length: number) => toHex(element(0x04, new Uint8Array(length)).subarray(0, 5))
    expect([127, 128, 255, 256, 65_535, 65_536].map(head)).toEqual([
      "047f000000",
      "0481800000",
      "0481ff0000",
      "0482010000",
      "0482ffff00",
      "0483010000"
    ])
    expect(() => element(0x04, new Uint8Array(0x100_0000))).toThrow(RangeError)
  })
})
