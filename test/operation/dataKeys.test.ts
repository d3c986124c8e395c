/** Data keys: their lengths, their export, and re-encryption (API reference 6). */
import { sm2 } from "sm-crypto-v2"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { testKms } from "../../src/testing.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { refused } from "./doors.ts"
import { makeReceiver, versionsOf } from "./wrapping.ts"
import type { RsaWrapping } from "./wrapping.ts"

let kms: PromiseKms
let KeyId: string
beforeAll(async () => {
  kms = await testKms()
  KeyId = (await kms.createKey()).KeyMetadata.KeyId
})
afterAll(() => kms.close())

const receiver = makeReceiver()
const rsaWrappings: ReadonlyArray<RsaWrapping> = ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
/** RFC 8017: the bytes that fit in 256 bytes with each padding. */
const bytesMax: Readonly<Record<RsaWrapping, number>> = {
  RSAES_PKCS1_V1_5: 245,
  RSAES_OAEP_SHA_1: 214,
  RSAES_OAEP_SHA_256: 190
}
const toReceiver = (WrappingAlgorithm: RsaWrapping) =>
  ({ PublicKeyBlob: receiver.publicKey, WrappingKeySpec: "RSA_2048", WrappingAlgorithm }) as const

/** SubjectPublicKeyInfo of an SM2 key: id-ecPublicKey on the curve 1.2.156.10197.1.301, then the point. */
const sm2Spki = (point: string): string =>
  Buffer.from(`3059301306072a8648ce3d020106082a811ccf5501822d034200${point}`, "hex").toString("base64")

describe("a data key", () => {
  it("a data key has the requested length: 32 bytes by default, and NumberOfBytes before KeySpec", async () => {
    for (const [request, bytes] of [
      [{}, 32],
      [{ KeySpec: "AES_256" }, 32],
      [{ KeySpec: "AES_128" }, 16],
      [{ NumberOfBytes: 1 }, 1],
      [{ NumberOfBytes: 1024 }, 1024],
      [{ KeySpec: "constructor", NumberOfBytes: 7 }, 7]
    ] as const) {
      const made = await kms.generateDataKey({ KeyId, ...request })
      expect(Buffer.from(made.Plaintext, "base64")).toHaveLength(bytes)
      expect((await kms.decrypt(made)).Plaintext).toBe(made.Plaintext)
      const { CiphertextBlob, ...sealed } = await kms.generateDataKeyWithoutPlaintext({
        KeyId,
        ...request
      })
      expect(Object.keys(sealed).toSorted()).toEqual(["KeyId", "KeyVersionId", "RequestId"])
      expect(Buffer.from((await kms.decrypt({ CiphertextBlob })).Plaintext, "base64")).toHaveLength(bytes)
    }
  })

  it("GenerateDataKey refuses an undefined length, also if the name is one of Object.prototype", async () => {
    for (const KeySpec of ["AES_192", "aes_256", "constructor", "__proto__", "toString"]) {
      expect(await refused(kms.generateDataKey({ KeyId, KeySpec }))).toEqual(["InvalidParameter", "KeySpec"])
    }
    for (const NumberOfBytes of [0, 1025, -1]) {
      const call = kms.generateDataKey({ KeyId, NumberOfBytes })
      expect(await refused(call)).toEqual(["InvalidParameter", "NumberOfBytes"])
    }
  })
})

