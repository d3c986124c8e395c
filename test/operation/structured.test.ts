/** Values in place of JSON text and bytes in place of Base64 mean the same, in the library and in a JSON body. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { headersV3 } from "../authorization/signV3.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { inProcess, refusal, refused, textAt } from "./doors.ts"
import type { Ask } from "./doors.ts"
import { makeReceiver } from "./wrapping.ts"

const policy = {
  Version: "1",
  Statement: [
    { Effect: "Allow", Principal: { RAM: ["acs:ram::1000000000000001:*"] }, Action: ["kms:*"], Resource: ["*"] }
  ]
}
const document = { Version: "1", Statement: [{ Effect: "Allow", Action: ["kms:Encrypt"], Resource: ["*"] }] }
const trust = {
  Version: "1",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: ["acs:ram::1000000000000001:root"] } }]
}
const Tags = [
  { TagKey: "team", TagValue: "orders" },
  { TagKey: "stage", TagValue: "" }
]

describe("structured values in the library", () => {
  let kms: PromiseKms
  beforeAll(async () => {
    kms = await createKms({ clock: "virtual" })
  })
  afterAll(() => kms.close())
  const newKey = async () => (await kms.createKey()).KeyMetadata.KeyId

  it("the library accepts arrays as tags and tag keys", async () => {
    const { KeyId } = (await kms.createKey({ Tags })).KeyMetadata
    const listed = async () => (await kms.listResourceTags({ KeyId })).Tags.Tag.map(({ TagKey }) => TagKey)
    expect(await listed()).toEqual(["team", "stage"])
    await kms.untagResource({ KeyId, TagKeys: ["team"] })
    expect(await listed()).toEqual(["stage"])
    await kms.tagResource({ KeyId, Tags: [{ TagKey: "a,b", TagValue: '"' }] })
    await kms.untagResource({ KeyId, TagKeys: ["stage"] })
    expect((await kms.listResourceTags({ KeyId })).Tags.Tag).toMatchObject([{ TagKey: "a,b", TagValue: '"' }])
  })

  it("the library treats an empty array of tags as an absent parameter", async () => {
    await kms.createKey({ Tags: [] })
    expect(await refused(kms.tagResource({ KeyId: await newKey(), Tags: [] }))).toEqual(["MissingParameter", "Tags"])
  })

  it("the library accepts an array as filters", async () => {
    const KeyId = await newKey()
    await kms.disableKey({ KeyId })
    const { Keys } = await kms.listKeys({ Filters: [{ Key: "KeyState", Values: ["Disabled"] }] })
    expect(Keys.Key.map((key) => key.KeyId)).toEqual([KeyId])
  })

  it("the library accepts objects as policies, and returns the policies as JSON", async () => {
    const KeyId = await newKey()
    await kms.setKeyPolicy({ KeyId, Policy: policy })
    expect(JSON.parse((await kms.getKeyPolicy({ KeyId })).Policy)).toEqual(policy)
    await kms.createKey({ Policy: policy })
    await kms.ram.createPolicy({ PolicyName: "encrypt", PolicyDocument: document })
    await kms.ram.createPolicyVersion({ PolicyName: "encrypt", PolicyDocument: document })
    const { Role } = await kms.ram.createRole({ RoleName: "reader", AssumeRolePolicyDocument: trust })
    expect(JSON.parse(Role.AssumeRolePolicyDocument)).toEqual(trust)
    await kms.ram.updateRole({ RoleName: "reader", NewAssumeRolePolicyDocument: trust })
  })

  it("the library accepts bytes as data, ciphertexts and digests, and encodes them in Base64", async () => {
    const KeyId = await newKey()
    const bytes = new Uint8Array([0, 255, 17])
    const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: bytes })
    expect((await kms.decrypt({ CiphertextBlob: Buffer.from(CiphertextBlob, "base64") })).Plaintext).toBe("AP8R")
    const empty = await kms.encrypt({ KeyId, Plaintext: new Uint8Array(0) })
    expect((await kms.decrypt(empty)).Plaintext).toBe("")
    expect(await refused(kms.decrypt({ CiphertextBlob: new Uint8Array(0) }))).toEqual([
      "MissingParameter",
      "CiphertextBlob"
    ])
    const pair = (await kms.createKey({ KeySpec: "EC_P256" })).KeyMetadata.KeyId
    const { KeyVersions } = await kms.listKeyVersions({ KeyId: pair })
    const version = { KeyId: pair, KeyVersionId: KeyVersions.KeyVersion[0]?.KeyVersionId ?? "" }
    const signing = { ...version, Algorithm: "ECDSA_SHA_256", Digest: new Uint8Array(32).fill(7) } as const
    const { Value } = await kms.asymmetricSign(signing)
    const verified = await kms.asymmetricVerify({ ...signing, Value: Buffer.from(Value, "base64") })
    expect(verified.Value).toBe(true)
  })

  it("the library accepts bytes as a receiver's public key and wrapped material", async () => {
    const KeyId = await newKey()
    const receiver = makeReceiver()
    const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const
    const PublicKeyBlob = Buffer.from(receiver.publicKey, "base64")
    const made = await kms.generateAndExportDataKey({ KeyId, PublicKeyBlob, ...wrapping })
    expect(receiver.unwrap(made.ExportedDataKey, "RSAES_OAEP_SHA_256")).toHaveLength(32)
    const external = (await kms.createKey({ Origin: "EXTERNAL" })).KeyMetadata.KeyId
    const { PublicKey, ImportToken } = await kms.getParametersForImport({ KeyId: external, ...wrapping })
    const key = createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" })
    const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }
    await kms.importKeyMaterial({
      KeyId: external,
      ImportToken: Buffer.from(ImportToken, "base64"),
      EncryptedKeyMaterial: publicEncrypt(oaep, Buffer.alloc(32, 5))
    })
    expect((await kms.describeKey({ KeyId: external })).KeyMetadata.KeyState).toBe("Enabled")
  })

  it("a change of the bytes after a library call has no effect", async () => {
    const bytes = new Uint8Array([1, 2, 3])
    const sealing = kms.encrypt({ KeyId: await newKey(), Plaintext: bytes })
    bytes.fill(0)
    expect((await kms.decrypt(await sealing)).Plaintext).toBe("AQID")
  })

  it("structured values have the limits of their text", async () => {
    const KeyId = await newKey()
    await kms.encrypt({ KeyId, Plaintext: new Uint8Array(6144) })
    const error = await refusal(kms.encrypt({ KeyId, Plaintext: new Uint8Array(6145) }))
    expect([error.code, error.parameter, error.hint]).toEqual([
      "InvalidParameter",
      "Plaintext",
      "Plaintext stands for 6145 bytes; the limit is 6144 bytes."
    ])
  })

  it("the library refuses a value that JSON cannot represent", async () => {
    const circular: Record<string, unknown> = {}
    circular["self"] = circular
    const KeyId = await newKey()
    expect(await refused(kms.setKeyPolicy({ KeyId, Policy: circular }))).toEqual(["InvalidParameter", "Policy"])
    expect(await refused(kms.setKeyPolicy({ KeyId, Policy: { Version: 1n } }))).toEqual(["InvalidParameter", "Policy"])
  })
})

describe("values without a text form", () => {
  it("the library refuses a value without a text form, and names its parameter", async () => {
    await using kms = await createKms({ clock: "virtual" })
    const without: Ask = inProcess(kms)
    const refusals = [
      await without("ListKeys", { PageSize: Object.create(null) }),
      await without("ListAuditRecords", { Limit: { toString: null, valueOf: null } as never }),
      await without("DescribeKey", { KeyId: Symbol("key") as never })
    ]
    expect(refusals.map(({ code, parameter }) => [code, parameter])).toEqual([
      ["InvalidParameter", "PageSize"],
      ["InvalidParameter", "Limit"],
      ["InvalidParameter", "KeyId"]
    ])
    const assumed = kms.sts.assumeRole({ RoleArn: Object.create(null), RoleSessionName: "session" })
    expect(await refused(assumed)).toEqual(["InvalidParameter.RoleArn", "RoleArn"])
  })
})

describe("structured values in a JSON body over HTTP", () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ clock: "virtual" })
  })
  afterAll(() => server.stop())

  const ask = async (action: string, given: object): Promise<unknown> => {
    const body = Buffer.from(JSON.stringify(given))
    const who = { accessKeyId, secret }
    const headers = headersV3({ action, query: [], host: new URL(server.url).host, who, body })
    const response = await fetch(server.url, { method: "POST", headers, body })
    const answer: unknown = await response.json()
    if (response.status !== 200) throw new Error(JSON.stringify(answer))
    return answer
  }

  it("a JSON body may have tags, filters, contexts and policies as arrays and objects", async () => {
    const KeyId = textAt(await ask("CreateKey", { Tags, Policy: policy }), "KeyMetadata", "KeyId")
    expect(textAt(await ask("ListResourceTags", { KeyId }), "Tags", "Tag", "0", "TagValue")).toBe("orders")
    await ask("UntagResource", { KeyId, TagKeys: ["team"] })
    expect(textAt(await ask("ListResourceTags", { KeyId }), "Tags", "Tag", "0", "TagKey")).toBe("stage")
    const listed = await ask("ListKeys", { Filters: [{ Key: "TagKey", Values: ["stage"] }] })
    expect(textAt(listed, "Keys", "Key", "0", "KeyId")).toBe(KeyId)
    expect(JSON.parse(textAt(await ask("GetKeyPolicy", { KeyId }), "Policy"))).toEqual(policy)
    const sealed = await ask("Encrypt", { KeyId, Plaintext: "AQID", EncryptionContext: { a: "b" } })
    const CiphertextBlob = textAt(sealed, "CiphertextBlob")
    const opened = await ask("Decrypt", { CiphertextBlob, EncryptionContext: '{"a":"b"}' })
    expect(textAt(opened, "Plaintext")).toBe("AQID")
  })
})
