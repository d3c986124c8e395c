/** User guide 3, CMK overview: the features, the protection and the creator of each kind of key. */
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, codesOf, textOf } from "./answers.ts"
import { decrypt, describeKey, encrypt, newKey, Plaintext } from "./customer.ts"
import { startServer } from "./serverFixture.ts"

/** The guide's table: class, spec, encryption, signatures, and the required level. */
const specs = [
  ["symmetric", "Aliyun_AES_256", true, false, "SOFTWARE"],
  ["symmetric", "Aliyun_SM4", true, false, "HSM"],
  ["asymmetric", "RSA_2048", true, true, "SOFTWARE"],
  ["asymmetric", "EC_P256", false, true, "SOFTWARE"],
  ["asymmetric", "EC_P256K", false, true, "SOFTWARE"],
  ["asymmetric", "EC_SM2", true, true, "HSM"]
] as const

const usages = ["ENCRYPT/DECRYPT", "SIGN/VERIFY"] as const

describe.each(specs)("a %s key of spec %s", (kind, keySpec, encrypts, signs, protectionLevel) => {
  it("a key of each type has the usages of the table and no other, and never changes", async () => {
    await using server = await startServer({ hsm: "simulator" })
    for (const [keyUsage, may] of [
      [usages[0], encrypts],
      [usages[1], signs]
    ] as const) {
      const made = newKey(server, { keySpec, keyUsage, protectionLevel })
      if (!may) expect(await codeOf(made)).toBe("InvalidParameter")
      else expect(await describeKey(server, await made)).toMatchObject({ keySpec, keyUsage, protectionLevel })
    }
  })

  it("a key has a primary version exactly if the key is symmetric", async () => {
    await using server = await startServer({ hsm: "simulator" })
    const { primaryKeyVersion } = await describeKey(server, await newKey(server, { keySpec, protectionLevel }))
    expect(primaryKeyVersion !== undefined).toBe(kind === "symmetric")
  })
})

describe("a key without a requested spec", () => {
  it("a key without a requested spec is symmetric, encrypts and decrypts, and never shows its material", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    expect(await describeKey(server, keyId)).toMatchObject({ keySpec: "Aliyun_AES_256", keyUsage: "ENCRYPT/DECRYPT" })
    expect((await decrypt(server, await encrypt(server, keyId))).plaintext).toBe(Plaintext)
    expect(await codeOf(server.pop("GetPublicKey", { KeyId: keyId, KeyVersionId: keyId }))).toBe("UnsupportedOperation")
  })
})

describe("the creator of a key", () => {
  it("the creator of a customer's key is the account", async () => {
    await using server = await startServer({ account: "111122223333" })
    expect((await describeKey(server, await newKey(server))).creator).toBe("111122223333")
  })

  it.each(["OSS", "ECS", "RDS"])("the creator of a service key is %s, and the alias says so", async (Service) => {
    await using server = await startServer()
    const made = await server.v3("CreateServiceKey", { Service })
    const aliasName = `alias/acs/${Service.toLowerCase()}`
    expect(textOf(made, "AliasName")).toBe(aliasName)
    const keyId = textOf(made, "KeyMetadata", "KeyId")
    expect(await describeKey(server, aliasName)).toMatchObject({ keyId, creator: Service, keyState: "Enabled" })
    expect(await codeOf(server.v3("CreateServiceKey", { Service }))).toBe("AliasAlreadyExists")
  })
})

describe("a service key", () => {
  it("a user of a service key can only read the key", async () => {
    await using server = await startServer()
    const keyId = textOf(await server.v3("CreateServiceKey", { Service: "OSS" }), "KeyMetadata", "KeyId")
    const { sdk } = server
    const codes = await codesOf([
      encrypt(server, keyId),
      sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId })),
      sdk.disableKey(new Kms.DisableKeyRequest({ keyId })),
      sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 })),
      sdk.updateKeyDescription(new Kms.UpdateKeyDescriptionRequest({ keyId, description: "mine" }))
    ])
    expect(new Set(codes)).toEqual(new Set(["UnsupportedOperation"]))
    const listed = await sdk.listKeys(new Kms.ListKeysRequest({}))
    expect(listed.keys.key.map((key) => key.keyId)).toEqual([keyId])
  })

  it("a service key has an alias that a user cannot create, move or delete", async () => {
    await using server = await startServer()
    await server.v3("CreateServiceKey", { Service: "OSS" })
    const own = await newKey(server)
    const codes = await codesOf([
      server.pop("CreateAlias", { AliasName: "alias/acs/ecs", KeyId: own }),
      server.pop("UpdateAlias", { AliasName: "alias/acs/oss", KeyId: own }),
      server.pop("DeleteAlias", { AliasName: "alias/acs/oss" })
    ])
    expect(new Set(codes)).toEqual(new Set(["InvalidParameter"]))
  })
})
