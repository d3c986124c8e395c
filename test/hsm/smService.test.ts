/** The guide's chapters with SM2 and SM4 keys in a token, and numbers that the token lacks. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import Kms from "@alicloud/kms20160120"
import { Effect, Exit, Logger } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { curves, pointOf } from "../../src/crypto/asymmetric/curves.ts"
import { isSm2Signature, sm2Digest } from "../../src/crypto/asymmetric/sm2.ts"
import { reconcile } from "../../src/verification/reconcile.ts"
import { HeldRootKey } from "../../src/crypto/heldRootKey.ts"
import { storeTag, TokenConnection } from "../../src/crypto/hsm/connection.ts"
import { inventoryOf } from "../../src/crypto/hsm/provider/inventory.ts"
import { encodeBase64 } from "../../src/encoding/base64.ts"
import { optionsOf } from "../../src/index.ts"
import { storedEngineLayer } from "../../src/main.ts"
import type { Mechanisms } from "../../src/crypto/hsm/mechanisms.ts"
import { codeOf, textOf } from "../guide/answers.ts"
import { decrypt, describeKey, encrypt, newKey, Plaintext, stateOf, wait } from "../guide/customer.ts"
import { importMaterial } from "../guide/material.ts"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { readableSecrets } from "./inToken.ts"
import { makeSmToken, numbers } from "./smModule.ts"

const token = makeSmToken()
afterAll(() => token.remove())

const options = { module: token.module, label: token.label, pinFile: token.pinFile }
const start = (mechanisms: Mechanisms = numbers) => startServer({ hsm: { ...options, mechanisms }, clock: "virtual" })
const make = (server: RunningServer, request: object = {}) => newKey(server, { protectionLevel: "HSM", ...request })

const versionOf = async ({ sdk }: RunningServer, keyId: string): Promise<string> => {
  const { keyVersions } = await sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId }))
  return keyVersions.keyVersion[0]?.keyVersionId ?? ""
}

const pointBytesOf = (pem: string): Uint8Array =>
  new Uint8Array(Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64")).slice(-65)

describe("an SM4 key in a token", () => {
  it("an SM4 key on a token seals, generates data keys, is rotated, and is destroyed after deletion", async () => {
    await using server = await start()
    const { sdk } = server
    const before = readableSecrets(token).objects
    const policy = { enableAutomaticRotation: true, rotationInterval: "7d" }
    const keyId = await make(server, { keySpec: "Aliyun_SM4", ...policy })
    expect(await describeKey(server, keyId)).toMatchObject({ keySpec: "Aliyun_SM4", protectionLevel: "HSM" })
    const sealed = await encrypt(server, keyId)
    expect(Buffer.from(sealed.ciphertextBlob, "base64").subarray(0, 2)).toEqual(Buffer.from([1, 4]))
    expect(await codeOf(decrypt(server, sealed, { encryptionContext: { order: "2" } }))).toBe("InvalidParameter")
    const dataKey = await sdk.generateDataKey(new Kms.GenerateDataKeyRequest({ keyId }))
    expect((await decrypt(server, dataKey)).plaintext).toBe(dataKey.plaintext)
    await wait(server, "8d")
    const next = await encrypt(server, keyId)
    expect(next.keyVersionId).not.toBe(sealed.keyVersionId)
    for (const each of [sealed, next]) expect((await decrypt(server, each)).plaintext).toBe(Plaintext)
    expect(readableSecrets(token)).toEqual({ objects: before + 2, readable: [] })
    await sdk.scheduleKeyDeletion(new Kms.ScheduleKeyDeletionRequest({ keyId, pendingWindowInDays: 7 }))
    await wait(server, "8d")
    expect(readableSecrets(token).objects).toBe(before)
  })

  it("an SM4 key on a token accepts only the same imported material again, and only of its length", async () => {
    await using server = await start()
    const keyId = await make(server, { keySpec: "Aliyun_SM4", origin: "EXTERNAL" })
    const material = new Uint8Array(16).fill(11)
    await importMaterial(server, keyId, material, { wrapping: "RSAES_OAEP_SHA_1" })
    const sealed = await encrypt(server, keyId)
    for (const wrong of [new Uint8Array(16).fill(12), new Uint8Array(32).fill(11)]) {
      const other = importMaterial(server, keyId, wrong, { wrapping: "RSAES_PKCS1_V1_5" })
      expect(await codeOf(other)).toBe("InvalidKeyMaterial")
    }
    await server.sdk.deleteKeyMaterial(new Kms.DeleteKeyMaterialRequest({ keyId }))
    expect(await stateOf(server, keyId)).toBe("PendingImport")
    await importMaterial(server, keyId, material, { wrapping: "RSAES_PKCS1_V1_5" })
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
    const asked = { KeyId: keyId, WrappingAlgorithm: "SM2PKE", WrappingKeySpec: "EC_SM2" }
    expect(await codeOf(server.pop("GetParametersForImport", asked))).toBe("UnsupportedOperation")
  })
})

describe("an SM2 key in a token", () => {
  it("an SM2 key on a token signs, and signs a certificate request that OpenSSL verifies", async () => {
    await using server = await start()
    const { sdk } = server
    const keyId = await make(server, { keySpec: "EC_SM2", keyUsage: "SIGN/VERIFY" })
    const key = { keyId, keyVersionId: await versionOf(server, keyId) }
    const pem = (await sdk.getPublicKey(new Kms.GetPublicKeyRequest(key))).publicKey
    const point = pointOf(curves.EC_SM2, pointBytesOf(pem))
    if (point === undefined) throw new Error("the public key is a point")
    const digest = sm2Digest(pointBytesOf(pem), Buffer.from("the contract"))
    const asked = { ...key, algorithm: "SM2DSA", digest: encodeBase64(digest) }
    const { value } = await sdk.asymmetricSign(new Kms.AsymmetricSignRequest(asked))
    expect(isSm2Signature(point, digest, new Uint8Array(Buffer.from(value, "base64")))).toBe(true)
    expect((await sdk.asymmetricVerify(new Kms.AsymmetricVerifyRequest({ ...asked, value }))).value).toBe(true)
    const request = { KeyId: keyId, KeyVersionId: key.keyVersionId, Subject: "CN=example.com" }
    const csr = textOf(await server.pop("CreateCertificateSigningRequest", request, "POST"), "Csr")
    const path = join(token.directory, "request.pem")
    writeFileSync(path, csr)
    const how = ["req", "-verify", "-noout", "-vfyopt", "distid:1234567812345678", "-in", path]
    expect(spawnSync("openssl", how, { encoding: "utf8" }).stderr).toMatch(/verify OK/)
  })

  it("an SM2 key on a token decrypts SM2PKE ciphertext, and refuses a changed one", async () => {
    await using server = await start()
    const { sdk } = server
    const keyId = await make(server, { keySpec: "EC_SM2" })
    const asked = { keyId, keyVersionId: await versionOf(server, keyId), algorithm: "SM2PKE" }
    const sealing = new Kms.AsymmetricEncryptRequest({ ...asked, plaintext: Plaintext })
    const { ciphertextBlob } = await sdk.asymmetricEncrypt(sealing)
    const open = (ciphertextBlob: string) =>
      sdk.asymmetricDecrypt(new Kms.AsymmetricDecryptRequest({ ...asked, ciphertextBlob }))
    expect((await open(ciphertextBlob)).plaintext).toBe(Plaintext)
    const changed = Buffer.from(ciphertextBlob, "base64")
    changed[70] = (changed[70] ?? 0) ^ 1
    expect(await codeOf(open(changed.toString("base64")))).toBe("InvalidParameter")
    expect((await open(ciphertextBlob)).plaintext).toBe(Plaintext)
  })
})

const offered = async (server: RunningServer): Promise<ReadonlyArray<string>> => {
  const codes: Array<string> = []
  for (const keySpec of ["Aliyun_SM4", "EC_SM2"]) {
    const made = make(server, { keySpec })
    codes.push(
      await made.then(
        () => "ok",
        () => codeOf(made)
      )
    )
  }
  return codes
}

/** The output of a start with these numbers, and the features that the token lacks. */
const startOf = (mechanisms: Mechanisms) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      said.push(`${logLevel} ${String(message)}`)
    })
    const exit = yield* Effect.gen(function* () {
      const { token } = yield* TokenConnection
      return token?.abilities.lacking ?? []
    }).pipe(
      Effect.provide(TokenConnection.layer({ ...options, mechanisms })),
      Effect.provide(Logger.layer([logger])),
      Effect.exit
    )
    return { said, exit }
  }).pipe(Effect.runPromise)

