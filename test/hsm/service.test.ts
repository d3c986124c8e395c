/** User guide, chapter 7, on a real token: the vendor's client uses HSM keys like any other. */
import Kms from "@alicloud/kms20160120"
import { constants, createHash, createPublicKey, publicEncrypt, verify } from "node:crypto"
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { KmsOptions } from "../../src/index.ts"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { readableSecrets } from "./inToken.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const directory = mkdtempSync(join(tmpdir(), "keystate-hsm-data-"))
afterAll(() => {
  token.remove()
  rmSync(directory, { recursive: true, force: true })
})

const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
const start = (options: KmsOptions & { readonly store?: { readonly directory: string } } = {}) =>
  startServer({ hsm, clock: "virtual", ...options })

const plaintext = "aGVsbG8gd29ybGQ="
const Level = { protectionLevel: "HSM" }

const failureOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
  } catch (error) {
    const data: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "data") : undefined
    return String(typeof data === "object" && data !== null ? Reflect.get(data, "Code") : error)
  }
  return "ok"
}

const memberOf = (reply: unknown, name: string): string =>
  String(typeof reply === "object" && reply !== null ? Reflect.get(reply, name) : undefined)

const create = async ({ sdk }: RunningServer, request: object = {}): Promise<string> =>
  (await sdk.createKey(new Kms.CreateKeyRequest({ ...Level, ...request }))).keyMetadata.keyId

const encrypt = ({ sdk }: RunningServer, keyId: string) => sdk.encrypt(new Kms.EncryptRequest({ keyId, plaintext }))
const decrypt = ({ sdk }: RunningServer, ciphertextBlob: string) =>
  sdk.decrypt(new Kms.DecryptRequest({ ciphertextBlob }))

const publicKeyOf = (base64: string) =>
  createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" })

/** Wraps with RSAES_PKCS1_V1_5, and imports. */
const bring = async (
  { sdk }: RunningServer,
  keyId: string,
  material: Uint8Array,
  wrappingAlgorithm = "RSAES_PKCS1_V1_5"
) => {
  const parameters = await sdk.getParametersForImport(
    new Kms.GetParametersForImportRequest({ keyId, wrappingAlgorithm, wrappingKeySpec: "RSA_2048" })
  )
  const key = publicKeyOf(parameters.publicKey)
  const encryptedKeyMaterial = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, material).toString("base64")
  const { importToken } = parameters
  return sdk.importKeyMaterial(
    new Kms.ImportKeyMaterialRequest({ keyId, importToken, encryptedKeyMaterial, keyMaterialExpireUnix: 0 })
  )
}

const ready = async ({ url }: RunningServer): Promise<number> => (await fetch(`${url}/readyz`)).status

const metricsOf = async ({ url }: RunningServer): Promise<string> => (await fetch(`${url}/metrics`)).text()

