/** Calls of oss2's KMS provider and Terraform's KMS resources, in their form, and the parts that they read. */
import { randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { accessKeyId, secret, startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"
import { memberOf, textOf } from "./answers.ts"

type Parameters = Readonly<Record<string, string>>

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** The place of an operation's parameters; the common ones are in the query. */
type Place = "query" | "form"

const signedRequest = (action: string, parameters: Parameters): URLSearchParams =>
  new URLSearchParams(
    signV1({
      method: "POST",
      parameters: { Action: action, Version: "2016-01-20", Format: "JSON", ...parameters },
      accessKeyId,
      secret,
      signatureMethod: "HMAC-SHA1",
      nonce: randomUUID(),
      timestamp: formatInstant(Date.now())
    })
  )

const post =
  ({ url }: RunningServer, place: Place) =>
  async (action: string, parameters: Parameters): Promise<Answer> => {
    const query = signedRequest(action, parameters)
    const form = new URLSearchParams()
    for (const name of place === "form" ? Object.keys(parameters) : []) {
      form.set(name, query.get(name) ?? "")
      query.delete(name)
    }
    const answer = await fetch(`${url}/?${query}`, { method: "POST", ...(place === "form" ? { body: form } : {}) })
    return { status: answer.status, body: await answer.json() }
  }

const succeed =
  (server: RunningServer, place: Place) =>
  async (action: string, parameters: Parameters = {}): Promise<unknown> => {
    const { status, body } = await post(server, place)(action, parameters)
    expect(body, action).not.toHaveProperty("Code")
    expect(status, action).toBe(200)
    return body
  }

describe.each([
  ["without a passphrase", ""],
  ["with a passphrase", '{"x-passphrase":"p4ss wörd"}']
])("the KMS provider of oss2, %s", (_, EncryptionContext) => {
  it("the KMS provider of oss2 wraps a data key and a counter and opens both again", async () => {
    await using server = await startServer()
    const kms = succeed(server, "query")
    const KeyId = textOf(await kms("CreateKey"), "KeyMetadata", "KeyId")
    const made = await kms("GenerateDataKey", { KeyId, KeySpec: "AES_256", NumberOfBytes: "32", EncryptionContext })
    const Plaintext = "GjA2Ld3f95QAAAAACTpg3w=="
    const counter = await kms("Encrypt", { KeyId, Plaintext, EncryptionContext })
    const open = (blob: unknown) =>
      kms("Decrypt", { CiphertextBlob: textOf(blob, "CiphertextBlob"), EncryptionContext })
    expect(memberOf(await open(made), "Plaintext")).toBe(memberOf(made, "Plaintext"))
    expect(memberOf(await open(counter), "Plaintext")).toBe(Plaintext)
  })
})

describe("the KMS resources of Terraform's provider", () => {
  const RegionId = "cn-hangzhou"

  it("Terraform's provider creates, reads, changes and deletes alicloud_kms_key", async () => {
    await using server = await startServer()
    const kms = succeed(server, "form")
    const tags = JSON.stringify([
      { TagKey: "Created", TagValue: "TF" },
      { TagKey: "For", TagValue: "" }
    ])
    const created = await kms("CreateKey", {
      Description: "orders",
      ProtectionLevel: "SOFTWARE",
      EnableAutomaticRotation: "true",
      RotationInterval: "604800s",
      Tags: tags
    })
    const KeyId = textOf(created, "KeyMetadata", "KeyId")
    const read = async () => memberOf(await kms("DescribeKey", { KeyId }), "KeyMetadata")
    const resource = { RegionId, ResourceType: "key", "ResourceId.1": KeyId }
    const tagKeys = async () => {
      const listed = await kms("ListTagResources", resource)
      const found = memberOf(listed, "TagResources", "TagResource")
      return Array.isArray(found) ? found.map((tag: unknown) => memberOf(tag, "TagKey")) : []
    }
    expect(await read()).toMatchObject({ AutomaticRotation: "Enabled", RotationInterval: "604800s" })
    expect(await tagKeys()).toEqual(["Created", "For"])

    await kms("SetDeletionProtection", {
      KeyId,
      EnableDeletionProtection: "true",
      DeletionProtectionDescription: "why"
    })
    expect(await read()).toMatchObject({ DeletionProtection: "Enabled", DeletionProtectionDescription: "why" })
    const days = { KeyId, PendingWindowInDays: "7" }
    expect(await post(server, "form")("ScheduleKeyDeletion", days)).toMatchObject({ status: 409 })
    await kms("SetDeletionProtection", { KeyId, EnableDeletionProtection: "false" })

    await kms("UpdateRotationPolicy", { KeyId, EnableAutomaticRotation: "false", RotationInterval: "604800s" })
    expect(await read()).not.toHaveProperty("RotationInterval")
    await kms("DisableKey", { KeyId })
    expect(await read()).toMatchObject({ KeyState: "Disabled", AutomaticRotation: "Disabled" })
    await kms("UntagResources", { ...resource, "TagKey.1": "Created" })
    await kms("TagResources", { ...resource, "Tag.1.Key": "a", "Tag.1.Value": "b" })
    expect(await tagKeys()).toEqual(["For", "a"])

    await kms("ScheduleKeyDeletion", days)
    expect(await read()).toMatchObject({ KeyState: "PendingDeletion" })
  })

  it.each([
    ["no encryption context", {}],
    ["an empty encryption context", { EncryptionContext: "" }],
    ["an empty JSON object", { EncryptionContext: "{}" }],
    ["an encryption context", { EncryptionContext: '{"name":"value"}' }]
  ])(
    "Terraform's provider makes alicloud_kms_ciphertext and reads alicloud_kms_plaintext with %s",
    async (_, context) => {
      await using server = await startServer()
      const kms = succeed(server, "form")
      const KeyId = textOf(await kms("CreateKey"), "KeyMetadata", "KeyId")
      const made = await kms("Encrypt", { RegionId, KeyId, Plaintext: "not Base64", ...context })
      const CiphertextBlob = textOf(made, "CiphertextBlob")
      expect(memberOf(await kms("Decrypt", { RegionId, CiphertextBlob, ...context }), "Plaintext")).toBe("not Base64")
    }
  )

  it("Terraform's provider creates, moves and deletes alicloud_kms_alias", async () => {
    await using server = await startServer()
    const kms = succeed(server, "form")
    const key = async () => textOf(await kms("CreateKey"), "KeyMetadata", "KeyId")
    const AliasName = "alias/terraform"
    const target = async () => {
      const listed = memberOf(
        await kms("ListAliases", { RegionId, PageNumber: "1", PageSize: "20" }),
        "Aliases",
        "Alias"
      )
      return Array.isArray(listed) ? listed.map((alias: unknown) => memberOf(alias, "KeyId")) : undefined
    }
    const [first, second] = [await key(), await key()]
    await kms("CreateAlias", { RegionId, AliasName, KeyId: first })
    expect(await target()).toEqual([first])
    await kms("UpdateAlias", { RegionId, AliasName, KeyId: second })
    expect(await target()).toEqual([second])
    await kms("DeleteAlias", { RegionId, AliasName })
    expect(await target()).toEqual([])
    const gone = await post(server, "form")("DeleteAlias", { RegionId, AliasName })
    expect(gone).toMatchObject({ status: 404, body: { Code: "Forbidden.AliasNotFound" } })
  })
})