describe("numbers of SM mechanisms", () => {
  it("a token without numbers of SM mechanisms has no SM keys, without a message", async () => {
    await using server = await start({})
    expect(await offered(server)).toEqual(["Unsupported.ProtectionLevel", "Unsupported.ProtectionLevel"])
    expect(await startOf({})).toEqual({ said: [], exit: Exit.succeed([]) })
    const failure: unknown = await server
      .pop("CreateKey", { KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" })
      .catch((error: unknown) => error)
    expect(JSON.stringify(failure) + String(failure)).toContain("The connected HSM holds no Aliyun_SM4 keys")
  })

  it("the start reports SM mechanisms that the token does not list, and refuses keys of that spec", async () => {
    const wrong = { ...numbers, SM4_GCM: 0x8000_0042 }
    await using server = await start(wrong)
    expect(await offered(server)).toEqual(["Unsupported.ProtectionLevel", "ok"])
    const lack = "it has no mechanism SM4_GCM (0x80000042)"
    const { said, exit } = await startOf(wrong)
    expect(exit).toEqual(Exit.succeed([lack]))
    expect(said).toEqual([`Warn The token keystate cannot hold all the key specs it was configured for: ${lack}.`])
  })

  it("the start tests SM mechanisms, and refuses one that does something else", async () => {
    const lacking = async (changed: Mechanisms) => (await startOf({ ...numbers, ...changed })).exit
    const aesGcm = 0x1087
    expect(await lacking({ SM4_GCM: aesGcm })).toEqual(
      Exit.succeed(["SM4_GCM does not seal and open under a key of SM4_KEY_GEN"])
    )
    const ecdsa = 0x1041
    expect(await lacking({ SM2_SIGN: ecdsa })).toEqual(Exit.succeed(["SM2_SIGN does not sign a digest by SM2"]))
    const rsa = 0x1
    expect(await lacking({ SM2_ENCRYPT: rsa })).toEqual(
      Exit.succeed(["SM2_ENCRYPT opens no ciphertext as C1C3C2, C1C2C3, DER"])
    )
    expect(await lacking({ SM2_KEY_TYPE: 0x8000_0099, SM4_KEY_TYPE: 0x8000_0099 })).toEqual(
      Exit.succeed([
        "SM2_KEY_PAIR_GEN does not make a pair",
        "SM4_GCM does not seal and open under a key of SM4_KEY_GEN"
      ])
    )
  })

  it("the start refuses numbers of SM mechanisms that are incomplete for a spec", async () => {
    const { exit } = await startOf({ SM4_GCM: numbers.SM4_GCM })
    expect(JSON.stringify(exit)).toContain("SM4 also needs a number for SM4_KEY_GEN, SM4_KEY_TYPE.")
  })

  it("a later start needs the numbers of SM mechanisms again, and keeps the keys without them", async () => {
    const store = { directory: join(token.directory, "data") }
    const startWith = (mechanisms: Mechanisms) => startServer({ hsm: { ...options, mechanisms }, store, clock: "real" })
    let keyId = ""
    let sealed = { ciphertextBlob: "" }
    {
      await using server = await startWith(numbers)
      keyId = await make(server, { keySpec: "Aliyun_SM4" })
      sealed = await encrypt(server, keyId)
    }
    {
      await using server = await startWith({})
      expect(await codeOf(encrypt(server, keyId))).toBe("ServiceUnavailableTemporary")
    }
    const reconciled = await Effect.gen(function* () {
      const { token } = yield* TokenConnection
      const { rootKey } = yield* HeldRootKey
      if (token === undefined) throw new Error("a token is connected")
      return yield* reconcile(inventoryOf(token, { rootKey, tag: yield* storeTag }), true)
    }).pipe(Effect.provide(storedEngineLayer(optionsOf(store, { hsm: options }))), Effect.runPromise)
    expect(reconciled).toEqual({ objects: 1, versions: 1, orphans: [] })
    await using server = await startWith(numbers)
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })
})
