/** The curves of OpenSSL: the same vectors as those in JavaScript, and each library with the other's output. */
import { spawnSync } from "node:child_process"
import { createHash, createPrivateKey } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { curves, drawScalar, pointOf, pointToBytes, publicPointOf } from "../../src/crypto/asymmetric/curves.ts"
import { derInteger, derSequence } from "../../src/crypto/asymmetric/der.ts"
import { isConsistent, makePairs } from "../../src/crypto/asymmetric/pairs.ts"
import { encodeEcPrivateKey } from "../../src/crypto/asymmetric/pkcs8.ts"
import { derSm2Ciphertext, rawSm2Ciphertext } from "../../src/crypto/asymmetric/sm2Der.ts"
import { encodeEcPublicKey, parseEcPublicKey } from "../../src/crypto/asymmetric/spki.ts"
import { watch } from "../../src/crypto/healthyRandomness.ts"
import { opensslCurves } from "../../src/crypto/native/nativeCurves.ts"
import { nativePrimitives } from "../../src/crypto/native/nativePrimitives.ts"
import { openLibcrypto } from "../../src/crypto/native/openssl/libcrypto.ts"
import { isTested } from "../../src/crypto/native/openssl/ownOpenssl.ts"
import { curveAnswers } from "../../src/crypto/knownAnswers/curves.ts"
import { portablePrimitives } from "../../src/crypto/portable/portablePrimitives.ts"
import type { Curves } from "../../src/crypto/primitives.ts"
import { chance, flipped, toHex } from "./material.ts"
import { field, vectorSet, wycheproof } from "./vectors.ts"

const found = opensslCurves(nativePrimitives)
if (found === undefined) throw new Error("the Node of the tests can call OpenSSL")
const openssl: Curves = found
const { curves: javascript, sm3 } = portablePrimitives
const specs = ["EC_P256", "EC_P256K"] as const
type Spec = (typeof specs)[number] | "EC_SM2"

const random = chance("openssl curves")
const watched = watch(random)
const concat = (...parts: ReadonlyArray<Uint8Array>) => new Uint8Array(parts.flatMap((part) => [...part]))

const pairOf = (spec: Spec, scalar = drawScalar(curves[spec], watched)) => {
  const point = publicPointOf(curves[spec], scalar)
  return { scalar, pkcs8: encodeEcPrivateKey(spec, scalar, point), spki: encodeEcPublicKey(spec, point) }
}

const keysOf = (library: Curves, spec: Spec, { pkcs8, spki }: ReturnType<typeof pairOf>) =>
  spec === "EC_SM2"
    ? { secret: library.sm2PrivateKey(pkcs8, watched), open: library.sm2PublicKey(spki, watched) }
    : { secret: library.ecdsaPrivateKey(spec, pkcs8, watched), open: library.ecdsaPublicKey(spec, spki) }

const sm2KeysOf = (library: Curves, pair: ReturnType<typeof pairOf>) => ({
  secret: library.sm2PrivateKey(pair.pkcs8, watched),
  open: library.sm2PublicKey(pair.spki, watched)
})

