/** SM2 and SM3 with the examples of their standards and with invalid cases. */
import { sm2 as library } from "sm-crypto-v2"
import { describe, expect, it } from "vitest"
import { curves, numberOf, pointOf, publicPointOf } from "../../src/crypto/asymmetric/curves.ts"
import { derInteger, derSequence, parseDer } from "../../src/crypto/asymmetric/der.ts"
import {
  decryptSm2,
  encryptUnderNonceUnsafe,
  isSm2Signature,
  signUnderNonceUnsafe,
  sm2Digest,
  sm2PrivateKey
} from "../../src/crypto/asymmetric/sm2.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import { chance, flipped, fromHex, toHex, utf8 } from "./material.ts"
import { field, vectorSet } from "./vectors.ts"
import type { Vector } from "./vectors.ts"

const concat = (...parts: ReadonlyArray<Uint8Array>) => new Uint8Array(parts.flatMap((part) => [...part]))

/** The raw form of a ciphertext in DER; undefined for other bytes, which the API refuses. */
const rawOf = ({ test }: Vector): Uint8Array | undefined =>
  parseDer(field(test.der), (der) =>
    der.sequence((parts) => {
      const [x, y] = [parts.integer(), parts.integer()]
      const point = fromHex(`04${[x, y].map((n) => n.toString(16).padStart(64, "0")).join("")}`)
      return concat(point, parts.octets(), parts.octets())
    })
  )

describe.each([nativePrimitives, portablePrimitives])("SM, $name", ({ sm3 }) => {
  it("SM3 gives every known digest", () => {
    for (const { test } of vectorSet("sm3.json")) expect(toHex(sm3(field(test.msg)))).toBe(test.digest)
  })

  it("SM2 accepts a signature exactly if the vector is valid, and reproduces each from its nonce", () => {
    const vectors = vectorSet("sm2_sign.json").filter(({ test }) => test.curve === "sm2p256v1")
    expect(vectors.length).toBe(69)
    for (const { test, isValid } of vectors) {
      const point = pointOf(curves.EC_SM2, field(test.publicKey))
      const digest = sm3(concat(field(test.za), field(test.msg)))
      const [r, s] = [BigInt(`0x${test.r}`), BigInt(`0x${test.s}`)]
      const signature = derSequence(derInteger(r), derInteger(s))
      const isSignature = point !== undefined && isSm2Signature(point, digest, signature)
      expect(isSignature, `test ${test.tcId}`).toBe(isValid)
      if (isValid) {
        const again = signUnderNonceUnsafe(sm2PrivateKey(field(test.privateKey)), digest, numberOf(field(test.k)))
        expect(again && toHex(again)).toBe(toHex(signature))
      }
    }
  })

  it("the SM2 digest of a message includes ZA of the standard's identifier", () => {
    const standard = vectorSet("sm2_sign.json").filter(({ test }) => test.id === "31323334353637383132333435363738")
    expect(standard.length).toBeGreaterThan(3)
    for (const { test } of standard) {
      const expected = sm3(concat(field(test.za), field(test.msg)))
      expect(toHex(sm2Digest(field(test.publicKey), field(test.msg), sm3))).toBe(toHex(expected))
    }
  })

  it("SM2 opens a ciphertext exactly if the vector is valid, and reproduces each from its nonce", () => {
    const vectors = vectorSet("sm2_encrypt.json").filter(({ test }) => test.curve === "sm2p256v1")
    expect(vectors.length).toBe(21)
    for (const vector of vectors) {
      const { test, isValid } = vector
      const key = sm2PrivateKey(field(test.privateKey))
      const ciphertext = rawOf(vector)
      const opened = ciphertext && decryptSm2(key, ciphertext, sm3)
      expect(opened && toHex(opened), `test ${test.tcId}`).toBe(isValid ? test.msg : undefined)
      if (!isValid) continue
      const point = pointOf(curves.EC_SM2, field(test.publicKey))
      const made = point && encryptUnderNonceUnsafe(point, field(test.msg), numberOf(field(test.k)), sm3)
      expect(made && toHex(made)).toBe(`${test.c1}${test.c3}${test.c2}`)
      expect(made && toHex(made)).toBe(ciphertext && toHex(ciphertext))
    }
  })

  it("SM2 refuses a ciphertext with a changed byte or with a point off the curve", () => {
    const random = chance("sm2 points")
    const key = sm2PrivateKey(random.bytes(32))
    const point = curves.EC_SM2.Point.BASE.multiply(key.scalar)
    const nonce = numberOf(random.bytes(32))
    const ciphertext = encryptUnderNonceUnsafe(point, utf8("material"), nonce, sm3) ?? new Uint8Array(0)
    expect(decryptSm2(key, ciphertext, sm3)).toStrictEqual(utf8("material"))
    const { p, a, b } = curves.EC_SM2.Point.CURVE()
    const hex = (n: bigint) => n.toString(16).padStart(64, "0")
    const points = [
      hex(0n) + hex(0n),
      hex(p) + hex(0n),
      hex(1n) + hex((1n + a + b) % p),
      `${toHex(ciphertext.subarray(1, 33))}${hex(p - 1n)}`,
      "ff".repeat(64)
    ]
    for (const other of points) {
      const forged = concat(fromHex(`04${other}`), ciphertext.subarray(65))
      expect(decryptSm2(key, forged, sm3)).toBeUndefined()
    }
    for (let at = 0; at < ciphertext.length; at += 3) {
      expect(decryptSm2(key, flipped(ciphertext, at * 8), sm3), `byte ${at}`).toBeUndefined()
    }
    for (const length of [0, 1, 64, 65, 96, 97]) {
      expect(decryptSm2(key, ciphertext.subarray(0, length), sm3)).toBeUndefined()
    }
  })
})

