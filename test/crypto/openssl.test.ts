/** The openssl command and a provider: each reads the output of the other. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { derInteger, derOctets, derSequence, parseDer } from "../../src/crypto/asymmetric/der.ts"
import { sm2Digest } from "../../src/crypto/asymmetric/sm2.ts"
import type { WrappingAlgorithm } from "../../src/domain/algorithms.ts"
import { adoptable } from "../../src/conformance/provider/adoptable.ts"
import { chance, fromHex, noContext, rowA, toHex } from "./material.ts"
import { providerOf } from "../../src/conformance/provider/providerLaws.ts"
import { native } from "./providers.ts"

const folder = mkdtempSync(join(tmpdir(), "keystate-openssl-"))
afterAll(() => rmSync(folder, { recursive: true }))

const provider = providerOf(native, chance("openssl"))
const random = chance("interop")

const openssl = (args: ReadonlyArray<string>): Uint8Array =>
  new Uint8Array(execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"] }))

let files = 0
const file = (bytes: Uint8Array): string => {
  const path = join(folder, `${files++}`)
  writeFileSync(path, bytes)
  return path
}

const options = (...settings: ReadonlyArray<string>) => settings.flatMap((setting) => ["-pkeyopt", setting])
const der = ["-keyform", "DER"]

const rsaSignatures = {
  RSA_PSS_SHA_256: options("digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:32"),
  RSA_PKCS1_SHA_256: options("digest:sha256", "rsa_padding_mode:pkcs1")
} as const
const rsaPaddings = {
  RSAES_PKCS1_V1_5: options("rsa_padding_mode:pkcs1"),
  RSAES_OAEP_SHA_1: options("rsa_padding_mode:oaep", "rsa_oaep_md:sha1", "rsa_mgf1_md:sha1"),
  RSAES_OAEP_SHA_256: options("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")
} as const

const held = (spec: "RSA_2048" | "RSA_3072" | "EC_P256" | "EC_P256K" | "EC_SM2") =>
  Effect.gen(function* () {
    const { pkcs8, spki } = adoptable(spec)
    const stored = yield* provider.adopt({ row: rowA, spec, material: pkcs8 })
    const handle = yield* provider.open({ row: rowA, spec, stored })
    return { handle, spki, secretKey: file(pkcs8), publicKey: file(spki) }
  })

const cases = [
  ...(["RSA_2048", "RSA_3072"] as const).flatMap((spec) =>
    (["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"] as const).map((algorithm) => ({
      spec,
      algorithm,
      settings: rsaSignatures[algorithm]
    }))
  ),
  ...(["EC_P256", "EC_P256K"] as const).map((spec) => ({ spec, algorithm: "ECDSA_SHA_256" as const, settings: [] }))
]

describe("signatures", () => {
  it.effect.each(cases)(
    "OpenSSL and the service verify each other's signatures of $spec with $algorithm",
    ({ spec, algorithm, settings }) =>
      Effect.gen(function* () {
        const { handle, secretKey, publicKey } = yield* held(spec)
        const digest = random.bytes(32)
        const mine = file(yield* provider.sign({ handle, algorithm, digest }))
        const verified = openssl([
          "pkeyutl",
          "-verify",
          "-pubin",
          ...der,
          "-inkey",
          publicKey,
          "-sigfile",
          mine,
          "-in",
          file(digest),
          ...settings
        ])
        expect(new TextDecoder().decode(verified)).toContain("Signature Verified Successfully")
        const signature = openssl(["pkeyutl", "-sign", ...der, "-inkey", secretKey, "-in", file(digest), ...settings])
        expect(yield* provider.verify({ handle, algorithm, digest, signature })).toBe(true)
      })
  )

  it.effect(
    "OpenSSL and the service verify each other's SM2DSA signatures over a message and the standard's identifier",
    () =>
      Effect.gen(function* () {
        const { handle, spki, secretKey, publicKey } = yield* held("EC_SM2")
        const algorithm = "SM2DSA"
        const message = random.bytes(100)
        const digest = sm2Digest(spki.slice(-65), message)
        const settings = ["-rawin", "-digest", "sm3", ...options("distid:1234567812345678")]
        const mine = file(yield* provider.sign({ handle, algorithm, digest }))
        const verified = openssl([
          "pkeyutl",
          "-verify",
          "-pubin",
          ...der,
          "-inkey",
          publicKey,
          "-sigfile",
          mine,
          "-in",
          file(message),
          ...settings
        ])
        expect(new TextDecoder().decode(verified)).toContain("Signature Verified Successfully")
        const signature = openssl(["pkeyutl", "-sign", ...der, "-inkey", secretKey, "-in", file(message), ...settings])
        expect(yield* provider.verify({ handle, algorithm, digest, signature })).toBe(true)
      })
  )
})

/** The command writes SM2 ciphertexts as DER (GM/T 0009, section 7.2); in the API they are raw. */
const sm2ToDer = (raw: Uint8Array): Uint8Array => {
  const number = (from: number) => derInteger(BigInt(`0x${toHex(raw.subarray(from, from + 32))}`))
  return derSequence(number(1), number(33), derOctets(raw.subarray(65, 97)), derOctets(raw.subarray(97)))
}
const sm2FromDer = (ciphertext: Uint8Array): Uint8Array => {
  const parts = parseDer(ciphertext, (der) =>
    der.sequence((parts) => {
      const coordinates = [parts.integer(), parts.integer()].map((n) => n.toString(16).padStart(64, "0")).join("")
      return [...fromHex(`04${coordinates}`), ...parts.octets(), ...parts.octets()]
    })
  )
  return Uint8Array.from(parts ?? [])
}