describe("the curves of OpenSSL", () => {
  it.each([
    { spec: "EC_P256", file: "ecdsa_secp256r1_sha256_test.json" },
    { spec: "EC_P256K", file: "ecdsa_secp256k1_sha256_test.json" },
    { spec: "EC_P256K", file: "ecdsa_secp256k1_sha256_bitcoin_test.json" }
  ] as const)("OpenSSL's curves accept a signature exactly if the vector is valid, $file", ({ spec, file }) => {
    for (const { group, test, isValid } of wycheproof(file)) {
      const spki = field(group.publicKeyDer)
      if (parseEcPublicKey(spec, spki) === undefined) {
        expect(isValid, `test ${test.tcId}`).toBe(false)
        continue
      }
      const key = openssl.ecdsaPublicKey(spec, spki)
      const digest = createHash("sha256").update(field(test.msg)).digest()
      expect(key.verify(digest, field(test.sig)), `test ${test.tcId}`).toBe(isValid)
      key.release()
    }
  })

  it("OpenSSL's curves accept an SM2 signature exactly if the vector is valid", () => {
    const vectors = vectorSet("sm2_sign.json").filter(({ test }) => test.curve === "sm2p256v1")
    let tried = 0
    for (const { test, isValid } of vectors) {
      const spki = encodeEcPublicKey("EC_SM2", field(test.publicKey))
      if (parseEcPublicKey("EC_SM2", spki) === undefined) continue
      const digest = sm3(concat(field(test.za), field(test.msg)))
      const signature = derSequence(derInteger(BigInt(`0x${test.r}`)), derInteger(BigInt(`0x${test.s}`)))
      expect(openssl.sm2PublicKey(spki, watched).verify(digest, signature), `test ${test.tcId}`).toBe(isValid)
      tried++
    }
    expect(tried).toBeGreaterThan(60)
  })

  it("OpenSSL's curves open an SM2 ciphertext exactly if the vector is valid", () => {
    const vectors = vectorSet("sm2_encrypt.json").filter(({ test }) => test.curve === "sm2p256v1")
    for (const { test, isValid } of vectors) {
      const raw = rawSm2Ciphertext(field(test.der))
      const { secret } = sm2KeysOf(openssl, pairOf("EC_SM2", field(test.privateKey)))
      const opened = raw && secret.decrypt(raw)
      expect(opened && toHex(opened), `test ${test.tcId}`).toBe(isValid ? test.msg : undefined)
      if (isValid && raw !== undefined) expect(toHex(derSm2Ciphertext(raw))).toBe(test.der)
    }
  })

  it.for(specs)("OpenSSL and JavaScript make the same deterministic signatures, %s", (spec) => {
    for (let i = 0; i < 20; i++) {
      const { pkcs8 } = pairOf(spec)
      const digest = random.bytes(32)
      const signed = (library: Curves) => {
        const key = library.ecdsaPrivateKey(spec, pkcs8, watched)
        const signature = key.signRepeatably(digest)
        key.wipe()
        return signature && toHex(signature)
      }
      expect(signed(openssl)).toBe(signed(javascript))
    }
  })

  it.for([...specs, "EC_SM2"] as const)("OpenSSL and JavaScript verify each other's signatures, %s", (spec) => {
    for (let i = 0; i < 5; i++) {
      const pair = pairOf(spec)
      const [one, other] = [keysOf(openssl, spec, pair), keysOf(javascript, spec, pair)]
      const digest = i === 0 ? new Uint8Array(32) : random.bytes(32)
      for (const [signer, verifier] of [
        [one, other],
        [other, one],
        [one, one]
      ] as const) {
        const signature = signer.secret.sign(digest) ?? new Uint8Array(0)
        expect(verifier.open.verify(digest, signature)).toBe(true)
        expect(verifier.open.verify(flipped(digest, 7), signature)).toBe(false)
      }
    }
  })

  it.for([...specs, "EC_SM2"] as const)(
    "OpenSSL's curves refuse a signature with a bit changed, cut or lengthened, %s",
    (spec) => {
      const { secret, open } = keysOf(openssl, spec, pairOf(spec))
      const digest = random.bytes(32)
      const signature = secret.sign(digest) ?? new Uint8Array(0)
      const is = (candidate: Uint8Array) => open.verify(digest, candidate)
      for (let bit = 0; bit < signature.length * 8; bit++) expect(is(flipped(signature, bit)), `bit ${bit}`).toBe(false)
      for (let length = 0; length < signature.length; length++) expect(is(signature.subarray(0, length))).toBe(false)
      for (const tail of [[0], [0xff], [...signature]]) expect(is(concat(signature, new Uint8Array(tail)))).toBe(false)
      expect(is(new Uint8Array(100_000).fill(0x30))).toBe(false)
      expect(is(signature)).toBe(true)
    }
  )

  it("OpenSSL signs on secp256k1 with the lower s, and never twice with one nonce", () => {
    const { secret } = keysOf(openssl, "EC_P256K", pairOf("EC_P256K"))
    const digest = random.bytes(32)
    const half = curves.EC_P256K.Point.Fn.ORDER / 2n
    const seen = new Set<string>()
    for (let i = 0; i < 40; i++) {
      const hex = toHex(secret.sign(digest) ?? new Uint8Array(0))
      const rDigits = 2 * Number.parseInt(hex.slice(6, 8), 16)
      seen.add(hex.slice(8, 8 + rDigits))
      expect(BigInt(`0x${hex.slice(8 + rDigits + 4)}`) <= half).toBe(true)
    }
    expect(seen.size).toBe(40)
  })

  it("OpenSSL and JavaScript open each other's SM2 ciphertexts of every length", () => {
    const pair = pairOf("EC_SM2")
    const [one, other] = [sm2KeysOf(openssl, pair), sm2KeysOf(javascript, pair)]
    for (const length of [1, 2, 31, 32, 33, 1000, 6047]) {
      const plaintext = random.bytes(length)
      for (const [sealer, opener] of [
        [one, other],
        [other, one],
        [one, one]
      ] as const) {
        const opened = opener.secret.decrypt(sealer.open.encrypt(plaintext) ?? new Uint8Array(0))
        expect(opened && toHex(opened)).toBe(toHex(plaintext))
      }
    }
    for (const length of [0, 6048]) expect(one.open.encrypt(new Uint8Array(length))).toBeUndefined()
  })

  it("OpenSSL's curves refuse a changed or cut SM2 ciphertext", () => {
    const { secret, open } = sm2KeysOf(openssl, pairOf("EC_SM2"))
    const ciphertext = open.encrypt(random.bytes(40)) ?? new Uint8Array(0)
    for (let at = 0; at < ciphertext.length; at++)
      expect(secret.decrypt(flipped(ciphertext, at * 8)), `byte ${at}`).toBeUndefined()
    for (let length = 0; length < ciphertext.length; length++)
      expect(secret.decrypt(ciphertext.subarray(0, length))).toBeUndefined()
    expect(secret.decrypt(new Uint8Array(100_000).fill(4))).toBeUndefined()
  })

  it("OpenSSL and JavaScript refuse an SM2 ciphertext whose key stream is zero", () => {
    const pair = pairOf("EC_SM2")
    const { Point } = curves.EC_SM2
    const theirs = pointOf(curves.EC_SM2, pair.spki.slice(-65)) ?? Point.ZERO
    const unmasked = (nonce: bigint): Uint8Array => {
      const shared = pointToBytes(theirs.multiply(nonce)).subarray(1)
      if (sm3(concat(shared, Uint8Array.of(0, 0, 0, 1)))[0] !== 0) return unmasked(nonce + 1n)
      const text = Uint8Array.of(0x61)
      const hash = sm3(concat(shared.subarray(0, 32), text, shared.subarray(32)))
      return concat(pointToBytes(Point.BASE.multiply(nonce)), hash, text)
    }
    const ciphertext = unmasked(2n)
    for (const library of [openssl, javascript])
      expect(sm2KeysOf(library, pair).secret.decrypt(ciphertext)).toBeUndefined()
  })

  it("OpenSSL's curves accept digests and signatures that are parts of larger arrays", () => {
    const { secret, open } = keysOf(openssl, "EC_P256", pairOf("EC_P256"))
    const digest = random.bytes(64).subarray(11, 43)
    const signature = concat(new Uint8Array(5), secret.sign(digest) ?? new Uint8Array(0)).subarray(5)
    expect(open.verify(digest.slice(), signature)).toBe(true)
  })
})

