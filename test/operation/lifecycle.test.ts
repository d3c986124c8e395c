/** The lifecycle of a key through the library, on both stores. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { createKms, isKmsError, KmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"

const directories: Array<string> = []
const directory = (): string => {
  const made = mkdtempSync(join(tmpdir(), "keystate-"))
  directories.push(made)
  return made
}
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true })
})

const stores: ReadonlyArray<readonly [string, () => "memory" | { readonly directory: string }]> = [
  ["memory", () => "memory"],
  ["sqlite", () => ({ directory: directory() })]
]

const refusal = async (call: Promise<unknown>): Promise<KmsError> => {
  try {
    await call
  } catch (error) {
    if (isKmsError(error)) return error
    throw error
  }
  throw new Error("the call was expected to be refused")
}

const newKey = async (kms: PromiseKms, request: Parameters<PromiseKms["createKey"]>[0] = {}): Promise<string> =>
  (await kms.createKey(request)).KeyMetadata.KeyId

const Plaintext = "aGVsbG8gd29ybGQ="

describe.each(stores)("on the %s store", (_name, store) => {
  it("a new key is Enabled and shows its metadata", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const { KeyMetadata, RequestId } = await kms.createKey({ Description: "orders" })
    expect(RequestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(KeyMetadata).toMatchObject({
      KeyState: "Enabled",
      KeySpec: "Aliyun_AES_256",
      KeyUsage: "ENCRYPT/DECRYPT",
      Origin: "Aliyun_KMS",
      ProtectionLevel: "SOFTWARE",
      Description: "orders",
      Creator: "1000000000000001",
      CreationDate: "2026-01-01T00:00:00Z",
      LastRotationDate: "2026-01-01T00:00:00Z",
      DeleteDate: "",
      MaterialExpireTime: "",
      AutomaticRotation: "Disabled",
      Arn: `acs:kms:cn-hangzhou:1000000000000001:key/${KeyMetadata.KeyId}`
    })
    expect(KeyMetadata.PrimaryKeyVersion).toMatch(/^[0-9a-f-]{36}$/)
    const described = await kms.describeKey({ KeyId: KeyMetadata.KeyId })
    expect(described.KeyMetadata).toEqual({
      ...KeyMetadata,
      DeletionProtection: "Disabled",
      DeletionProtectionDescription: ""
    })
  })

  it("ciphertext decrypts with the same context in any order, and with no other context", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    const { CiphertextBlob, KeyVersionId } = await kms.encrypt({
      KeyId,
      Plaintext,
      EncryptionContext: { tenant: "7", purpose: "test" }
    })
    const opened = await kms.decrypt({ CiphertextBlob, EncryptionContext: '{"purpose":"test","tenant":"7"}' })
    expect(opened).toMatchObject({ Plaintext, KeyId, KeyVersionId })
    for (const EncryptionContext of [{ tenant: "7" }, { tenant: "8", purpose: "test" }, {}]) {
      const error = await refusal(kms.decrypt({ CiphertextBlob, EncryptionContext }))
      expect([error.code, error.parameter]).toEqual(["InvalidParameter", "CiphertextBlob"])
    }
  })

  it("a disabled key refuses every use, with its state, the legal states and a hint", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
    await kms.disableKey({ KeyId })
    for (const call of [
      kms.encrypt({ KeyId, Plaintext }),
      kms.decrypt({ CiphertextBlob }),
      kms.generateDataKey({ KeyId }),
      kms.generateDataKeyWithoutPlaintext({ KeyId }),
      kms.reEncrypt({ CiphertextBlob, DestinationKeyId: KeyId })
    ]) {
      const error = await refusal(call)
      expect(error).toBeInstanceOf(KmsError)
      expect(error).toMatchObject({
        code: "Rejected.Disabled",
        httpStatus: 409,
        keyState: "Disabled",
        allowedStates: ["Enabled"],
        hint: "Call EnableKey first."
      })
      expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/)
    }
    await kms.enableKey({ KeyId })
    expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
  })

  it("a deletion waits for its full window and is permanent", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
    await kms.scheduleKeyDeletion({ KeyId })
    const { KeyMetadata } = await kms.describeKey({ KeyId })
    expect([KeyMetadata.KeyState, KeyMetadata.DeleteDate]).toEqual(["PendingDeletion", "2026-01-31T00:00:00Z"])
    await kms.clock.advance("29 days")
    expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("PendingDeletion")
    await kms.clock.advance("2 days")
    expect((await refusal(kms.describeKey({ KeyId }))).code).toBe("Forbidden.KeyNotFound")
    expect((await refusal(kms.decrypt({ CiphertextBlob }))).code).toBe("Forbidden.KeyNotFound")
    expect((await kms.listKeys()).TotalCount).toBe(0)
  })

  it("a cancelled deletion never fires", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    await kms.disableKey({ KeyId })
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    await kms.clock.advance("6d")
    await kms.cancelKeyDeletion({ KeyId })
    await kms.clock.advance("60d")
    expect((await kms.describeKey({ KeyId })).KeyMetadata).toMatchObject({ KeyState: "Enabled", DeleteDate: "" })
  })

  it("a rotating key gets a new primary version at each interval, and its old ciphertext still opens", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms, { EnableAutomaticRotation: true, RotationInterval: "30d" })
    const old = await kms.encrypt({ KeyId, Plaintext })
    expect((await kms.describeKey({ KeyId })).KeyMetadata).toMatchObject({
      AutomaticRotation: "Enabled",
      RotationInterval: "2592000s",
      NextRotationDate: "2026-01-31T00:00:00Z"
    })
    await kms.clock.advance("31d")
    const fresh = await kms.encrypt({ KeyId, Plaintext })
    expect(fresh.KeyVersionId).not.toBe(old.KeyVersionId)
    expect((await kms.decrypt(old)).Plaintext).toBe(Plaintext)
    const moved = await kms.reEncrypt({ CiphertextBlob: old.CiphertextBlob, DestinationKeyId: KeyId })
    expect([moved.KeyId, moved.KeyVersionId]).toEqual([KeyId, old.KeyVersionId])
    expect(await kms.decrypt({ CiphertextBlob: moved.CiphertextBlob })).toMatchObject({
      Plaintext,
      KeyVersionId: fresh.KeyVersionId
    })
    await kms.disableKey({ KeyId })
    expect((await kms.describeKey({ KeyId })).KeyMetadata.AutomaticRotation).toBe("Suspended")
    await kms.clock.advance("100d")
    await kms.enableKey({ KeyId })
    await kms.clock.advance("1s")
    expect((await kms.describeKey({ KeyId })).KeyMetadata.LastRotationDate).toBe("2026-05-12T00:00:00Z")
  })

  it("a key of an external origin waits for its material and can only be scheduled for deletion", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms, { Origin: "EXTERNAL" })
    expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("PendingImport")
    expect((await refusal(kms.encrypt({ KeyId, Plaintext }))).code).toBe("Rejected.PendingImport")
    expect((await refusal(kms.enableKey({ KeyId }))).code).toBe("Rejected.StateModifiedFailed")
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    await kms.cancelKeyDeletion({ KeyId })
    expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("PendingImport")
  })

  it("ListKeys lists the oldest keys first, a page at a time", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const made: Array<string> = []
    for (let i = 0; i < 23; i++) made.push(await newKey(kms))
    const ids = async (PageNumber: number, PageSize: number) => {
      const page = await kms.listKeys({ PageNumber, PageSize })
      expect(page).toMatchObject({ TotalCount: 23, PageNumber, PageSize })
      return page.Keys.Key.map((key) => key.KeyId)
    }
    expect([...(await ids(1, 10)), ...(await ids(2, 10)), ...(await ids(3, 10))]).toEqual(made)
    expect(await ids(4, 10)).toEqual([])
  })

  it("every refusal of a wrong parameter names the parameter and changes nothing", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    const wrong: ReadonlyArray<readonly [Promise<unknown>, string, string | undefined]> = [
      [kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 6 }), "InvalidParameter", "PendingWindowInDays"],
      [kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 31 }), "InvalidParameter", "PendingWindowInDays"],
      [kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7.5 }), "InvalidParameter", "PendingWindowInDays"],
      [kms.listKeys({ PageSize: 0 }), "InvalidParameter", "PageSize"],
      [kms.listKeys({ PageNumber: 0 }), "InvalidParameter", "PageNumber"],
      [kms.generateDataKey({ KeyId, NumberOfBytes: 1025 }), "InvalidParameter", "NumberOfBytes"],
      [kms.generateDataKey({ KeyId, KeySpec: "AES_192" }), "InvalidParameter", "KeySpec"],
      [kms.encrypt({ KeyId, Plaintext: "A".repeat(8193) }), "InvalidParameter", "Plaintext"],
      [kms.encrypt({ KeyId, Plaintext, EncryptionContext: '{"a":1}' }), "InvalidParameter", "EncryptionContext"],
      [
        kms.encrypt({ KeyId, Plaintext, EncryptionContext: '{"a":"1","a":"2"}' }),
        "InvalidParameter",
        "EncryptionContext"
      ],
      [kms.decrypt({ CiphertextBlob: "AAAA" }), "InvalidParameter", "CiphertextBlob"],
      [kms.decrypt({ CiphertextBlob: "not base64!" }), "InvalidParameter", "CiphertextBlob"],
      [kms.updateKeyDescription({ KeyId, Description: "x".repeat(8193) }), "InvalidParameter", "Description"],
      [kms.createKey({ EnableAutomaticRotation: true }), "MissingParameter", "RotationInterval"],
      [
        kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "6d" }),
        "InvalidParameter",
        "RotationInterval"
      ],
      [kms.createKey({ KeySpec: "RSA_2048", Origin: "EXTERNAL" }), "InvalidParameter", "Origin"],
      [kms.createKey({ KeySpec: "Aliyun_AES_256", KeyUsage: "SIGN/VERIFY" }), "InvalidParameter", "KeyUsage"],
      [kms.createKey({ ProtectionLevel: "HSM" }), "Unsupported.ProtectionLevel", undefined],
      [kms.describeKey({ KeyId: "alias/none" }), "Forbidden.AliasNotFound", undefined],
      [kms.enableKey({ KeyId: "alias/none" }), "Unsupported.Alias", undefined],
      [kms.describeKey({ KeyId: "no such key" }), "Forbidden.KeyNotFound", undefined],
      [kms.describeKey({ KeyId: "00000000-0000-4000-8000-000000000000" }), "Forbidden.KeyNotFound", undefined]
    ]
    for (const [call, code, parameter] of wrong) {
      const error = await refusal(call)
      expect([error.code, error.parameter]).toEqual([code, parameter])
    }
    expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("Enabled")
    expect((await kms.listKeys()).TotalCount).toBe(1)
  })

  it("Decrypt returns text that is not Base64 as Encrypt received the text", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    for (const sent of ["plaintext", "", "ümläut 汉字 🙂", "A".repeat(6144), "ü".repeat(3072), "汉".repeat(2048)]) {
      const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: sent })
      expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(sent)
    }
  })

  it("Encrypt limits text by its bytes, so that every ciphertext can be decrypted", async () => {
    await using kms = await createKms({ store: store(), clock: "virtual" })
    const KeyId = await newKey(kms)
    for (const Plaintext of ["ü".repeat(3073), "汉".repeat(2049), "汉".repeat(6144), "🙂".repeat(1537)]) {
      const error = await refusal(kms.encrypt({ KeyId, Plaintext }))
      expect([error.code, error.parameter]).toEqual(["InvalidParameter", "Plaintext"])
    }
  })
})
