/** User guide 4.1, 4.2 and 4.4: symmetric keys, the encryption context, and deletion of material. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, codesOf, memberOf, textOf } from "./answers.ts"
import { aliyun } from "./commands.ts"
import { createAlias, decrypt, encrypt, newKey, Plaintext, stateOf } from "./customer.ts"
import { importMaterial } from "./material.ts"
import { startServer } from "./serverFixture.ts"

const symmetric = [
  ["Aliyun_AES_256", "SOFTWARE"],
  ["Aliyun_AES_256", "HSM"],
  ["Aliyun_SM4", "HSM"]
] as const

describe.each(symmetric)("a symmetric key, %s under %s", (keySpec, protectionLevel) => {
  it("a symmetric key encrypts with an id or an alias, and decrypts with the ciphertext alone", async () => {
    await using server = await startServer({ hsm: "simulator" })
    const keyId = await newKey(server, { keySpec, protectionLevel })
    await createAlias(server, "alias/orders", keyId)
    for (const name of [keyId, "alias/orders"]) {
      const sealed = await encrypt(server, name)
      expect(sealed.ciphertextBlob).not.toContain(Plaintext)
      expect(await decrypt(server, sealed)).toMatchObject({ plaintext: Plaintext, keyId })
    }
  })

  it("a symmetric key generates data keys in plaintext and encrypted, or only encrypted", async () => {
    await using server = await startServer({ hsm: "simulator" })
    const keyId = await newKey(server, { keySpec, protectionLevel })
    const made = await server.sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId }))
    const iv = randomBytes(12)
    const cipher = createCipheriv("aes-256-gcm", Buffer.from(made.plaintext, "base64"), iv)
    const letter = Buffer.concat([cipher.update("a local file", "utf8"), cipher.final()])
    const opened = await decrypt(server, made)
    const decipher = createDecipheriv("aes-256-gcm", Buffer.from(opened.plaintext, "base64"), iv)
    decipher.setAuthTag(cipher.getAuthTag())
    expect(Buffer.concat([decipher.update(letter), decipher.final()]).toString()).toBe("a local file")
    const without = await server.sdk.generateDataKeyWithoutPlaintext(
      new Kms.GenerateDataKeyWithoutPlaintextRequest({ keyId, keySpec: "AES_128" })
    )
    expect(Object.keys(without)).not.toContain("plaintext")
    expect(Buffer.from((await decrypt(server, without)).plaintext, "base64")).toHaveLength(16)
  })
})

describe("ReEncrypt", () => {
  it("ReEncrypt re-encrypts ciphertext for another CMK, named by alias, without showing the plaintext", async () => {
    await using server = await startServer()
    const [from, to] = [await newKey(server), await newKey(server)]
    await createAlias(server, "alias/next", to)
    const { ciphertextBlob } = await encrypt(server, from)
    const moved = await server.pop("ReEncrypt", { CiphertextBlob: ciphertextBlob, DestinationKeyId: "alias/next" })
    expect(Object.keys(Object(moved)).toSorted()).toEqual(["CiphertextBlob", "KeyId", "KeyVersionId", "RequestId"])
    const opened = await decrypt(server, { ciphertextBlob: textOf(moved, "CiphertextBlob") })
    expect(opened).toMatchObject({ plaintext: Plaintext, keyId: to })
  })
})

describe("an encryption context", () => {
  const valid = ['{"ValidKey":"ValidValue"}', '{"Key1":"Value1","Key2":"Value2"}']
  it.each(valid)("the encryption context %s is valid, and is required to decrypt", async (encryptionContext) => {
    await using server = await startServer()
    const sealed = await encrypt(server, await newKey(server), { encryptionContext })
    expect((await decrypt(server, sealed, { encryptionContext })).plaintext).toBe(Plaintext)
    const wrong = [undefined, "{}", '{"Other":"Value"}'].map((encryptionContext) =>
      decrypt(server, sealed, encryptionContext === undefined ? {} : { encryptionContext })
    )
    expect(new Set(await codesOf(wrong))).toEqual(new Set(["InvalidParameter"]))
  })

  const tooLong = JSON.stringify({ Key: "x".repeat(8192 - 9) })
  const invalid = [
    '[{"Key":"Value"}]',
    '{"Key":12345}',
    '{"Key":["value1","value2"]}',
    "not JSON",
    `${tooLong.slice(0, -2)}"}`
  ]
  it.each(invalid)("the encryption context %.40s is invalid", async (EncryptionContext) => {
    await using server = await startServer()
    const KeyId = await newKey(server)
    const sealed = server.pop("Encrypt", { KeyId, Plaintext, EncryptionContext }, "POST")
    expect([EncryptionContext.length <= 8193, await codeOf(sealed)]).toEqual([true, "InvalidParameter"])
  })

  it("an encryption context of 8,192 characters is valid, and no part appears in the ciphertext", async () => {
    await using server = await startServer()
    const KeyId = await newKey(server)
    const EncryptionContext = JSON.stringify({ Secret: "x".repeat(8192 - 13) })
    expect(EncryptionContext).toHaveLength(8192)
    const sealed = await server.pop("Encrypt", { KeyId, Plaintext, EncryptionContext }, "POST")
    const CiphertextBlob = textOf(sealed, "CiphertextBlob")
    expect(Buffer.from(CiphertextBlob, "base64").includes("Secret")).toBe(false)
    const opened = await server.pop("Decrypt", { CiphertextBlob, EncryptionContext }, "POST")
    expect(memberOf(opened, "Plaintext")).toBe(Plaintext)
  })

  it("encryption contexts are equivalent in any order, spacing and encoding", async () => {
    await using server = await startServer()
    const sealed = await encrypt(server, await newKey(server), {
      encryptionContext: '{"Key1":"Value1","Key2":"Value2"}'
    })
    const equivalents = [
      '{"Key2":"Value2","Key1":"Value1"}',
      ' { "Key1" : "Value1" , "Key2" : "\\u0056alue2" } ',
      { Key2: "Value2", Key1: "Value1" }
    ]
    for (const encryptionContext of equivalents) {
      expect((await decrypt(server, sealed, { encryptionContext })).plaintext).toBe(Plaintext)
    }
  })
})

describe("deleted imported material", () => {
  it("after DeleteKeyMaterial no ciphertext opens until the same material is imported again", async () => {
    await using server = await startServer()
    const keyId = await newKey(server, { origin: "EXTERNAL" })
    const material = randomBytes(32)
    await importMaterial(server, keyId, material)
    const sealed = await encrypt(server, keyId)
    await aliyun(server, `aliyun kms DeleteKeyMaterial --KeyId ${keyId}`)
    expect(await stateOf(server, keyId)).toBe("PendingImport")
    expect(await codesOf([decrypt(server, sealed), encrypt(server, keyId)])).toEqual([
      "Rejected.PendingImport",
      "Rejected.PendingImport"
    ])
    await importMaterial(server, keyId, material)
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })

  it("DeleteKeyMaterial refuses a key whose material the service generated", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    await expect(aliyun(server, `aliyun kms DeleteKeyMaterial --KeyId ${keyId}`)).rejects.toThrow("Unsupported.Origin")
    expect(await stateOf(server, keyId)).toBe("Enabled")
  })
})