describe("a key of OpenSSL", () => {
  it.for([...specs, "EC_SM2"] as const)("a freed OpenSSL key refuses every use, and may be freed twice, %s", (spec) => {
    const { secret, open } = keysOf(openssl, spec, pairOf(spec))
    const digest = random.bytes(32)
    const signature = secret.sign(digest) ?? new Uint8Array(0)
    for (const _ of [1, 2]) {
      secret.wipe()
      open.release()
    }
    expect(() => secret.sign(digest)).toThrow("a freed key has no use")
    expect(() => open.verify(digest, signature)).toThrow("a freed key has no use")
  })

  it("an OpenSSL key refuses another encoding and a digest of another length", () => {
    const { pkcs8, spki } = pairOf("EC_P256")
    const libcrypto = openLibcrypto()
    for (const length of [0, 1, 20, pkcs8.length - 1]) {
      expect(libcrypto?.privateKey(pkcs8.subarray(0, length))).toBeUndefined()
    }
    expect(libcrypto?.publicKey(spki.subarray(1))).toBeUndefined()
    const key = libcrypto?.privateKey(pkcs8)
    for (const length of [0, 31, 33, 64])
      expect(() => key?.sign(new Uint8Array(length))).toThrow("a digest has 32 bytes")
    for (const operation of ["encrypt", "decrypt"] as const) expect(key?.[operation](random.bytes(200))).toBeUndefined()
  })

  it("an error of an OpenSSL key does not appear in the next error of Node", () => {
    const { secret, open } = sm2KeysOf(openssl, pairOf("EC_SM2"))
    expect(open.verify(random.bytes(32), random.bytes(70))).toBe(false)
    const ciphertext = open.encrypt(random.bytes(40)) ?? new Uint8Array(0)
    expect(secret.decrypt(flipped(ciphertext, 8 * 80))).toBeUndefined()
    const { pkcs8 } = pairOf("EC_P256")
    expect(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }).type).toBe("private")
  })

  it("the garbage collector frees OpenSSL keys, and none that is in use", async () => {
    setFlagsFromString("--expose-gc")
    const collect: () => void = runInNewContext("gc")
    const pair = pairOf("EC_P256")
    const digest = random.bytes(32)
    const { secret, open } = keysOf(openssl, "EC_P256", pair)
    const { verify } = open
    const signature = secret.sign(digest) ?? new Uint8Array(0)
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 50; i++) expect(keysOf(openssl, "EC_P256", pair).open.verify(digest, signature)).toBe(true)
      collect()
      await setImmediate()
      expect(verify(digest, signature)).toBe(true)
    }
    secret.wipe()
  })
})

