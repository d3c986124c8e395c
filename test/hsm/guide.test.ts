/** The user guide's chapters 2 to 5, 7 and 8, with the vendor's client and keys in a real token. */
import { constants, createHash, createPublicKey, generateKeyPairSync, privateDecrypt, verify } from "node:crypto"
import Kms from "@alicloud/kms20160120"
import { afterAll, describe, expect, it } from "vitest"
import { codeOf, memberOf, textOf } from "../guide/answers.ts"
import {
  createAlias,
  decrypt,
  describeKey,
  encrypt,
  newKey,
  Plaintext,
  stateOf,
  updateAlias,
  wait
} from "../guide/customer.ts"
import { importMaterial, parametersFor } from "../guide/material.ts"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { readableSecrets, withModule } from "./inToken.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
afterAll(() => token.remove())

const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
const start = () => startServer({ hsm, clock: "virtual" })
const inHsm = { protectionLevel: "HSM" } as const
const make = (server: RunningServer, request: object = {}) => newKey(server, { ...inHsm, ...request })

const versionsOf = async ({ sdk }: RunningServer, keyId: string): Promise<ReadonlyArray<string>> => {
  const { keyVersions } = await sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId, pageSize: 100 }))
  return keyVersions.keyVersion.map(({ keyVersionId }) => keyVersionId)
}

const publicKeyOf = async ({ sdk }: RunningServer, keyId: string, keyVersionId: string) =>
  createPublicKey((await sdk.getPublicKey(new Kms.GetPublicKeyRequest({ keyId, keyVersionId }))).publicKey)

describe("chapter 2, the lifecycle of a key", () => {
  it("a key on a token is described, listed, disabled, enabled, scheduled for deletion and deleted with its objects", async () => {
    await using server = await start()
    const { sdk } = server
    const before = readableSecrets(token).objects
    const keyId = await make(server, { description: "first" })
    await sdk.updateKeyDescription(new Kms.UpdateKeyDescriptionRequest({ keyId, description: "second" }))
    expect(await describeKey(server, keyId)).toMatchObject({ description: "second", protectionLevel: "HSM" })
    const listed = await sdk.listKeys(new Kms.ListKeysRequest({}))
    expect(listed.keys.key.map((key) => key.keyId)).toContain(keyId)
    const sealed = await encrypt(server, keyId)
    await sdk.disableKey(new Kms.DisableKeyRequest({ keyId }))
    expect(await codeOf(decrypt(server, sealed))).toBe("Rejected.Disabled")
    await sdk.enableKey(new Kms.EnableKeyRequest({ keyId }))
    await sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }))
    expect(await codeOf(encrypt(server, keyId))).toBe("Rejected.PendingDeletion")
    await sdk.cancelKeyDeletion(new Kms.CancelKeyDeletionRequest({ keyId }))
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
    await sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }))
    expect(readableSecrets(token).objects - before).toBe(1)
    await wait(server, "7d")
    expect(await codeOf(decrypt(server, sealed))).toBe("Forbidden.KeyNotFound")
    expect(readableSecrets(token).objects - before).toBe(0)
  })

  it("a key on a token generates data keys that open again, only in their context", async () => {
    await using server = await start()
    const { sdk } = server
    const keyId = await make(server)
    const encryptionContext = { order: "1" }
    const named = { keyId, keySpec: "AES_128", encryptionContext }
    const shown = await sdk.generateDataKey(new Kms.GenerateDataKeyRequest(named))
    expect((await decrypt(server, shown, { encryptionContext })).plaintext).toBe(shown.plaintext)
    expect(await codeOf(decrypt(server, shown, { encryptionContext: { order: "2" } }))).toBe("InvalidParameter")
    const hidden = await sdk.generateDataKeyWithoutPlaintext(new Kms.GenerateDataKeyWithoutPlaintextRequest(named))
    const opened = await decrypt(server, hidden, { encryptionContext })
    expect(Buffer.from(opened.plaintext, "base64")).toHaveLength(16)
  })
})

describe("chapter 3, aliases", () => {
  it("an alias names a key on a token, moves to another, and old ciphertext still opens", async () => {
    await using server = await start()
    const { sdk } = server
    const [first, second] = [await make(server), await make(server)]
    await createAlias(server, "alias/orders", first)
    const sealed = await encrypt(server, "alias/orders")
    await updateAlias(server, "alias/orders", second)
    const next = await encrypt(server, "alias/orders")
    expect([sealed.keyId, next.keyId]).toEqual([first, second])
    for (const each of [sealed, next]) expect((await decrypt(server, each)).plaintext).toBe(Plaintext)
    await sdk.deleteAlias(new Kms.DeleteAliasRequest({ aliasName: "alias/orders" }))
    expect(await codeOf(encrypt(server, "alias/orders"))).toBe("Forbidden.AliasNotFound")
  })
})