describe("an exported data key", () => {
  it.each(rsaWrappings)(
    "an exported data key is wrapped by %s, up to the maximum number of bytes",
    async (algorithm) => {
      const to = toReceiver(algorithm)
      const most = bytesMax[algorithm]
      const { CiphertextBlob, ExportedDataKey, ...reply } = await kms.generateAndExportDataKey({
        KeyId,
        NumberOfBytes: most,
        EncryptionContext: { to: "bank" },
        ...to
      })
      expect(Object.keys(reply).toSorted()).toEqual(["KeyId", "KeyVersionId", "RequestId"])
      const unwrapped = receiver.unwrap(ExportedDataKey, algorithm)
      expect(unwrapped).toHaveLength(most)
      const { Plaintext } = await kms.decrypt({ CiphertextBlob, EncryptionContext: { to: "bank" } })
      expect(unwrapped.toString("base64")).toBe(Plaintext)
      const again = await kms.exportDataKey({ CiphertextBlob, EncryptionContext: { to: "bank" }, ...to })
      expect(receiver.unwrap(again.ExportedDataKey, algorithm).toString("base64")).toBe(Plaintext)
      expect(again).toMatchObject({ KeyId, KeyVersionId: reply.KeyVersionId })

      const longer = { KeyId, NumberOfBytes: most + 1 }
      expect(await refused(kms.generateAndExportDataKey({ ...longer, ...to }))).toEqual([
        "InvalidParameter",
        "NumberOfBytes"
      ])
      const blob = (await kms.generateDataKey(longer)).CiphertextBlob
      expect(await refused(kms.exportDataKey({ CiphertextBlob: blob, ...to }))).toEqual([
        "InvalidParameter",
        "CiphertextBlob"
      ])
    }
  )

  it("an exported data key is wrapped by SM2PKE, and another implementation unwraps the key", async () => {
    const pair = sm2.generateKeyPairHex()
    const to = {
      PublicKeyBlob: sm2Spki(pair.publicKey),
      WrappingKeySpec: "EC_SM2",
      WrappingAlgorithm: "SM2PKE"
    } as const
    const { CiphertextBlob, ExportedDataKey } = await kms.generateAndExportDataKey({
      KeyId,
      NumberOfBytes: 1024,
      ...to
    })
    const { Plaintext } = await kms.decrypt({ CiphertextBlob })
    for (const wrapped of [ExportedDataKey, (await kms.exportDataKey({ CiphertextBlob, ...to })).ExportedDataKey]) {
      const bytes = Buffer.from(wrapped, "base64")
      expect([bytes.length, bytes[0]]).toEqual([1024 + 97, 4])
      const hex = bytes.subarray(1).toString("hex")
      expect(Buffer.from(sm2.doDecrypt(hex, pair.privateKey, 1, { output: "array" })).toString("base64")).toBe(
        Plaintext
      )
    }
  })

  it("ExportDataKey needs a data key, and a public key of the stated kind", async () => {
    const text = await kms.encrypt({ KeyId, Plaintext: "no Base64!" })
    const to = toReceiver("RSAES_OAEP_SHA_1")
    expect(await refused(kms.exportDataKey({ CiphertextBlob: text.CiphertextBlob, ...to }))).toEqual([
      "InvalidParameter",
      "CiphertextBlob"
    ])
    const { publicKey } = sm2.generateKeyPairHex()
    for (const wrong of [
      { ...to, PublicKeyBlob: sm2Spki(publicKey) },
      { ...to, WrappingKeySpec: "EC_SM2", WrappingAlgorithm: "SM2PKE" } as const,
      { ...to, PublicKeyBlob: makeReceiver(1024).publicKey },
      { ...to, PublicKeyBlob: "AAAA" }
    ]) {
      const call = kms.generateAndExportDataKey({ KeyId, ...wrong })
      expect(await refused(call)).toEqual(["InvalidParameter", "PublicKeyBlob"])
    }
  })
})

