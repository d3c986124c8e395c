/** The vendor's published clients, unmodified, with a key's whole lifecycle on a real server. */
import Kms from "@alicloud/kms20160120"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { failureOf, memberOf } from "./answers.ts"
import { startServer } from "./serverFixture.ts"

const Plaintext = "aGVsbG8gd29ybGQ="

describe("the KMS SDK, signature version 1.0", () => {
  it("the KMS SDK manages a key from creation to a cancelled deletion, signature version 1.0", async () => {
    await using server = await startServer()
    const { sdk } = server
    const created = await sdk.createKey(new Kms.CreateKeyRequest({ description: "orders" }))
    const { keyId, keyState } = created.keyMetadata
    expect(keyState).toBe("Enabled")
    const encrypted = await sdk.encrypt(
      new Kms.EncryptRequest({ keyId, plaintext: Plaintext, encryptionContext: { tenant: "7", a: "b" } })
    )
    const context = { a: "b", tenant: "7" }
    const decrypt = () =>
      sdk.decrypt(new Kms.DecryptRequest({ ciphertextBlob: encrypted.ciphertextBlob, encryptionContext: context }))
    expect((await decrypt()).plaintext).toBe(Plaintext)
    await sdk.disableKey(new Kms.DisableKeyRequest({ keyId }))
    expect(await failureOf(decrypt())).toEqual({ code: "Rejected.Disabled", status: 409 })
    await sdk.enableKey(new Kms.EnableKeyRequest({ keyId }))
    await sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }))
    expect(await failureOf(decrypt())).toEqual({ code: "Rejected.PendingDeletion", status: 409 })
    const pending = await sdk.describeKey(new Kms.DescribeKeyRequest({ keyId }))
    expect(pending.keyMetadata.keyState).toBe("PendingDeletion")
    await sdk.cancelKeyDeletion(new Kms.CancelKeyDeletionRequest({ keyId }))
    expect((await decrypt()).plaintext).toBe(Plaintext)
  })

  it("the KMS SDK lists keys and regions in its own types", async () => {
    await using server = await startServer()
    const { sdk } = server
    const { keyMetadata } = await sdk.createKey(new Kms.CreateKeyRequest({}))
    const listed = await sdk.listKeys(new Kms.ListKeysRequest({}))
    expect(listed.totalCount).toBe(1)
    expect(listed.keys.key.map((key) => key.keyId)).toEqual([keyMetadata.keyId])
    const { regions } = await sdk.describeRegions(new Kms.DescribeRegionsRequest({}))
    expect(regions.region.map((region) => region.regionId)).toContain("cn-hangzhou")
  })

  it("the KMS SDK generates data keys that decrypt", async () => {
    await using server = await startServer()
    const { sdk } = server
    const { keyMetadata } = await sdk.createKey(new Kms.CreateKeyRequest({}))
    const made = await sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId: keyMetadata.keyId }))
    const opened = await sdk.decrypt(new Kms.DecryptRequest({ ciphertextBlob: made.ciphertextBlob }))
    expect(opened.plaintext).toBe(made.plaintext)
  })
})

describe.each(["GET", "POST"] as const)("the core SDK by %s", (method) => {
  it("the core SDK reads replies and refusals", async () => {
    await using server = await startServer()
    const created = await server.pop("CreateKey", { Description: "with spaces, * and ~ and 汉字" }, method)
    const KeyId = memberOf(created, "KeyMetadata", "KeyId")
    expect(memberOf(created, "KeyMetadata", "Description")).toBe("with spaces, * and ~ and 汉字")
    const blob = memberOf(await server.pop("Encrypt", { KeyId, Plaintext }, method), "CiphertextBlob")
    expect(memberOf(await server.pop("Decrypt", { CiphertextBlob: blob }, method), "Plaintext")).toBe(Plaintext)
    expect((await failureOf(server.pop("NoSuchAction", {}, method))).code).toBe("InvalidAction.NotFound")
    expect((await failureOf(server.pop("Encrypt", { KeyId }, method))).code).toBe("MissingParameter")
  })
})

describe("the generic SDK, signature V3", () => {
  it("the generic SDK manages a key with signature V3", async () => {
    await using server = await startServer()
    const KeyId = String(memberOf(await server.v3("CreateKey"), "KeyMetadata", "KeyId"))
    const CiphertextBlob = String(
      memberOf(await server.v3("Encrypt", { KeyId, Plaintext, EncryptionContext: '{"a":"b"}' }), "CiphertextBlob")
    )
    const opened = await server.v3("Decrypt", { CiphertextBlob, EncryptionContext: '{"a":"b"}' })
    expect(memberOf(opened, "Plaintext")).toBe(Plaintext)
    await server.v3("DisableKey", { KeyId })
    expect((await failureOf(server.v3("Encrypt", { KeyId, Plaintext }))).code).toBe("Rejected.Disabled")
  })

  it("the generic SDK advances the clock by 31 days, and a deletion happens", async () => {
    await using server = await startServer({ clock: "virtual" })
    const KeyId = String(memberOf(await server.v3("CreateKey"), "KeyMetadata", "KeyId"))
    await server.v3("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "30" })
    await server.v3("AdvanceClock", { By: "29d" })
    expect(memberOf(await server.v3("DescribeKey", { KeyId }), "KeyMetadata", "KeyState")).toBe("PendingDeletion")
    await server.v3("AdvanceClock", { By: "2d" })
    expect((await failureOf(server.v3("DescribeKey", { KeyId }))).code).toBe("Forbidden.KeyNotFound")
  })
})

describe("a restart", () => {
  it("keys, ciphertext and a scheduled deletion survive a restart, and the deletion happens on its date", async () => {
    const directory = mkdtempSync(join(tmpdir(), "keystate-"))
    try {
      const first = await startServer({ store: { directory }, clock: "virtual" })
      const KeyId = String(memberOf(await first.v3("CreateKey"), "KeyMetadata", "KeyId"))
      const CiphertextBlob = String(memberOf(await first.v3("Encrypt", { KeyId, Plaintext }), "CiphertextBlob"))
      await first.v3("AdvanceClock", { By: "10d" })
      expect(memberOf(await first.v3("Decrypt", { CiphertextBlob }), "Plaintext")).toBe(Plaintext)
      await first.v3("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "30" })
      await first.stop()
      await using second = await startServer({ store: { directory }, clock: "virtual" })
      await second.v3("AdvanceClock", { By: "29d" })
      expect(memberOf(await second.v3("DescribeKey", { KeyId }), "KeyMetadata", "DeleteDate")).toBe(
        "2026-02-10T00:00:00Z"
      )
      await second.v3("AdvanceClock", { By: "2d" })
      expect((await failureOf(second.v3("Decrypt", { CiphertextBlob }))).code).toBe("Forbidden.KeyNotFound")
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