describe("chapter 4, imported material", () => {
  const material = new Uint8Array(32).fill(11)

  it("material is imported with each algorithm of the token, expires, and only the same material is accepted", async () => {
    await using server = await start()
    const keyId = await make(server, { origin: "EXTERNAL" })
    expect(await stateOf(server, keyId)).toBe("PendingImport")
    const expireUnix = Date.UTC(2026, 0, 3) / 1000
    await importMaterial(server, keyId, material, { wrapping: "RSAES_OAEP_SHA_1", expireUnix })
    expect(await describeKey(server, keyId)).toMatchObject({
      keyState: "Enabled",
      origin: "EXTERNAL",
      materialExpireTime: "2026-01-03T00:00:00Z"
    })
    const sealed = await encrypt(server, keyId)
    await wait(server, "3d")
    expect(await codeOf(decrypt(server, sealed))).toBe("Rejected.PendingImport")
    const other = importMaterial(server, keyId, new Uint8Array(32).fill(12), { wrapping: "RSAES_PKCS1_V1_5" })
    expect(await codeOf(other)).toBe("InvalidKeyMaterial")
    await importMaterial(server, keyId, material, { wrapping: "RSAES_PKCS1_V1_5" })
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
    await server.sdk.deleteKeyMaterial(new Kms.DeleteKeyMaterialRequest({ keyId }))
    expect(await stateOf(server, keyId)).toBe("PendingImport")
  })

  it("an import is refused for an algorithm that the token cannot unwrap, and names the mechanism", async () => {
    await using server = await start()
    const keyId = await make(server, { origin: "EXTERNAL" })
    expect(await codeOf(parametersFor(server, keyId, "RSAES_OAEP_SHA_256"))).toBe("UnsupportedOperation")
    const failure: unknown = await server
      .pop("GetParametersForImport", {
        KeyId: keyId,
        WrappingAlgorithm: "RSAES_OAEP_SHA_256",
        WrappingKeySpec: "RSA_2048"
      })
      .catch((error: unknown) => error)
    expect(JSON.stringify(failure) + String(failure)).toContain("CKM_RSA_PKCS_OAEP with SHA-256")
  })
})

