/** User guide 8, Key rotation: by policy for generated material, by alias for imported material. */
import { randomBytes } from "node:crypto"
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, codesOf, textOf } from "./answers.ts"
import { aliyun } from "./commands.ts"
import { createAlias, decrypt, describeKey, encrypt, newKey, Plaintext, updateAlias, wait } from "./customer.ts"
import { importMaterial } from "./material.ts"
import { startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"

const setPolicy = ({ sdk }: RunningServer, keyId: string, rotationInterval: string | undefined): Promise<unknown> =>
  sdk.updateRotationPolicy(
    new Kms.UpdateRotationPolicyRequest({
      keyId,
      enableAutomaticRotation: rotationInterval !== undefined,
      ...(rotationInterval === undefined ? {} : { rotationInterval })
    })
  )

const versionsOf = async ({ sdk }: RunningServer, keyId: string): Promise<ReadonlyArray<string>> => {
  const { keyVersions } = await sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId, pageSize: 100 }))
  return keyVersions.keyVersion.map(({ keyVersionId }) => keyVersionId)
}

const newRotatingKey = (server: RunningServer, rotationInterval: string): Promise<string> =>
  newKey(server, { enableAutomaticRotation: true, rotationInterval })

describe("8.2, a rotation policy", () => {
  it("CreateKey and UpdateRotationPolicy both enable automatic rotation, which is off by default", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newKey(server)
    const off = await describeKey(server, keyId)
    expect([off.automaticRotation, off.rotationInterval, off.nextRotationDate]).toEqual([
      "Disabled",
      undefined,
      undefined
    ])
    await aliyun(
      server,
      `aliyun kms UpdateRotationPolicy --KeyId=${keyId} --EnableAutomaticRotation=true --RotationInterval=30d`
    )
    const atBirth = await newRotatingKey(server, "30d")
    for (const id of [keyId, atBirth]) {
      expect(await describeKey(server, id)).toMatchObject({
        automaticRotation: "Enabled",
        rotationInterval: "2592000s",
        lastRotationDate: "2026-01-01T00:00:00Z",
        nextRotationDate: "2026-01-31T00:00:00Z"
      })
    }
  })

  it.each(["7d", "168h", "10080m", "604800s", "730d"])(
    "a rotation policy takes an interval of %s",
    async (interval) => {
      await using server = await startServer({ clock: "virtual" })
      expect((await describeKey(server, await newRotatingKey(server, interval))).automaticRotation).toBe("Enabled")
    }
  )

  it.each(["6d", "604799s", "731d", "1", "365", "1y", "-30d", "30.5d"])(
    "a rotation policy refuses an interval of %s",
    async (interval) => {
      await using server = await startServer({ clock: "virtual" })
      expect(await codeOf(newRotatingKey(server, interval))).toBe("InvalidParameter")
    }
  )

  it("automatic rotation creates a primary version at LastRotationDate plus the interval, each time", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newRotatingKey(server, "30d")
    const [initial] = await versionsOf(server, keyId)
    expect((await describeKey(server, keyId)).primaryKeyVersion).toBe(initial)
    await wait(server, "2591999s")
    expect(await versionsOf(server, keyId)).toHaveLength(1)
    await wait(server, "1s")
    const dates = ["2026-01-31T00:00:00Z", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"]
    for (const [turn, lastRotationDate] of dates.slice(0, -1).entries()) {
      const versions = await versionsOf(server, keyId)
      expect(versions).toHaveLength(turn + 2)
      expect(await describeKey(server, keyId)).toMatchObject({
        lastRotationDate,
        nextRotationDate: dates[turn + 1],
        primaryKeyVersion: versions[0]
      })
      await wait(server, "30d")
    }
  })

  it("Encrypt uses the current version, Decrypt the ciphertext's, and ReEncrypt updates ciphertext", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newRotatingKey(server, "7d")
    const old = await encrypt(server, keyId)
    await wait(server, "7d")
    const fresh = await encrypt(server, keyId)
    const [current] = await versionsOf(server, keyId)
    expect([fresh.keyVersionId, fresh.keyVersionId === old.keyVersionId]).toEqual([current, false])
    expect(await decrypt(server, old)).toMatchObject({ plaintext: Plaintext, keyVersionId: old.keyVersionId })
    const moved = await server.pop("ReEncrypt", { CiphertextBlob: old.ciphertextBlob, DestinationKeyId: keyId })
    const opened = await decrypt(server, { ciphertextBlob: textOf(moved, "CiphertextBlob") })
    expect(opened).toMatchObject({ plaintext: Plaintext, keyVersionId: current })
  })

  it("an overdue rotation policy with a new interval fires at once, and once", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newRotatingKey(server, "365d")
    await wait(server, "100d")
    await setPolicy(server, keyId, "30d")
    await wait(server, "1s")
    expect(await versionsOf(server, keyId)).toHaveLength(2)
    expect(await describeKey(server, keyId)).toMatchObject({
      lastRotationDate: "2026-04-11T00:00:00Z",
      nextRotationDate: "2026-05-11T00:00:00Z"
    })
    await setPolicy(server, keyId, undefined)
    await wait(server, "800d")
    expect(await versionsOf(server, keyId)).toHaveLength(2)
  })
})

