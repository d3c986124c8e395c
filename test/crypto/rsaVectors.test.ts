/** RSA of both libraries, and our encodings, with vectors of Wycheproof. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { parseRsaPrivateKey } from "../../src/crypto/asymmetric/pkcs8.ts"
import { encodePkcs1, encodePss, isPss, unpadPkcs1 } from "../../src/crypto/asymmetric/rsaPadding.ts"
import { parseRsaPublicKey } from "../../src/crypto/asymmetric/spki.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import { chance, flipped, toHex } from "./material.ts"
import { field, wycheproof } from "./vectors.ts"
import type { Vector } from "./vectors.ts"

const sha256 = (message: Uint8Array): Uint8Array => createHash("sha256").update(message).digest()

describe.each([nativePrimitives, portablePrimitives])("RSA, $name", ({ rsa, name }) => {
  const secretOf = ({ group }: Vector) => {
    const pkcs8 = field(group.privateKeyPkcs8)
    return parseRsaPrivateKey(pkcs8) === undefined ? undefined : rsa.privateKey(pkcs8)
  }
  const openBlock = ({ group, test }: Vector): Uint8Array | undefined => {
    const spki = field(group.publicKeyDer)
    if (parseRsaPublicKey(spki) === undefined) return undefined
    const key = rsa.publicKey(spki)
    const signature = field(test.sig)
    return signature.length === key.modulusBytes ? key.raw(signature) : undefined
  }
  /** A key of 4096 bits takes the portable library a fifth of a second, so refusals use 3072 bits. */
  const isAffordable = ({ group, isException }: Vector) =>
    name === "native" || ((group.keySize ?? 0) <= 3072 && !isException)

  it.for([
    "rsa_oaep_2048_sha1_mgf1sha1_test.json",
    "rsa_oaep_2048_sha256_mgf1sha256_test.json",
    "rsa_three_primes_oaep_2048_sha1_mgf1sha1_test.json",
    "rsa_oaep_misc_test.json"
  ])("RSA OAEP opens every valid vector and no other, %s", (file) => {
    const vectors = wycheproof(file).filter(file.includes("misc") ? isAffordable : () => true)
    expect(vectors.length).toBeGreaterThan(6)
    for (const vector of vectors) {
      const hash = vector.group.sha === "SHA-1" ? "sha1" : "sha256"
      const opened = secretOf(vector)?.openOaep(hash, field(vector.test.ct))
      expect(opened && toHex(opened), `test ${vector.test.tcId}`).toBe(vector.isValid ? vector.test.msg : undefined)
    }
  })

  it("RSA PKCS #1 v1.5 unpads every valid vector only at its own length, and no invalid one", () => {
    for (const vector of wycheproof("rsa_pkcs1_2048_test.json")) {
      const block = secretOf(vector)?.raw(field(vector.test.ct))
      const own = field(vector.test.msg).length
      for (const length of new Set([own, own + 1, own - 1, 16, 32, 245, 246, 256])) {
        const opened = block && unpadPkcs1(block, length)
        const isOpen = vector.isValid && length === own
        expect(opened && toHex(opened), `test ${vector.test.tcId}`).toBe(isOpen ? vector.test.msg : undefined)
      }
    }
  })

  it("RSA PKCS #1 v1.5 reproduces signatures of SHA-256 byte for byte", () => {
    for (const vector of wycheproof("rsa_pkcs1_2048_sig_gen_test.json")) {
      const key = secretOf(vector)
      const signature = key?.raw(encodePkcs1(sha256(field(vector.test.msg)), key.modulusBytes))
      expect(signature && toHex(signature) === vector.test.sig, `test ${vector.test.tcId}`).toBe(vector.isValid)
    }
  })

  it("RSA PKCS #1 v1.5 accepts valid signatures and no others", () => {
    for (const vector of wycheproof("rsa_signature_2048_sha256_test.json")) {
      const block = openBlock(vector)
      const expected = encodePkcs1(sha256(field(vector.test.msg)), block?.length ?? 256)
      expect(block !== undefined && toHex(block) === toHex(expected), `test ${vector.test.tcId}`).toBe(vector.isValid)
    }
  })

  it.for([
    "rsa_pss_2048_sha256_mgf1_32_test.json",
    "rsa_pss_2048_sha256_mgf1_32_params_test.json",
    "rsa_pss_2048_sha256_mgf1_0_test.json",
    "rsa_pss_2048_sha256_mgf1sha1_20_test.json",
    "rsa_pss_misc_test.json"
  ])("RSA PSS accepts only valid signatures with SHA-256 and 32 bytes of salt, %s", (file) => {
    for (const vector of wycheproof(file)) {
      const block = openBlock(vector)
      const isSignature = block !== undefined && isPss(block, sha256(field(vector.test.msg)))
      expect(isSignature, `test ${vector.test.tcId}`).toBe(vector.isValid)
    }
  })
})

describe("encodings of RSA", () => {
  const random = chance("encodings")

  it("an encoded PSS block fits its digest with any salt, no other digest, and no changed bit", () => {
    for (const modulusBytes of [256, 384]) {
      const digest = random.bytes(32)
      const block = encodePss(digest, random.bytes(32), modulusBytes)
      expect([isPss(block, digest), isPss(block, random.bytes(32))]).toStrictEqual([true, false])
      for (let bit = 0; bit < modulusBytes * 8; bit += 7) expect(isPss(flipped(block, bit), digest)).toBe(false)
    }
  })

  it("a PKCS #1 v1.5 block is unpadded exactly if its frame is intact", () => {
    const message = random.bytes(32)
    const block = Uint8Array.from([0, 2, ...new Uint8Array(221).fill(0x5a), 0, ...message])
    expect(unpadPkcs1(block, 32)).toStrictEqual(message)
    for (let at = 0; at < 256 - 32; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const isPadding = at >= 2 && at < 223
        const isWhole = isPadding ? byte !== 0 : byte === block[at]
        expect(unpadPkcs1(block.with(at, byte), 32) !== undefined, `byte ${at} is ${byte}`).toBe(isWhole)
      }
    }
  })
})