describe("keys of level HSM on a token", () => {
  it("keys of level HSM on a token work like software keys, also after a restart", async () => {
    let blob = ""
    let keyId = ""
    {
      await using server = await start({ store: { directory }, clock: "real" })
      keyId = await create(server, { description: "Key1 in Managed HSM" })
      const { keyMetadata } = await server.sdk.describeKey(new Kms.DescribeKeyRequest({ keyId }))
      expect(keyMetadata).toMatchObject({ protectionLevel: "HSM", keyState: "Enabled", keySpec: "Aliyun_AES_256" })
      blob = (await encrypt(server, keyId)).ciphertextBlob
      expect(Buffer.from(blob, "base64").subarray(0, 2)).toEqual(Buffer.from([1, 2]))
      const software = await create(server, { protectionLevel: "SOFTWARE" })
      const moved = await server.pop("ReEncrypt", { CiphertextBlob: blob, DestinationKeyId: software }, "POST")
      expect((await decrypt(server, memberOf(moved, "CiphertextBlob"))).plaintext).toBe(plaintext)
    }
    await using again = await start({ store: { directory }, clock: "real" })
    expect((await decrypt(again, blob)).plaintext).toBe(plaintext)
    const dataKey = await again.sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId }))
    expect((await decrypt(again, dataKey.ciphertextBlob)).plaintext).toBe(dataKey.plaintext)
  })

  it("keys of level HSM on a token sign and decrypt as in chapter 5 of the guide", async () => {
    await using server = await start()
    const { sdk } = server
    for (const [keySpec, algorithm] of [
      ["RSA_2048", "RSA_PSS_SHA_256"],
      ["EC_P256", "ECDSA_SHA_256"],
      ["EC_P256K", "ECDSA_SHA_256"]
    ] as const) {
      const keyId = await create(server, { keySpec, keyUsage: "SIGN/VERIFY" })
      const versions = await sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId }))
      const keyVersionId = versions.keyVersions.keyVersion[0]?.keyVersionId ?? ""
      const message = Buffer.from("the contract")
      const digest = createHash("sha256").update(message).digest("base64")
      const signed = await sdk.asymmetricSign(new Kms.AsymmetricSignRequest({ keyId, keyVersionId, algorithm, digest }))
      const key = publicKeyOf(
        (await sdk.getPublicKey(new Kms.GetPublicKeyRequest({ keyId, keyVersionId }))).publicKey
          .replace(/-----[A-Z ]+-----/g, "")
          .replace(/\s/g, "")
      )
      const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      const options = keySpec === "RSA_2048" ? { key, ...padding } : { key }
      expect(verify("sha256", message, options, Buffer.from(signed.value, "base64"))).toBe(true)
    }
    const keyId = await create(server, { keySpec: "RSA_2048" })
    const versions = await sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId }))
    const which = { keyId, keyVersionId: versions.keyVersions.keyVersion[0]?.keyVersionId ?? "" }
    const algorithm = "RSAES_OAEP_SHA_256"
    const { ciphertextBlob } = await sdk.asymmetricEncrypt(
      new Kms.AsymmetricEncryptRequest({ ...which, algorithm, plaintext })
    )
    const opened = await sdk.asymmetricDecrypt(
      new Kms.AsymmetricDecryptRequest({ ...which, algorithm, ciphertextBlob })
    )
    expect(opened.plaintext).toBe(plaintext)
    expect(readableSecrets(token).readable).toEqual([])
  })

  it("keys of level HSM on a token accept only the same material again, and store one copy", async () => {
    await using server = await start()
    const { sdk } = server
    const before = readableSecrets(token).objects
    const keyId = await create(server, { origin: "EXTERNAL" })
    const material = Buffer.alloc(32, 7)
    await bring(server, keyId, material)
    // The wrapping key pair, two objects, exists as long as its import token; the key is one object.
    expect(readableSecrets(token).objects - before).toBe(3)
    const { ciphertextBlob } = await encrypt(server, keyId)
    await bring(server, keyId, material)
    expect(readableSecrets(token).objects - before).toBe(5)
    expect(await failureOf(bring(server, keyId, Buffer.alloc(32, 8)))).toBe("InvalidKeyMaterial")
    expect(await failureOf(bring(server, keyId, Buffer.alloc(16, 7)))).toBe("InvalidKeyMaterial")
    expect((await decrypt(server, ciphertextBlob)).plaintext).toBe(plaintext)
    expect(readableSecrets(token).objects - before).toBe(9)
    expect(await failureOf(bring(server, keyId, material, "RSAES_OAEP_SHA_256"))).toBe("UnsupportedOperation")
    await sdk.deleteKeyMaterial(new Kms.DeleteKeyMaterialRequest({ keyId }))
    expect(readableSecrets(token).objects - before).toBe(8)
    expect(await failureOf(decrypt(server, ciphertextBlob))).toBe("Rejected.PendingImport")
    await bring(server, keyId, material)
    expect((await decrypt(server, ciphertextBlob)).plaintext).toBe(plaintext)
    await server.pop("AdvanceClock", { By: "2d" }, "POST")
    const other = await create(server, { origin: "EXTERNAL" })
    await sdk.getParametersForImport(
      new Kms.GetParametersForImportRequest({
        keyId: other,
        wrappingAlgorithm: "RSAES_PKCS1_V1_5",
        wrappingKeySpec: "RSA_2048"
      })
    )
    // The key pairs of expired import tokens are destroyed; one is new.
    expect(readableSecrets(token).objects - before).toBe(3)
  })

  it("keys of level HSM on a token are destroyed after their deletion, with every version", async () => {
    await using server = await start()
    const before = readableSecrets(token).objects
    const keyId = await create(server, { enableAutomaticRotation: true, rotationInterval: "7d" })
    await server.pop("AdvanceClock", { By: "15d" }, "POST")
    expect(readableSecrets(token).objects - before).toBe(3)
    await server.sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }))
    await server.pop("AdvanceClock", { By: "8d" }, "POST")
    expect(readableSecrets(token).objects).toBe(before)
  })

  it("keys of level HSM answer 503 while the token is away; software keys are not affected", async () => {
    await using server = await start()
    const keyId = await create(server)
    const software = await create(server, { protectionLevel: "SOFTWARE" })
    const { ciphertextBlob } = await encrypt(server, keyId)
    expect(await ready(server)).toBe(200)
    const away = `${token.tokens}.away`
    renameSync(token.tokens, away)
    expect(await failureOf(encrypt(server, keyId))).toBe("ServiceUnavailableTemporary")
    expect(await failureOf(create(server))).toBe("ServiceUnavailableTemporary")
    expect(await failureOf(encrypt(server, software))).toBe("ok")
    expect(await ready(server)).toBe(503)
    expect(await metricsOf(server)).toContain("keystate_hsm_sessions 0\n")
    renameSync(away, token.tokens)
    await expect.poll(() => ready(server)).toBe(200)
    expect((await decrypt(server, ciphertextBlob)).plaintext).toBe(plaintext)
    const metrics = await metricsOf(server)
    expect(metrics).toMatch(/keystate_hsm_sessions [24]\n/)
    expect(metrics).toMatch(/keystate_hsm_calls_total\{call="seal",outcome="ok"\} [1-9]/)
    expect(metrics).toContain("keystate_hsm_ready 1")
  })

  it("keys of level HSM get a new version at the message limit if a rotation policy is on", async () => {
    await using server = await start({ hsm: { ...hsm, invocationsMax: 3 } })
    const keyId = await create(server, { enableAutomaticRotation: true, rotationInterval: "365d" })
    // Simultaneous calls, so that several find the version at its limit.
    const blobs = await Promise.all(Array.from({ length: 8 }, () => encrypt(server, keyId)))
    const versions = await server.sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId }))
    expect(versions.totalCount).toBe(3)
    expect(new Set(blobs.map(({ keyVersionId }) => keyVersionId)).size).toBe(3)
    const { keyMetadata } = await server.sdk.describeKey(new Kms.DescribeKeyRequest({ keyId }))
    expect(keyMetadata).toMatchObject({ keyState: "Enabled", automaticRotation: "Enabled" })
    expect(versions.keyVersions.keyVersion.map(({ keyVersionId }) => keyVersionId)).toContain(
      keyMetadata.primaryKeyVersion
    )
    for (const { ciphertextBlob } of blobs) expect((await decrypt(server, ciphertextBlob)).plaintext).toBe(plaintext)
  })

  it("keys of level HSM are refused at the message limit without a policy, and still decrypt", async () => {
    await using server = await start({ hsm: { ...hsm, invocationsMax: 3 } })
    const keyId = await create(server)
    const blobs = [await encrypt(server, keyId), await encrypt(server, keyId), await encrypt(server, keyId)]
    expect(await failureOf(encrypt(server, keyId))).toBe("Rejected.LimitExceeded")
    for (const { ciphertextBlob } of blobs) expect((await decrypt(server, ciphertextBlob)).plaintext).toBe(plaintext)
  })
})
