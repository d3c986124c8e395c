/** Requests in the forms of the vendor's other clients, which no npm client sends. */
import { randomUUID } from "node:crypto"
import { Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { parseRequest } from "../../src/wire/rpcRequest.ts"
import { claimsV1 } from "../../src/wire/signatureV1.ts"
import { textAt } from "../operation/doors.ts"
import type { Request } from "../operation/doors.ts"
import { accessKeyId, secret, startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"

let server: RunningServer
let KeyId: string
let Arn: string
beforeAll(async () => {
  server = await startServer({ clock: "virtual", deletionWindowMax: 366 })
  const made = await terraform("CreateKey", { Description: "orders", Tags: '[{"TagKey":"a","TagValue":""}]' })
  KeyId = textAt(made, "KeyMetadata", "KeyId")
  Arn = textAt(made, "KeyMetadata", "Arn")
})
afterAll(() => server.stop())

const signed = (method: "GET" | "POST", parameters: Request): URLSearchParams =>
  new URLSearchParams(
    signV1({ method, parameters, accessKeyId, secret, nonce: randomUUID(), timestamp: formatInstant(Date.now()) })
  )

const answerOf = async (sent: Promise<Response>): Promise<unknown> => {
  const response = await sent
  const body: unknown = await response.json()
  expect([response.status, JSON.stringify(body)]).toEqual([200, JSON.stringify(body)])
  return body
}

/** The KMS package for Python, which the object-storage SDK's provider uses: a POST with everything in the query. */
const python = (Action: string, parameters: Request): Promise<unknown> => {
  const common = { Action, Version: "2016-01-20", Format: "JSON", RegionId: "cn-hangzhou", SignatureType: "" }
  const query = signed("POST", { ...common, ...parameters })
  const headers = { "content-type": "application/x-www-form-urlencoded", "x-sdk-invoke-type": "normal" }
  return answerOf(fetch(`${server.url}/?${query.toString()}`, { method: "POST", headers }))
}

/** Terraform's provider: common parameters in the query, the operation's parameters in a form. */
const terraform = (Action: string, parameters: Request): Promise<unknown> => {
  const common = { Action, Version: "2016-01-20", Format: "json", SignatureType: "" }
  const all = signed("POST", { ...common, ...parameters })
  const [query, body] = [new URLSearchParams(), new URLSearchParams()]
  for (const [name, value] of all) (Object.hasOwn(parameters, name) ? body : query).append(name, value)
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  return answerOf(fetch(`${server.url}/?${query.toString()}`, { method: "POST", headers, body: body.toString() }))
}

describe("the object-storage SDK's KMS provider", () => {
  it.each(["", '{"x-passphrase":"orders"}'])(
    "accepts requests of the object-storage SDK for data keys with EncryptionContext=%s",
    async (context) => {
      const EncryptionContext = context
      const made = await python("GenerateDataKey", {
        KeyId,
        KeySpec: "AES_256",
        NumberOfBytes: "32",
        EncryptionContext
      })
      expect(Buffer.from(textAt(made, "Plaintext"), "base64")).toHaveLength(32)
      const iv = Buffer.alloc(16, 7).toString("base64")
      const sealed = await python("Encrypt", { KeyId, Plaintext: iv, EncryptionContext })
      for (const [blob, plaintext] of [
        [textAt(made, "CiphertextBlob"), textAt(made, "Plaintext")],
        [textAt(sealed, "CiphertextBlob"), iv]
      ] as const) {
        const opened = await python("Decrypt", { CiphertextBlob: blob, EncryptionContext })
        expect(textAt(opened, "Plaintext")).toBe(plaintext)
      }
    }
  )

  it("a token sent as STSToken counts if SecurityToken is absent or empty", () => {
    const tokenIn = (parameters: Request): string | undefined => {
      const query = signed("GET", { Action: "ListKeys", Version: "2016-01-20", ...parameters })
      const read = parseRequest({ method: "GET", url: `/?${query.toString()}`, headers: {}, body: new Uint8Array(0) })
      return Result.getOrThrow(Result.flatMap(read, claimsV1)).securityToken
    }
    expect(tokenIn({ STSToken: "a" })).toBe("a")
    expect(tokenIn({ STSToken: "a", SecurityToken: "" })).toBe("a")
    expect(tokenIn({ STSToken: "a", SecurityToken: "b" })).toBe("b")
    expect(tokenIn({ STSToken: "" })).toBeUndefined()
  })
})

describe("Terraform's provider", () => {
  it("accepts requests of Terraform's provider that change and delete a key", async () => {
    const shown = () => terraform("DescribeKey", { KeyId })
    await terraform("UpdateKeyDescription", { KeyId, Description: "" })
    await terraform("UpdateRotationPolicy", { KeyId, EnableAutomaticRotation: "false", RotationInterval: "" })
    const protection = { KeyId, DeletionProtectionDescription: "", EnableDeletionProtection: "true" }
    await terraform("SetDeletionProtection", protection)
    expect(await shown()).toMatchObject({ KeyMetadata: { Arn, DeletionProtection: "Enabled", Description: "" } })
    await terraform("SetDeletionProtection", { ...protection, EnableDeletionProtection: "false" })
    await terraform("DisableKey", { KeyId })
    await terraform("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "366" })
    expect(await shown()).toMatchObject({ KeyMetadata: { KeyState: "PendingDeletion" } })
  })
})