const encrypted = (publicKey: Uint8Array, algorithm: WrappingAlgorithm, plaintext: Uint8Array): Uint8Array => {
  const settings = algorithm === "SM2PKE" ? options("digest:sm3") : rsaPaddings[algorithm]
  const input = file(plaintext)
  const made = openssl(["pkeyutl", "-encrypt", "-pubin", ...der, "-inkey", file(publicKey), "-in", input, ...settings])
  return algorithm === "SM2PKE" ? sm2FromDer(made) : made
}
const decrypted = (secretKey: string, algorithm: WrappingAlgorithm, ciphertext: Uint8Array): Uint8Array => {
  const settings = algorithm === "SM2PKE" ? options("digest:sm3") : rsaPaddings[algorithm]
  const input = file(algorithm === "SM2PKE" ? sm2ToDer(ciphertext) : ciphertext)
  return openssl(["pkeyutl", "-decrypt", ...der, "-inkey", secretKey, "-in", input, ...settings])
}

describe("encryption", () => {
  it.effect.each([
    { spec: "RSA_2048", algorithm: "RSAES_OAEP_SHA_1" },
    { spec: "RSA_2048", algorithm: "RSAES_OAEP_SHA_256" },
    { spec: "RSA_3072", algorithm: "RSAES_OAEP_SHA_256" },
    { spec: "EC_SM2", algorithm: "SM2PKE" }
  ] as const)(
    "OpenSSL and the service decrypt each other's ciphertexts of $spec with $algorithm",
    ({ spec, algorithm }) =>
      Effect.gen(function* () {
        const { handle, spki, secretKey } = yield* held(spec)
        const plaintext = random.bytes(48)
        const mine = yield* provider.encrypt({ handle, algorithm, plaintext })
        expect(toHex(decrypted(secretKey, algorithm, mine))).toBe(toHex(plaintext))
        const ciphertext = encrypted(spki, algorithm, plaintext)
        expect(toHex(yield* provider.decrypt({ handle, algorithm, ciphertext }))).toBe(toHex(plaintext))
      })
  )
})

describe("import and export", () => {
  it.effect.each([
    { keySpec: "RSA_2048", algorithm: "RSAES_PKCS1_V1_5" },
    { keySpec: "RSA_2048", algorithm: "RSAES_OAEP_SHA_1" },
    { keySpec: "RSA_2048", algorithm: "RSAES_OAEP_SHA_256" },
    { keySpec: "EC_SM2", algorithm: "SM2PKE" }
  ] as const)(
    "OpenSSL wraps material with $algorithm for an import, and unwraps an exported data key",
    ({ keySpec, algorithm }) =>
      Effect.gen(function* () {
        const material = random.bytes(32)
        const spec = "Aliyun_AES_256"
        const pair = yield* provider.makeWrappingPair({ id: rowA.keyId, spec: keySpec })
        const { stored } = yield* provider.importMaterial({
          row: rowA,
          spec,
          wrapping: { id: rowA.keyId, spec: keySpec, sealed: pair.sealed },
          algorithm,
          wrapped: encrypted(pair.publicKey, algorithm, material)
        })
        const imported = yield* provider.open({ row: rowA, spec, stored })
        const adopted = yield* provider.adopt({ row: rowA, spec, material })
        const direct = yield* provider.open({ row: rowA, spec, stored: adopted })
        const blob = yield* provider.seal({ handle: direct, plaintext: material, context: noContext })
        expect(toHex(yield* provider.unseal({ handle: imported, blob, context: noContext }))).toBe(toHex(material))

        const { spki, secretKey } = yield* held(keySpec)
        const exported = yield* provider.wrap({ publicKey: spki, keySpec, algorithm, plaintext: material })
        expect(toHex(decrypted(secretKey, algorithm, exported))).toBe(toHex(material))
      })
  )
})