describe("SM2, compared with another library", () => {
  it("SM2 and another library verify each other's signatures and open each other's ciphertexts", () => {
    const random = chance("sm-crypto")
    for (let i = 0; i < 5; i++) {
      const scalar = random.bytes(32)
      const key = sm2PrivateKey(scalar)
      const bytes = publicPointOf(curves.EC_SM2, scalar)
      const point = pointOf(curves.EC_SM2, bytes) ?? curves.EC_SM2.Point.ZERO
      const message = random.bytes(40)
      const digest = sm2Digest(bytes, message)
      const mine = signUnderNonceUnsafe(key, digest, numberOf(random.bytes(32))) ?? new Uint8Array(0)
      expect(library.doVerifySignature(message, toHex(mine), toHex(bytes), { der: true, hash: true })).toBe(true)
      const theirs = library.doSignature(message, toHex(scalar), { der: true, hash: true, publicKey: toHex(bytes) })
      expect(isSm2Signature(point, digest, fromHex(theirs))).toBe(true)
      const sealed =
        encryptUnderNonceUnsafe(point, message, numberOf(random.bytes(32)), portablePrimitives.sm3) ?? new Uint8Array(0)
      const opened = library.doDecrypt(toHex(sealed.subarray(1)), toHex(scalar), 1, { output: "array" })
      expect(toHex(new Uint8Array(opened))).toBe(toHex(message))
      const foreign = fromHex(`04${library.doEncrypt(message, toHex(bytes), 1)}`)
      expect(toHex(decryptSm2(key, foreign, portablePrimitives.sm3) ?? new Uint8Array(0))).toBe(toHex(message))
    }
  })

  it("SM2 refuses a signature with a changed bit or an additional byte", () => {
    const random = chance("sm2 bits")
    const scalar = random.bytes(32)
    const point = curves.EC_SM2.Point.BASE.multiply(numberOf(scalar))
    const digest = random.bytes(32)
    const signature =
      signUnderNonceUnsafe(sm2PrivateKey(scalar), digest, numberOf(random.bytes(32))) ?? new Uint8Array(0)
    expect(isSm2Signature(point, digest, signature)).toBe(true)
    for (let bit = 0; bit < signature.length * 8; bit += 5) {
      expect(isSm2Signature(point, digest, flipped(signature, bit)), `bit ${bit}`).toBe(false)
    }
    expect(isSm2Signature(point, digest, concat(signature, Uint8Array.of(0)))).toBe(false)
  })
})
