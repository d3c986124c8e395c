/** User guide 2, Use aliases: the five operations, and where an alias replaces a key id. */
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, memberOf } from "./answers.ts"
import { aliyun } from "./commands.ts"
import { createAlias, decrypt, encrypt, newKey, Plaintext, stateOf, updateAlias } from "./customer.ts"
import { startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"

const boundTo = async ({ sdk }: RunningServer, keyId: string): Promise<ReadonlyArray<string>> => {
  const listed = await sdk.listAliasesByKeyId(new Kms.ListAliasesByKeyIdRequest({ keyId }))
  return listed.aliases.alias.map(({ aliasName }) => aliasName)
}

describe("the five operations on aliases", () => {
  it("the guide's commands create, rebind, list and delete aliases", async () => {
    await using server = await startServer()
    const [first, second] = [await newKey(server), await newKey(server)]
    await aliyun(server, `aliyun kms CreateAlias --KeyId ${first} --AliasName alias/example`)
    expect(await boundTo(server, first)).toEqual(["alias/example"])
    await aliyun(server, `aliyun kms UpdateAlias --AliasName alias/example --KeyId ${second}`)
    expect(await boundTo(server, first)).toEqual([])
    const alias = {
      KeyId: second,
      AliasName: "alias/example",
      AliasArn: "acs:kms:cn-hangzhou:1000000000000001:alias/example"
    }
    const page = { Aliases: { Alias: [alias] }, TotalCount: 1, PageNumber: 1, PageSize: 10 }
    expect(await aliyun(server, "aliyun kms ListAliases")).toMatchObject(page)
    expect(await aliyun(server, `aliyun kms ListAliasesByKeyId --KeyId ${second}`)).toMatchObject(page)
    await aliyun(server, "aliyun kms DeleteAlias --AliasName alias/example")
    expect(memberOf(await aliyun(server, "aliyun kms ListAliases"), "TotalCount")).toBe(0)
    expect(await stateOf(server, second)).toBe("Enabled")
  })

  it("a CMK may have several aliases or none, and a new one does not affect the others", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    expect(await boundTo(server, keyId)).toEqual([])
    for (const name of ["alias/one", "alias/two", "alias/three"]) await createAlias(server, name, keyId)
    expect((await boundTo(server, keyId)).toSorted()).toEqual(["alias/one", "alias/three", "alias/two"])
  })

  it("an alias is renamed only by deleting the old alias and creating a new one", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    await createAlias(server, "alias/old", keyId)
    await server.sdk.deleteAlias(new Kms.DeleteAliasRequest({ aliasName: "alias/old" }))
    await createAlias(server, "alias/new", keyId)
    expect(await boundTo(server, keyId)).toEqual(["alias/new"])
    expect(await codeOf(encrypt(server, "alias/old"))).toBe("Forbidden.AliasNotFound")
  })
})

describe("an alias", () => {
  it("an alias is bound to one CMK in a region, and can exist in another region too", async () => {
    await using hangzhou = await startServer()
    await using hongkong = await startServer({ region: "cn-hongkong" })
    for (const server of [hangzhou, hongkong]) {
      await createAlias(server, "alias/example", await newKey(server))
      expect(await codeOf(createAlias(server, "alias/example", await newKey(server)))).toBe("AliasAlreadyExists")
    }
  })

  const longest = `alias/${"x".repeat(255)}`
  it.each(["alias/example", "alias/a", "alias/A_b-c/d/0", "alias//", longest])(
    "an alias may be named %s",
    async (name) => {
      await using server = await startServer()
      const keyId = await newKey(server)
      await createAlias(server, name, keyId)
      expect((await encrypt(server, name)).keyId).toBe(keyId)
    }
  )

  const misnamed = ["example", "alias/", "Alias/example", "alias/a b", "alias/ä", "alias/a.b", `${longest}x`]
  it.each([...misnamed, "alias/acs/oss"])("an alias may not be named %s", async (name) => {
    await using server = await startServer()
    expect(await codeOf(createAlias(server, name, await newKey(server)))).toBe("InvalidParameter")
  })

  it("an alias names the CMK in DescribeKey, Encrypt and both operations for data keys", async () => {
    await using server = await startServer()
    const { sdk } = server
    const keyId = await newKey(server)
    await createAlias(server, "alias/example", keyId)
    const named = { keyId: "alias/example" }
    const answers = await Promise.all([
      sdk.describeKey(new Kms.DescribeKeyRequest(named)).then(({ keyMetadata }) => keyMetadata),
      encrypt(server, "alias/example"),
      sdk.generateDataKey(new Kms.GenerateDataKeyRequest(named)),
      sdk.generateDataKeyWithoutPlaintext(new Kms.GenerateDataKeyWithoutPlaintextRequest(named))
    ])
    expect(answers.map((answer) => answer.keyId)).toEqual([keyId, keyId, keyId, keyId])
  })

  it("operations that change a key refuse an alias and take the key's id", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    await createAlias(server, "alias/example", keyId)
    const named = { KeyId: "alias/example" }
    const changes: ReadonlyArray<readonly [string, object]> = [
      ["DisableKey", named],
      ["EnableKey", named],
      ["ScheduleKeyDeletion", named],
      ["CancelKeyDeletion", named],
      ["UpdateKeyDescription", { ...named, Description: "x" }],
      ["UpdateRotationPolicy", { ...named, EnableAutomaticRotation: "false" }],
      ["CreateAlias", { ...named, AliasName: "alias/other" }],
      ["UpdateAlias", { ...named, AliasName: "alias/example" }],
      ["ListAliasesByKeyId", named],
      ["GetParametersForImport", { ...named, WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048" }],
      ["DeleteKeyMaterial", named]
    ]
    for (const [action, parameters] of changes) {
      expect([action, await codeOf(server.pop(action, parameters))]).toEqual([action, "Unsupported.Alias"])
    }
  })

  it("an alias moves to another CMK, and older ciphertext still opens", async () => {
    await using server = await startServer()
    const [first, second] = [await newKey(server), await newKey(server)]
    await createAlias(server, "alias/example", first)
    const before = await encrypt(server, "alias/example")
    await updateAlias(server, "alias/example", second)
    const after = await encrypt(server, "alias/example")
    expect([before.keyId, after.keyId]).toEqual([first, second])
    for (const sealed of [before, after]) expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })

  it("an alias that is not bound names no key", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    expect(await codeOf(encrypt(server, "alias/nobody"))).toBe("Forbidden.AliasNotFound")
    expect(await codeOf(updateAlias(server, "alias/nobody", keyId))).toBe("Forbidden.AliasNotFound")
    await expect(aliyun(server, "aliyun kms DeleteAlias --AliasName alias/nobody")).rejects.toThrow(
      "Forbidden.AliasNotFound"
    )
  })
})
