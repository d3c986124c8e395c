/** ECDSA and public keys on P-256 and secp256k1 with vectors of Wycheproof and RFC 6979. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { curves, numberOf, pointOf, publicPointOf } from "../../src/crypto/asymmetric/curves.ts"
import { isEcdsaSignature, signEcdsa } from "../../src/crypto/asymmetric/ecdsa.ts"
import { encodeEcPublicKey, parseEcPublicKey } from "../../src/crypto/asymmetric/spki.ts"
import { chance, flipped, fromHex, toHex } from "./material.ts"
import { field, vectorSet, wycheproof } from "./vectors.ts"

const sha256 = (message: Uint8Array): Uint8Array => createHash("sha256").update(message).digest()

/** Two numbers of 32 bytes from a signature in strict DER, the form of our signatures. */
const numbersOf = (signature: Uint8Array): { readonly r: bigint; readonly s: bigint } => {
  const rBytes = signature[3] ?? 0
  return { r: numberOf(signature.subarray(4, 4 + rBytes)), s: numberOf(signature.subarray(6 + rBytes)) }
}

describe.each([
  { spec: "EC_P256", file: "ecdsa_secp256r1_sha256_test.json" },
  { spec: "EC_P256K", file: "ecdsa_secp256k1_sha256_test.json" },
  { spec: "EC_P256K", file: "ecdsa_secp256k1_sha256_bitcoin_test.json" }
] as const)("$file", ({ spec, file }) => {
  it("an ECDSA signature is accepted exactly if the vector is valid", () => {
    for (const { group, test, isValid } of wycheproof(file)) {
      const point = parseEcPublicKey(spec, field(group.publicKeyDer))
      const isSignature = point !== undefined && isEcdsaSignature(spec, point, sha256(field(test.msg)), field(test.sig))
      expect(isSignature, `test ${test.tcId}`).toBe(isValid)
    }
  })
})

describe.each([
  { spec: "EC_P256", file: "ecdh_secp256r1_test.json" },
  { spec: "EC_P256K", file: "ecdh_secp256k1_test.json" }
] as const)("$file", ({ spec, file }) => {
  it("an EC public key is accepted exactly if on the curve and canonically encoded", () => {
    for (const { test, isValid } of wycheproof(file)) {
      const spki = field(test.public)
      const bytes = parseEcPublicKey(spec, spki)
      expect(bytes !== undefined, `test ${test.tcId}`).toBe(isValid)
      if (bytes === undefined) continue
      const shared = pointOf(curves[spec], bytes)?.multiply(BigInt(`0x${test.private}`))
      expect(shared?.toHex().slice(2), `test ${test.tcId}`).toBe(test.shared)
      expect(toHex(encodeEcPublicKey(spec, bytes))).toBe(toHex(spki))
    }
  })
})

describe("RFC 6979", () => {
  it("ECDSA reproduces every known signature of RFC 6979", () => {
    const followed = vectorSet("ecdsa_rfc6979.json").filter(({ isValid }) => isValid)
    expect(followed.length).toBe(9)
    for (const { test } of followed) {
      const spec = test.curve === "P-256" ? "EC_P256" : "EC_P256K"
      const digest = test.hash === "SHA-256" ? sha256(field(test.msg)) : field(test.msg)
      const { r, s } = numbersOf(signEcdsa(spec, field(test.privateKey), digest, false))
      if (test.sig_p1363 !== undefined) {
        expect(`${r.toString(16).padStart(64, "0")}${s.toString(16).padStart(64, "0")}`).toBe(test.sig_p1363)
      } else {
        const { x } = curves[spec].Point.BASE.multiply(numberOf(field(test.k)))
        expect(r).toBe(x % curves[spec].Point.Fn.ORDER)
      }
    }
  })

  it("secp256k1 signatures have the lower s, both are accepted, and hedged signatures never repeat r", () => {
    const random = chance("low s")
    const scalar = random.bytes(32)
    const point = publicPointOf(curves.EC_P256K, scalar)
    const order = curves.EC_P256K.Point.Fn.ORDER
    const digest = random.bytes(32)
    const seen = new Set<bigint>()
    for (let i = 0; i < 50; i++) {
      const signature = signEcdsa("EC_P256K", scalar, digest, random.bytes(32))
      const { r, s } = numbersOf(signature)
      seen.add(r)
      expect(s).toBeLessThanOrEqual(order / 2n)
      const other = `0220${r.toString(16).padStart(64, "0")}`
      const isShort = r >> 255n === 0n
      const high = (order - s).toString(16).padStart(64, "0")
      if (isShort && r >> 247n !== 0n) {
        const der = fromHex(`3045${other}022100${high}`)
        expect(isEcdsaSignature("EC_P256K", point, digest, der)).toBe(true)
      }
    }
    expect(seen.size).toBe(50)
  })

  it.for(["EC_P256", "EC_P256K"] as const)("refuses a signature with a changed bit, cut or lengthened, %s", (spec) => {
    const random = chance(`changed ${spec}`)
    const scalar = random.bytes(32)
    const point = publicPointOf(curves[spec], scalar)
    const digest = random.bytes(32)
    const signature = signEcdsa(spec, scalar, digest, random.bytes(32))
    const is = (candidate: Uint8Array) => isEcdsaSignature(spec, point, digest, candidate)
    expect(is(signature)).toBe(true)
    for (let bit = 0; bit < signature.length * 8; bit += 3)
      expect(is(flipped(signature, bit)), `bit ${bit}`).toBe(false)
    for (let length = 0; length < signature.length; length++) expect(is(signature.subarray(0, length))).toBe(false)
    for (const tail of [[0], [0xff], [...signature]]) expect(is(new Uint8Array([...signature, ...tail]))).toBe(false)
    expect(is(new Uint8Array(100_000).fill(0x30))).toBe(false)
  })
})
