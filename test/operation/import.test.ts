/** Import of key material: parameters, tokens and material (API reference 4). */
import { createPublicKey, randomBytes } from "node:crypto"
import { sm2 } from "sm-crypto-v2"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { importFailuresMax } from "../../machines/importSession.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { placeFor, refusal, refused } from "./doors.ts"
import type { Place } from "./doors.ts"
import { wrapFor } from "./wrapping.ts"

const Plaintext = "aGVsbG8="
const seconds = (iso: string): number => Date.parse(iso) / 1000

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  let place: Place
  let kms: PromiseKms
  beforeAll(async () => {
    place = placeFor(kind)
    kms = await createKms({ clock: "virtual", hsm: "simulator", store: place.store })
  })
  afterAll(() => kms.close().finally(() => place[Symbol.dispose]()))

  const waiting = async (request: Parameters<PromiseKms["createKey"]>[0] = {}): Promise<string> =>
    (await kms.createKey({ Origin: "EXTERNAL", ...request })).KeyMetadata.KeyId

  const parametersFor = (
    KeyId: string,
    WrappingAlgorithm: "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256"
  ) => kms.getParametersForImport({ KeyId, WrappingAlgorithm, WrappingKeySpec: "RSA_2048" })

  const stateOf = async (KeyId: string): Promise<string> => (await kms.describeKey({ KeyId })).KeyMetadata.KeyState

  it.each(["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] as const)(
    "material wrapped by %s makes the key usable, and can be imported again after its deletion",
    async (algorithm) => {
      const KeyId = await waiting()
      const material = randomBytes(32)
      const { PublicKey, ImportToken, TokenExpireTime, ...rest } = await parametersFor(KeyId, algorithm)
      expect(rest).toMatchObject({ KeyId })
      const { Now } = await kms.clock.show()
      expect(seconds(TokenExpireTime) - seconds(Now)).toBe(86_400)
      const der = createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" })
      expect(der.asymmetricKeyDetails?.modulusLength).toBe(2048)
      const request = { KeyId, ImportToken, EncryptedKeyMaterial: wrapFor(PublicKey, material, algorithm) }
      await kms.importKeyMaterial(request)
      const { CiphertextBlob, KeyVersionId } = await kms.encrypt({ KeyId, Plaintext })
      expect((await kms.describeKey({ KeyId })).KeyMetadata.PrimaryKeyVersion).toBe(KeyVersionId)
      await kms.deleteKeyMaterial({ KeyId })
      expect((await refusal(kms.decrypt({ CiphertextBlob }))).code).toBe("Rejected.PendingImport")
      // A token can be used any number of times within 24 hours.
      await kms.importKeyMaterial(request)
      expect(await kms.decrypt({ CiphertextBlob })).toMatchObject({ Plaintext, KeyId, KeyVersionId })
      expect((await kms.listKeyVersions({ KeyId })).TotalCount).toBe(1)
    }
  )

  it("material is wrapped with RSAES_PKCS1_V1_5 by default", async () => {
    const KeyId = await waiting()
    const { PublicKey, ImportToken } = await kms.getParametersForImport({ KeyId, WrappingKeySpec: "RSA_2048" })
    const EncryptedKeyMaterial = wrapFor(PublicKey, randomBytes(32), "RSAES_PKCS1_V1_5")
    await kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial })
    expect(await stateOf(KeyId)).toBe("Enabled")
  })

  it("two keys with the same material do not open each other's ciphertext", async () => {
    const material = randomBytes(32)
    const [first = "", second = ""] = await Promise.all(
      [0, 1].map(async () => {
        const KeyId = await waiting()
        const { PublicKey, ImportToken } = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
        await kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial: wrapFor(PublicKey, material) })
        return KeyId
      })
    )
    const { CiphertextBlob } = await kms.encrypt({ KeyId: first, Plaintext })
    const theirs = await kms.encrypt({ KeyId: second, Plaintext })
    // The first 34 bytes are the header up to the version: the blob claims to be of the other key.
    const relabelled = Buffer.concat([
      Buffer.from(theirs.CiphertextBlob, "base64").subarray(0, 34),
      Buffer.from(CiphertextBlob, "base64").subarray(34)
    ]).toString("base64")
    expect(await refused(kms.decrypt({ CiphertextBlob: relabelled }))).toEqual(["InvalidParameter", "CiphertextBlob"])
    expect((await kms.decrypt({ CiphertextBlob })).KeyId).toBe(first)
  })

  it("SM2 wraps material for HSM keys in regions with SM, as another implementation does", async () => {
    const KeyId = await waiting({ KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" })
    const wrapping = { WrappingAlgorithm: "SM2PKE", WrappingKeySpec: "EC_SM2" } as const
    const { PublicKey, ImportToken } = await kms.getParametersForImport({ KeyId, ...wrapping })
    const point = Buffer.from(PublicKey, "base64").subarray(-65).toString("hex")
    const wrap = (bytes: number): string => {
      const wrapped = sm2.doEncrypt(Uint8Array.from(randomBytes(bytes)), point, 1, { asn1: false })
      return Buffer.from(`04${wrapped}`, "hex").toString("base64")
    }
    const request = { KeyId, ImportToken }
    expect((await refusal(kms.importKeyMaterial({ ...request, EncryptedKeyMaterial: wrap(32) }))).code).toBe(
      "InvalidKeyMaterial"
    )
    await kms.importKeyMaterial({ ...request, EncryptedKeyMaterial: wrap(16) })
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
    expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
    const soft = kms.getParametersForImport({ KeyId: await waiting(), ...wrapping })
    expect(await refused(soft)).toEqual(["InvalidParameter", "WrappingKeySpec"])
  })

  it("only the first material can be imported again, at full length and wrapped with the token's algorithm", async () => {
    const KeyId = await waiting()
    const material = randomBytes(32)
    const { PublicKey, ImportToken } = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    const bring = (EncryptedKeyMaterial: string) => kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial })
    for (const wrong of [
      wrapFor(PublicKey, material.subarray(1)),
      wrapFor(PublicKey, Buffer.concat([material, material])),
      wrapFor(PublicKey, material, "RSAES_OAEP_SHA_1"),
      wrapFor(PublicKey, material, "RSAES_PKCS1_V1_5"),
      "AAAA"
    ]) {
      expect((await refusal(bring(wrong))).code).toBe("InvalidKeyMaterial")
      expect(await stateOf(KeyId)).toBe("PendingImport")
    }
    await bring(wrapFor(PublicKey, material))
    expect((await refusal(bring(wrapFor(PublicKey, randomBytes(32))))).code).toBe("InvalidKeyMaterial")
    await kms.deleteKeyMaterial({ KeyId })
    expect((await refusal(bring(wrapFor(PublicKey, randomBytes(32))))).code).toBe("InvalidKeyMaterial")
    await bring(wrapFor(PublicKey, material))
  })

  it("an import token is for one key, cannot be altered, and is valid for a day", async () => {
    const KeyId = await waiting()
    const other = await parametersFor(await waiting(), "RSAES_OAEP_SHA_256")
    const { PublicKey, ImportToken } = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    const request = { KeyId, EncryptedKeyMaterial: wrapFor(PublicKey, randomBytes(32)) }
    const altered = Buffer.from(ImportToken, "base64")
    altered.writeUInt8(altered.readUInt8(9) ^ 1, 9)
    for (const token of [other.ImportToken, altered.toString("base64"), "AAAA"]) {
      const call = kms.importKeyMaterial({ ...request, ImportToken: token })
      expect((await refusal(call)).code).toBe("InvalidImportToken")
    }
    await kms.clock.advance("86399s")
    await kms.importKeyMaterial({ ...request, ImportToken })
    await kms.clock.advance("1s")
    expect((await refusal(kms.importKeyMaterial({ ...request, ImportToken }))).code).toBe("ExpiredImportToken")
    // The session was deleted by now; the token still shows the reason.
    await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    expect((await refusal(kms.importKeyMaterial({ ...request, ImportToken }))).code).toBe("ExpiredImportToken")
  })

  it("an import token accepts nothing after too many wrong uses, and a new token works", async () => {
    const KeyId = await waiting()
    const material = randomBytes(32)
    const { PublicKey, ImportToken } = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    const right = { KeyId, ImportToken, EncryptedKeyMaterial: wrapFor(PublicKey, material) }
    const wrong = { ...right, EncryptedKeyMaterial: wrapFor(PublicKey, randomBytes(31)) }
    for (let tries = 1; tries < importFailuresMax; tries++) await refusal(kms.importKeyMaterial(wrong))
    await kms.importKeyMaterial(right)
    const attempts = [wrong, right, right, right].map((request) => kms.importKeyMaterial(request))
    const results = await Promise.allSettled(attempts)
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "rejected"])
    expect((await refusal(kms.importKeyMaterial(right))).code).toBe("InvalidKeyMaterial")
    const fresh = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    await kms.importKeyMaterial({
      KeyId,
      ImportToken: fresh.ImportToken,
      EncryptedKeyMaterial: wrapFor(fresh.PublicKey, material)
    })
  })

  it("material expires to the second, and a new import moves or removes the expiry", async () => {
    const KeyId = await waiting()
    const { PublicKey, ImportToken } = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    const request = { KeyId, ImportToken, EncryptedKeyMaterial: wrapFor(PublicKey, randomBytes(32)) }
    const now = seconds((await kms.clock.show()).Now)
    const expiring = (KeyMaterialExpireUnix: number) => kms.importKeyMaterial({ ...request, KeyMaterialExpireUnix })
    for (const instant of [now - 1, now, -1, 1.5, Number.NaN, 253_402_300_800]) {
      expect(await refused(expiring(instant))).toEqual(["InvalidParameter", "KeyMaterialExpireUnix"])
    }
    const expiry = async () => (await kms.describeKey({ KeyId })).KeyMetadata.MaterialExpireTime
    await expiring(now + 60)
    expect(seconds(await expiry())).toBe(now + 60)
    await kms.disableKey({ KeyId })
    await expiring(now + 120)
    expect([seconds(await expiry()), await stateOf(KeyId)]).toEqual([now + 120, "Disabled"])
    await kms.clock.advance("119s")
    expect(await stateOf(KeyId)).toBe("Disabled")
    await kms.clock.advance("1s")
    expect([await expiry(), await stateOf(KeyId)]).toEqual(["", "PendingImport"])
    await expiring(0)
    expect([await expiry(), await stateOf(KeyId)]).toEqual(["", "Enabled"])
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    const { DeleteDate } = (await kms.describeKey({ KeyId })).KeyMetadata
    await kms.deleteKeyMaterial({ KeyId })
    expect((await kms.describeKey({ KeyId })).KeyMetadata).toMatchObject({ KeyState: "PendingDeletion", DeleteDate })
    await kms.cancelKeyDeletion({ KeyId })
    expect(await stateOf(KeyId)).toBe("PendingImport")
    await kms.importKeyMaterial(request)
    expect(await expiry()).toBe("")
  })

  it("ImportKeyMaterial accepts Base64 with line breaks, as command-line tools print", async () => {
    const KeyId = await waiting()
    const { PublicKey, ImportToken } = await parametersFor(KeyId, "RSAES_OAEP_SHA_256")
    const inLines = (text: string, end: string): string =>
      (text.match(/.{1,64}/g) ?? []).map((line) => line + end).join("")
    const EncryptedKeyMaterial = inLines(wrapFor(PublicKey, randomBytes(32)), "\n")
    await kms.importKeyMaterial({ KeyId, EncryptedKeyMaterial, ImportToken: inLines(ImportToken, "\r\n") })
    expect(await stateOf(KeyId)).toBe("Enabled")
  })
})