describe("the native provider's curves", () => {
  it.for([...specs, "EC_SM2"] as const)(
    "the native provider's curves use only the given randomness in place of the system's, %s",
    async (spec) => {
      const signed = async (isSystem: boolean) => {
        const source = watch({ ...chance("seeded"), isSystem })
        const kind = makePairs(nativePrimitives, source)[spec]
        const pair = await kind.generate()
        expect(await Effect.runPromise(isConsistent(kind, pair))).toBe(true)
        const opened = kind.open(pair)
        const [signer] = opened.signers.values()
        const signature = (signer && (await Effect.runPromise(signer.sign(new Uint8Array(32))))) ?? new Uint8Array(0)
        expect(signer?.verify(new Uint8Array(32), signature)).toBe(true)
        opened.wipe()
        return toHex(signature)
      }
      expect(await signed(false)).toBe(await signed(false))
      expect(await signed(true)).not.toBe(await signed(true))
    }
  )

  it("the native provider does not use OpenSSL's curves on an untested Node release, system or processor", () => {
    const { versions, platform, arch } = process
    expect(isTested({ versions, platform, arch })).toBe(true)
    expect(isTested({ versions: { ...versions, node: "27.0.0" }, platform, arch })).toBe(false)
    expect(isTested({ versions, platform: "win32", arch })).toBe(false)
    expect(isTested({ versions, platform, arch: "ia32" })).toBe(false)
  })

  it.for([
    ["signs wrongly", { sign: (made: Uint8Array) => flipped(made, 70) }],
    ["verifies nothing", { verify: (): boolean => false }],
    ["verifies everything", { verify: (): boolean => true }]
  ] as const)("the native provider's curves do not trust a library that %s", ([, fault]) => {
    const wrong: Curves = {
      ...openssl,
      ecdsaPrivateKey: (...given) => {
        const key = openssl.ecdsaPrivateKey(...given)
        const sign = (digest: Uint8Array) => {
          const made = key.sign(digest)
          return made && ("sign" in fault ? fault.sign(made) : made)
        }
        return { ...key, sign }
      },
      ecdsaPublicKey: (...given) => {
        const key = openssl.ecdsaPublicKey(...given)
        return "verify" in fault ? { ...key, verify: fault.verify } : key
      }
    }
    expect(curveAnswers({ curves: wrong, sm3: nativePrimitives.sm3 })).toBe(false)
    expect(curveAnswers({ curves: openssl, sm3: nativePrimitives.sm3 })).toBe(true)
  })
})

/** Signs and verifies with each spec, and prints which library did it. */
const program = `
const at = (path) => import(new URL(path, ${JSON.stringify(new URL("../../src/crypto/", import.meta.url).href)}).href)
const { Effect } = await import(${JSON.stringify(import.meta.resolve("effect"))})
const { nativePrimitives } = await at("native/nativePrimitives.ts")
const { opensslCurves } = await at("native/nativeCurves.ts")
const { makePairs, isConsistent } = await at("asymmetric/pairs.ts")
const { watch } = await at("healthyRandomness.ts")
const bytes = (length) => crypto.getRandomValues(new Uint8Array(length))
const pairs = makePairs(nativePrimitives, watch({ bytes, uuid: () => crypto.randomUUID(), isSystem: true }))
for (const spec of ["EC_P256", "EC_P256K", "EC_SM2"]) {
  const isSound = isConsistent(pairs[spec], await pairs[spec].generate())
  if (!(await Effect.runPromise(isSound))) throw new Error(spec)
}
process.stdout.write(opensslCurves(nativePrimitives) === undefined ? "JavaScript" : "OpenSSL")
process.emitWarning("a warning of the program")`

describe("a program on the native provider", () => {
  it.for([
    ["without options", [], "OpenSSL"],
    ["without permission for foreign functions", ["--permission", "--allow-fs-read=*"], "JavaScript"],
    ["without foreign functions", ["--no-experimental-ffi"], "JavaScript"]
  ] as const)("a program on the native provider signs and prints only its own warnings, %s", ([, options, library]) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...options, "--input-type=module", "--eval", program],
      { encoding: "utf8", env: { PATH: process.env["PATH"] } }
    )
    expect([status, stdout]).toEqual([0, library])
    expect(stderr.split("\n").filter((line) => /Warning:/.test(line))).toEqual([
      expect.stringContaining("a warning of the program")
    ])
  })
})