const suspensions = [
  ["Disabled", "DisableKey", "EnableKey"],
  ["PendingDeletion", "ScheduleKeyDeletion", "CancelKeyDeletion"]
] as const

describe.each(suspensions)("8.2, the policy of a key that is %s", (state, leave, comeBack) => {
  it("the rotation policy of an unusable key is Suspended, and resumes with the key", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newRotatingKey(server, "7d")
    await server.pop(leave, { KeyId: keyId })
    expect(await describeKey(server, keyId)).toMatchObject({ keyState: state, automaticRotation: "Suspended" })
    expect(await codeOf(setPolicy(server, keyId, "9d"))).toBe(`Rejected.${state}`)
    await wait(server, "22d")
    expect(await versionsOf(server, keyId)).toHaveLength(1)
    await server.pop(comeBack, { KeyId: keyId })
    await wait(server, "1s")
    expect(await versionsOf(server, keyId)).toHaveLength(2)
    expect(await describeKey(server, keyId)).toMatchObject({
      automaticRotation: "Enabled",
      lastRotationDate: "2026-01-23T00:00:00Z",
      nextRotationDate: "2026-01-30T00:00:00Z"
    })
  })
})

describe("8.2, keys that do not rotate", () => {
  const kinds = [
    ["imported material", { origin: "EXTERNAL" }],
    ["RSA", { keySpec: "RSA_2048" }],
    ["elliptic curves", { keySpec: "EC_P256" }]
  ] as const
  it.each(kinds)("a key of %s refuses a rotation policy at creation and later", async (_name, request) => {
    await using server = await startServer()
    const asked = newKey(server, { ...request, enableAutomaticRotation: true, rotationInterval: "30d" })
    expect(await codeOf(asked)).toBe("InvalidParameter")
    const keyId = await newKey(server, request)
    if ("origin" in request) await importMaterial(server, keyId, randomBytes(32))
    expect(await codeOf(setPolicy(server, keyId, "30d"))).toBe("Rejected.UnsupportedOperation")
  })

  it("keys with imported material and service keys refuse a second version on request", async () => {
    await using server = await startServer({ clock: "virtual" })
    const imported = await newKey(server, { origin: "EXTERNAL" })
    await importMaterial(server, imported, randomBytes(32))
    const service = textOf(await server.v3("CreateServiceKey", { Service: "OSS" }), "KeyMetadata", "KeyId")
    await wait(server, "30d")
    const codes = await codesOf([
      server.pop("CreateKeyVersion", { KeyId: imported }),
      server.pop("CreateKeyVersion", { KeyId: service }),
      setPolicy(server, service, "30d")
    ])
    expect(codes).toEqual(["Rejected.UnsupportedOperation", "UnsupportedOperation", "UnsupportedOperation"])
    expect(await versionsOf(server, imported)).toHaveLength(1)
    expect(await versionsOf(server, service)).toHaveLength(1)
  })
})

describe("8.3, rotation by hand", () => {
  it("rotation by hand binds the alias to a new key, and the application still reads all data", async () => {
    await using server = await startServer()
    const newImportedKey = async (): Promise<string> => {
      const keyId = await newKey(server, { origin: "EXTERNAL" })
      await importMaterial(server, keyId, randomBytes(32))
      return keyId
    }
    const application = {
      encrypt: () => encrypt(server, "alias/MyAppKey"),
      decrypt: (sealed: { readonly ciphertextBlob: string }) => decrypt(server, sealed)
    }
    const cmkA = await newImportedKey()
    await createAlias(server, "alias/MyAppKey", cmkA)
    const before = await application.encrypt()
    const cmkB = await newImportedKey()
    await updateAlias(server, "alias/MyAppKey", cmkB)
    const after = await application.encrypt()
    expect([before.keyId, after.keyId]).toEqual([cmkA, cmkB])
    expect(await application.decrypt(before)).toMatchObject({ plaintext: Plaintext, keyId: cmkA })
    expect(await application.decrypt(after)).toMatchObject({ plaintext: Plaintext, keyId: cmkB })
  })
})