describe("chapter 5, key pairs", () => {
  it.each([
    ["RSA_2048", "RSA_PKCS1_SHA_256", {}],
    ["RSA_2048", "RSA_PSS_SHA_256", { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
    ["EC_P256", "ECDSA_SHA_256", {}],
    ["EC_P256K", "ECDSA_SHA_256", {}]
  ] as const)(
    "a key pair of spec %s on a token signs by %s, and signs a certificate request",
    async (keySpec, algorithm, how) => {
      await using server = await start()
      const { sdk } = server
      const keyId = await make(server, { keySpec, keyUsage: "SIGN/VERIFY" })
      await wait(server, "7d")
      await sdk.createKeyVersion(new Kms.CreateKeyVersionRequest({ keyId }))
      const versions = await versionsOf(server, keyId)
      expect(versions).toHaveLength(2)
      const message = Buffer.from("the contract")
      const digest = createHash("sha256").update(message).digest("base64")
      const values: Array<string> = []
      for (const keyVersionId of versions) {
        const asked = { keyId, keyVersionId, algorithm, digest }
        const { value } = await sdk.asymmetricSign(new Kms.AsymmetricSignRequest(asked))
        const key = await publicKeyOf(server, keyId, keyVersionId)
        expect(verify("sha256", message, { key, ...how }, Buffer.from(value, "base64"))).toBe(true)
        const verified = await sdk.asymmetricVerify(new Kms.AsymmetricVerifyRequest({ ...asked, value }))
        expect(verified.value).toBe(true)
        values.push(value)
        const KeyVersionId = keyVersionId
        const request = { KeyId: keyId, KeyVersionId, Subject: "CN=example.com", SignatureAlgorithm: algorithm }
        const reply = await server.pop("CreateCertificateSigningRequest", request, "POST")
        expect(textOf(reply, "Csr")).toContain("BEGIN CERTIFICATE REQUEST")
      }
      const [keyVersionId] = versions
      const crossed = { keyId, keyVersionId, algorithm, digest, value: values[1] }
      expect((await sdk.asymmetricVerify(new Kms.AsymmetricVerifyRequest(crossed))).value).toBe(false)
    }
  )

  it.each(["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"])(
    "RSA_2048 on a token decrypts what is encrypted by %s",
    async (algorithm) => {
      await using server = await start()
      const { sdk } = server
      const keyId = await make(server, { keySpec: "RSA_2048" })
      const [keyVersionId] = await versionsOf(server, keyId)
      const asked = { keyId, keyVersionId, algorithm }
      const { ciphertextBlob } = await sdk.asymmetricEncrypt(
        new Kms.AsymmetricEncryptRequest({ ...asked, plaintext: Plaintext })
      )
      const open = (ciphertextBlob: string) =>
        sdk.asymmetricDecrypt(new Kms.AsymmetricDecryptRequest({ ...asked, ciphertextBlob }))
      expect((await open(ciphertextBlob)).plaintext).toBe(Plaintext)
      const changed = Buffer.from(ciphertextBlob, "base64")
      changed[200] = (changed[200] ?? 0) ^ 1
      expect(await codeOf(open(changed.toString("base64")))).toBe("InvalidParameter")
      // The key still works after wrong input.
      expect((await open(ciphertextBlob)).plaintext).toBe(Plaintext)
    }
  )

  it("a key on a token exports data keys to another key pair, directly and by ReEncrypt", async () => {
    await using server = await start()
    const keyId = await make(server)
    const receiver = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const to = {
      PublicKeyBlob: receiver.publicKey.export({ format: "der", type: "spki" }).toString("base64"),
      WrappingKeySpec: "RSA_2048",
      WrappingAlgorithm: "RSAES_OAEP_SHA_256"
    }
    const unwrapped = (reply: unknown): string =>
      privateDecrypt(
        { key: receiver.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
        Buffer.from(textOf(reply, "ExportedDataKey"), "base64")
      ).toString("base64")
    const made = await server.pop("GenerateAndExportDataKey", { KeyId: keyId, ...to }, "POST")
    const ciphertextBlob = textOf(made, "CiphertextBlob")
    const { plaintext } = await decrypt(server, { ciphertextBlob })
    expect(unwrapped(made)).toBe(plaintext)
    const again = await server.pop("ExportDataKey", { CiphertextBlob: ciphertextBlob, ...to }, "POST")
    expect(unwrapped(again)).toBe(plaintext)
  })
})

describe("chapter 7, regions", () => {
  it("keys of the token are offered in the listed regions, and SM keys only if supported", async () => {
    await using server = await startServer({ hsm, region: "cn-hongkong" })
    expect(await stateOf(server, await make(server))).toBe("Enabled")
    for (const keySpec of ["Aliyun_SM4", "EC_SM2"]) {
      expect(await codeOf(make(server, { keySpec }))).toBe("Unsupported.ProtectionLevel")
    }
    await using elsewhere = await startServer({ hsm, region: "eu-central-1" })
    expect(await codeOf(make(elsewhere))).toBe("Unsupported.ProtectionLevel")
  })
})

describe("chapter 8, rotation", () => {
  it("rotation creates versions in the token, encrypts with the newest, and decrypts with all", async () => {
    await using server = await start()
    const { sdk } = server
    const keyId = await make(server)
    const sealed = [await encrypt(server, keyId)]
    const policy = { keyId, enableAutomaticRotation: true, rotationInterval: "30d" }
    await sdk.updateRotationPolicy(new Kms.UpdateRotationPolicyRequest(policy))
    for (let rotations = 0; rotations < 3; rotations++) {
      await wait(server, "30d")
      sealed.push(await encrypt(server, keyId))
    }
    const used = sealed.map(({ keyVersionId }) => keyVersionId)
    expect(new Set(used)).toEqual(new Set(await versionsOf(server, keyId)))
    expect((await describeKey(server, keyId)).primaryKeyVersion).toBe(used.at(-1))
    for (const each of sealed) expect((await decrypt(server, each)).plaintext).toBe(Plaintext)
    const moved = await server.pop(
      "ReEncrypt",
      { CiphertextBlob: sealed[0]?.ciphertextBlob, DestinationKeyId: keyId },
      "POST"
    )
    const renewed = { ciphertextBlob: String(memberOf(moved, "CiphertextBlob")) }
    expect(await decrypt(server, renewed)).toMatchObject({ plaintext: Plaintext, keyVersionId: used.at(-1) })
  })
})

describe("secrets in the token", () => {
  it("no object of the token shows a secret, and a control object is seen", async () => {
    // The login belongs to the process: without one, the objects are not visible.
    await using server = await start()
    expect(server.url).not.toBe("")
    const { objects, readable } = readableSecrets(token)
    expect(objects).toBeGreaterThan(20)
    expect(readable).toEqual([])
    withModule(token, ({ module, session, names }) => {
      const bare = module.C_GenerateKey(session, { mechanism: names.CKM_AES_KEY_GEN }, [
        { type: names.CKA_TOKEN, value: true },
        { type: names.CKA_SENSITIVE, value: false },
        { type: names.CKA_EXTRACTABLE, value: true },
        { type: names.CKA_VALUE_LEN, value: 32 }
      ])
      expect(readableSecrets(token).readable).toEqual(["CKA_VALUE"])
      module.C_DestroyObject(session, bare)
    })
  })
})
