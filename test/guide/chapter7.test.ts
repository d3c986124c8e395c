/** User guide 7, Managed HSM: its regions, its keys, and imported material. */
import { randomBytes } from "node:crypto"
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { regions } from "../../src/domain/regions.ts"
import { codeOf, memberOf, textOf } from "./answers.ts"
import { aliyun } from "./commands.ts"
import { createAlias, decrypt, describeKey, encrypt, newKey, Plaintext, stateOf } from "./customer.ts"
import { importMaterial } from "./material.ts"
import { startServer } from "./serverFixture.ts"

/** The guide's table of supported regions, by certification. */
const certified: Readonly<Record<string, ReadonlyArray<string>>> = {
  SCA: ["cn-beijing", "cn-zhangjiakou", "cn-hangzhou", "cn-shanghai", "cn-shenzhen"],
  FIPS: ["cn-hongkong", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5", "us-east-1"]
}

const offered = (region: string, keySpec: string): boolean =>
  certified["SCA"]?.includes(region) === true ||
  (certified["FIPS"]?.includes(region) === true && !["Aliyun_SM4", "EC_SM2"].includes(keySpec))

describe("the table of supported regions", () => {
  it.each(regions)("the region %s has exactly the listed features", async (region) => {
    await using server = await startServer({ region, hsm: "simulator" })
    for (const keySpec of ["Aliyun_AES_256", "Aliyun_SM4", "EC_P256", "EC_SM2"]) {
      const made = newKey(server, { keySpec, protectionLevel: "HSM" })
      if (!offered(region, keySpec)) expect(await codeOf(made)).toBe("Unsupported.ProtectionLevel")
      else expect(await stateOf(server, await made)).toBe("Enabled")
    }
  })

  it("the table of supported regions names eleven regions", () => {
    expect(regions.filter((region) => offered(region, "Aliyun_AES_256"))).toHaveLength(11)
  })

  it("the table of supported regions has no effect without an HSM", async () => {
    await using server = await startServer({ hsm: "none" })
    expect(await codeOf(newKey(server, { protectionLevel: "HSM" }))).toBe("Unsupported.ProtectionLevel")
  })
})

describe("a key in a managed HSM", () => {
  it("the guide's command creates a key in a managed HSM, described with the fields of its example", async () => {
    const startAt = Date.UTC(2019, 6, 4, 13, 14, 15)
    const account = "111122223333"
    await using server = await startServer({
      account,
      region: "cn-hongkong",
      hsm: "simulator",
      clock: "virtual",
      startAt
    })
    const created = await aliyun(
      server,
      'aliyun kms CreateKey --ProtectionLevel HSM --Description "Key1 in Managed HSM"'
    )
    const KeyId = textOf(created, "KeyMetadata", "KeyId")
    const described = await aliyun(server, `aliyun kms DescribeKey --KeyId ${KeyId}`)
    const example = {
      CreationDate: "2019-07-04T13:14:15Z",
      Description: "Key1 in Managed HSM",
      KeyId,
      KeyState: "Enabled",
      KeyUsage: "ENCRYPT/DECRYPT",
      DeleteDate: "",
      Creator: account,
      Arn: `acs:kms:cn-hongkong:${account}:key/${KeyId}`,
      Origin: "Aliyun_KMS",
      MaterialExpireTime: "",
      ProtectionLevel: "HSM"
    }
    expect(memberOf(described, "KeyMetadata")).toMatchObject(example)
    expect(textOf(described, "RequestId")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it("a key in a managed HSM is managed and used like any other", async () => {
    await using server = await startServer({ hsm: "simulator" })
    const { sdk } = server
    const keyId = await newKey(server, { protectionLevel: "HSM" })
    await createAlias(server, "alias/hsm", keyId)
    await sdk.tagResource(new Kms.TagResourceRequest({ keyId, tags: '[{"TagKey":"Project","TagValue":"Alpha"}]' }))
    const { tags } = await sdk.listResourceTags(new Kms.ListResourceTagsRequest({ keyId }))
    expect(tags.tag).toMatchObject([{ keyId, tagKey: "Project", tagValue: "Alpha" }])
    const sealed = await encrypt(server, "alias/hsm")
    await sdk.disableKey(new Kms.DisableKeyRequest({ keyId }))
    expect(await codeOf(decrypt(server, sealed))).toBe("Rejected.Disabled")
    await sdk.enableKey(new Kms.EnableKeyRequest({ keyId }))
    await sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }))
    expect(await codeOf(decrypt(server, sealed))).toBe("Rejected.PendingDeletion")
    await sdk.cancelKeyDeletion(new Kms.CancelKeyDeletionRequest({ keyId }))
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })

  it.each([
    ["Aliyun_AES_256", 32],
    ["Aliyun_SM4", 16]
  ])("a key in a managed HSM accepts imported material of its length: %s, %i bytes", async (keySpec, bytes) => {
    await using server = await startServer({ hsm: "simulator" })
    const keyId = await newKey(server, { keySpec, origin: "EXTERNAL", protectionLevel: "HSM" })
    expect(await codeOf(importMaterial(server, keyId, randomBytes(bytes + 1)))).toBe("InvalidKeyMaterial")
    await importMaterial(server, keyId, randomBytes(bytes))
    expect(await describeKey(server, keyId)).toMatchObject({
      keyState: "Enabled",
      origin: "EXTERNAL",
      protectionLevel: "HSM"
    })
    expect((await decrypt(server, await encrypt(server, keyId))).plaintext).toBe(Plaintext)
  })
})
