/** User guide 1, Manage CMKs: create, disable, schedule a deletion, cancel it. */
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, codesOf, memberOf, textOf } from "./answers.ts"
import { aliyun } from "./commands.ts"
import { createAlias, decrypt, describeKey, encrypt, newKey, Plaintext, stateOf, wait } from "./customer.ts"
import { startServer } from "./serverFixture.ts"

describe("a new CMK", () => {
  it("a new CMK is Enabled at once and shows its id, its state and its protection level", async () => {
    await using server = await startServer()
    const keyId = await newKey(server, { description: "payroll", origin: "Aliyun_KMS" })
    await createAlias(server, "alias/payroll", keyId)
    expect(await describeKey(server, "alias/payroll")).toMatchObject({
      keyId,
      description: "payroll",
      keyState: "Enabled",
      origin: "Aliyun_KMS",
      protectionLevel: "SOFTWARE"
    })
  })

  it("a new CMK is PendingImport if its origin is external", async () => {
    await using server = await startServer()
    const keyId = await newKey(server, { origin: "EXTERNAL" })
    expect(await stateOf(server, keyId)).toBe("PendingImport")
    expect(await codeOf(encrypt(server, keyId))).toBe("Rejected.PendingImport")
  })
})

describe("a disabled CMK", () => {
  it("a disabled CMK neither encrypts nor decrypts, and does both after EnableKey", async () => {
    await using server = await startServer()
    const keyId = await newKey(server)
    const sealed = await encrypt(server, keyId)
    await aliyun(server, `aliyun kms DisableKey --KeyId ${keyId}`)
    expect(await stateOf(server, keyId)).toBe("Disabled")
    expect(await codeOf(encrypt(server, keyId))).toBe("Rejected.Disabled")
    expect(await codeOf(decrypt(server, sealed))).toBe("Rejected.Disabled")
    await aliyun(server, `aliyun kms EnableKey --KeyId=${keyId}`)
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })
})

describe("a deletion", () => {
  it("a deletion waits 30 days by default, and cannot be immediate", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newKey(server)
    const reply = await aliyun(server, `aliyun kms ScheduleKeyDeletion --KeyId ${keyId}`)
    expect(Object.keys(Object(reply))).toEqual(["RequestId"])
    expect(await describeKey(server, keyId)).toMatchObject({
      keyState: "PendingDeletion",
      deleteDate: "2026-01-31T00:00:00Z"
    })
  })

  it.each([0, 1, 6, 31, 366])(
    "ScheduleKeyDeletion refuses %i days and changes nothing",
    async (pendingWindowInDays) => {
      await using server = await startServer()
      const keyId = await newKey(server)
      const asked = server.sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays }))
      expect(await codeOf(asked)).toBe("InvalidParameter")
      expect(await stateOf(server, keyId)).toBe("Enabled")
    }
  )

  it.each([7, 30])(
    "a deletion of %i days makes the key unusable at once and unrecoverable at the end",
    async (days) => {
      await using server = await startServer({ clock: "virtual" })
      const keyId = await newKey(server)
      const sealed = await encrypt(server, keyId)
      const dataKey = await server.sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId }))
      await aliyun(server, `aliyun kms ScheduleKeyDeletion --KeyId ${keyId} --PendingWindowInDays ${days}`)
      await wait(server, `${days * 24 - 1}h`)
      const uses = (): ReadonlyArray<Promise<unknown>> => [
        encrypt(server, keyId),
        decrypt(server, sealed),
        decrypt(server, dataKey),
        server.sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId }))
      ]
      expect(new Set(await codesOf(uses()))).toEqual(new Set(["Rejected.PendingDeletion"]))
      await wait(server, "1h")
      expect(new Set(await codesOf(uses()))).toEqual(new Set(["Forbidden.KeyNotFound"]))
      const cancel = server.sdk.cancelKeyDeletion(new Kms.CancelKeyDeletionRequest({ keyId }))
      expect(await codeOf(cancel)).toBe("Forbidden.KeyNotFound")
    }
  )

  it("CancelKeyDeletion makes the key usable again, and the old date passes without effect", async () => {
    await using server = await startServer({ clock: "virtual" })
    const created = await aliyun(server, 'aliyun kms CreateKey --Description "mind changed"')
    const keyId = textOf(created, "KeyMetadata", "KeyId")
    const sealed = await encrypt(server, keyId)
    await aliyun(server, `aliyun kms ScheduleKeyDeletion --KeyId ${keyId} --PendingWindowInDays 7`)
    await wait(server, "167h")
    await aliyun(server, `aliyun kms CancelKeyDeletion --KeyId ${keyId}`)
    await wait(server, "60d")
    const shown = await aliyun(server, `aliyun kms DescribeKey --KeyId ${keyId}`)
    expect(memberOf(shown, "KeyMetadata", "KeyState")).toBe("Enabled")
    expect(memberOf(shown, "KeyMetadata", "DeleteDate")).toBe("")
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })
})