describe("ReEncrypt", () => {
  it("ReEncrypt re-encrypts ciphertext of a symmetric key with its context, and names the source key", async () => {
    const from = (await kms.createKey()).KeyMetadata.KeyId
    await kms.createAlias({ KeyId, AliasName: "alias/destination" })
    const made = await kms.generateDataKey({ KeyId: from, EncryptionContext: { a: "1" } })
    const moved = await kms.reEncrypt({
      CiphertextBlob: made.CiphertextBlob,
      SourceEncryptionContext: { a: "1" },
      DestinationKeyId: "alias/destination",
      DestinationEncryptionContext: { b: "2" }
    })
    expect(moved).toMatchObject({ KeyId: from, KeyVersionId: made.KeyVersionId })
    const opened = await kms.decrypt({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: "2" } })
    expect(opened).toMatchObject({ Plaintext: made.Plaintext, KeyId })
    for (const SourceEncryptionContext of [{ a: "2" }, undefined]) {
      const { CiphertextBlob } = made
      const call = kms.reEncrypt({ CiphertextBlob, SourceEncryptionContext, DestinationKeyId: KeyId })
      expect(await refused(call)).toEqual(["InvalidParameter", "CiphertextBlob"])
    }
  })

  it.each([
    ["RSA_2048", "RSAES_OAEP_SHA_1", "SOFTWARE"],
    ["RSA_2048", "RSAES_OAEP_SHA_256", "HSM"],
    ["EC_SM2", "SM2PKE", "HSM"]
  ] as const)(
    "ReEncrypt takes Base64 text that a public key of %s encrypted with %s",
    async (spec, algorithm, level) => {
      const made = await kms.createKey({ KeySpec: spec, KeyUsage: "ENCRYPT/DECRYPT", ProtectionLevel: level })
      const SourceKeyId = made.KeyMetadata.KeyId
      const [SourceKeyVersionId = ""] = await versionsOf(kms, SourceKeyId)
      const Plaintext = "c2VjcmV0IGJ5dGVz"
      const { CiphertextBlob } = await kms.asymmetricEncrypt({
        KeyId: SourceKeyId,
        KeyVersionId: SourceKeyVersionId,
        Algorithm: algorithm,
        Plaintext
      })
      const source = { CiphertextBlob, SourceKeyId, SourceKeyVersionId, SourceEncryptionAlgorithm: algorithm }
      const moved = await kms.reEncrypt({ ...source, DestinationKeyId: KeyId })
      expect(moved).toMatchObject({ KeyId: SourceKeyId, KeyVersionId: SourceKeyVersionId })
      expect((await kms.decrypt({ CiphertextBlob: moved.CiphertextBlob })).Plaintext).toBe(Plaintext)
      const other = algorithm === "RSAES_OAEP_SHA_256" ? "RSAES_OAEP_SHA_1" : "RSAES_OAEP_SHA_256"
      const call = kms.reEncrypt({ ...source, SourceEncryptionAlgorithm: other, DestinationKeyId: KeyId })
      const blamed = spec === "RSA_2048" ? "CiphertextBlob" : "SourceEncryptionAlgorithm"
      expect(await refused(call)).toEqual(["InvalidParameter", blamed])
    }
  )

  it("ReEncrypt imports an exported data key back under a symmetric key", async () => {
    const pair = (await kms.createKey({ KeySpec: "RSA_2048" })).KeyMetadata.KeyId
    const [KeyVersionId = ""] = await versionsOf(kms, pair)
    const { PublicKey } = await kms.getPublicKey({ KeyId: pair, KeyVersionId })
    const { CiphertextBlob, ExportedDataKey } = await kms.generateAndExportDataKey({
      KeyId,
      PublicKeyBlob: PublicKey.replaceAll(/-----.*-----/g, "").trim(),
      WrappingKeySpec: "RSA_2048",
      WrappingAlgorithm: "RSAES_OAEP_SHA_256"
    })
    const back = await kms.reEncrypt({
      CiphertextBlob: ExportedDataKey,
      SourceKeyId: pair,
      SourceKeyVersionId: KeyVersionId,
      SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
      DestinationKeyId: KeyId
    })
    const { Plaintext } = await kms.decrypt({ CiphertextBlob })
    expect((await kms.decrypt({ CiphertextBlob: back.CiphertextBlob })).Plaintext).toBe(Plaintext)
  })
})
