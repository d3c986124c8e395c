/** User guide 4.3, Import key material: console, command line, Java and Go, and expiry of material and tokens. */
import { createPublicKey, publicEncrypt, randomBytes } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, memberOf, textOf } from "./answers.ts"
import { aliyun, scratchFolder } from "./commands.ts"
import { createAlias, decrypt, describeKey, encrypt, newKey, Plaintext, stateOf, wait } from "./customer.ts"
import { importMaterial, parametersFor, wrap, wrappingNames } from "./material.ts"
import { startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"

const newExternalKey = (server: RunningServer): Promise<string> => newKey(server, { origin: "EXTERNAL" })

/** Unix seconds of a day in January 2026, when a virtual clock starts. */
const january = (day: number): number => Date.UTC(2026, 0, day) / 1000

const importUnder = (
  { sdk }: RunningServer,
  keyId: string,
  importToken: string,
  encryptedKeyMaterial: string
): Promise<unknown> =>
  sdk.importKeyMaterial(
    new Kms.ImportKeyMaterialRequest({ keyId, encryptedKeyMaterial, importToken, keyMaterialExpireUnix: 0 })
  )

describe("the console's steps, by the same API", () => {
  it("the console's import steps work with OpenSSL and RSAES_OAEP_SHA_1, and enable the key", async () => {
    await using server = await startServer({ clock: "virtual" })
    using folder = scratchFolder()
    const keyId = await newKey(server, { keySpec: "Aliyun_AES_256", description: "imported", origin: "EXTERNAL" })
    await createAlias(server, "alias/imported", keyId)
    const { publicKey, importToken } = await parametersFor(server, keyId, "RSAES_OAEP_SHA_1")
    writeFileSync(join(folder.path, "PublicKey_base64.txt"), publicKey)
    await folder.sh(`openssl rand -out KeyMaterial.bin 32
openssl enc -d -base64 -A -in PublicKey_base64.txt -out PublicKey.bin
openssl rsautl -encrypt -in KeyMaterial.bin -oaep -inkey PublicKey.bin -keyform DER -pubin -out EncryptedKeyMaterial.bin
openssl enc -e -base64 -A -in EncryptedKeyMaterial.bin -out EncryptedKeyMaterial_base64.txt`)
    const encryptedKeyMaterial = await folder.sh("cat EncryptedKeyMaterial_base64.txt")
    expect(await stateOf(server, keyId)).toBe("PendingImport")
    await server.sdk.importKeyMaterial(
      new Kms.ImportKeyMaterialRequest({
        keyId,
        encryptedKeyMaterial,
        importToken,
        keyMaterialExpireUnix: january(31)
      })
    )
    expect(await describeKey(server, keyId)).toMatchObject({
      keyState: "Enabled",
      materialExpireTime: "2026-01-31T00:00:00Z"
    })
    expect((await decrypt(server, await encrypt(server, "alias/imported"))).plaintext).toBe(Plaintext)
  })
})

describe("the command line's steps", () => {
  it("the guide's three commands create a key, get parameters and import material", async () => {
    await using server = await startServer()
    const created = await aliyun(server, 'aliyun kms CreateKey --Origin EXTERNAL --Description "External key"')
    expect(memberOf(created, "KeyMetadata", "Description")).toBe("External key")
    const keyId = textOf(created, "KeyMetadata", "KeyId")
    const parameters = await aliyun(
      server,
      `aliyun kms GetParametersForImport --KeyId ${keyId} --WrappingAlgorithm RSAES_OAEP_SHA_1 --WrappingKeySpec RSA_2048`
    )
    const der = Buffer.from(textOf(parameters, "PublicKey"), "base64")
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: der, format: "der", type: "spki" })
    expect([asymmetricKeyType, asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 2048])
    const wrapped = wrap(textOf(parameters, "PublicKey"), "RSAES_OAEP_SHA_1", randomBytes(32))
    await aliyun(
      server,
      `aliyun kms ImportKeyMaterial --KeyId ${keyId} --EncryptedKeyMaterial ${wrapped} --ImportToken ${textOf(parameters, "ImportToken")}`
    )
    expect(await describeKey(server, keyId)).toMatchObject({ keyState: "Enabled", materialExpireTime: "" })
  })
})

describe("the guide's samples", () => {
  it("material wrapped as in the Java sample is imported: OAEP with SHA-256 and MGF1 with SHA-256", async () => {
    await using server = await startServer({ clock: "virtual" })
    using folder = scratchFolder()
    const keyId = await newExternalKey(server)
    const { publicKey, importToken } = await parametersFor(server, keyId, "RSAES_OAEP_SHA_256")
    writeFileSync(join(folder.path, "key.der"), Buffer.from(publicKey, "base64"))
    writeFileSync(join(folder.path, "material"), randomBytes(32))
    const wrapWith = (mgf1: string): Promise<string> =>
      folder.sh(`openssl pkeyutl -encrypt -in material -pubin -keyform DER -inkey key.der \\
        -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:${mgf1} | openssl base64 -A`)
    expect(await codeOf(importUnder(server, keyId, importToken, await wrapWith("sha1")))).toBe("InvalidKeyMaterial")
    await importUnder(server, keyId, importToken, await wrapWith("sha256"))
    expect(await stateOf(server, keyId)).toBe("Enabled")
  })

  it("the Java sample's expiry in 2019 is refused as past", async () => {
    await using server = await startServer()
    const keyId = await newExternalKey(server)
    expect(await codeOf(importMaterial(server, keyId, randomBytes(32), { expireUnix: 1_546_272_000 }))).toBe(
      "InvalidParameter"
    )
    expect(await stateOf(server, keyId)).toBe("PendingImport")
  })

  it("material wrapped as in the Go sample is imported: EncryptOAEP with one hash and an empty label", async () => {
    await using server = await startServer()
    const keyId = await newExternalKey(server)
    const asked = { KeyId: keyId, WrappingKeySpec: "RSA_2048", WrappingAlgorithm: "RSAES_OAEP_SHA_256" }
    const parameters = await server.pop("GetParametersForImport", asked)
    const key = createPublicKey({
      key: Buffer.from(textOf(parameters, "PublicKey"), "base64"),
      format: "der",
      type: "spki"
    })
    const cipherDer = publicEncrypt({ key, oaepHash: "sha256", oaepLabel: Buffer.alloc(0) }, randomBytes(32))
    await server.pop("ImportKeyMaterial", {
      KeyId: keyId,
      ImportToken: textOf(parameters, "ImportToken"),
      EncryptedKeyMaterial: cipherDer.toString("base64")
    })
    expect(await describeKey(server, keyId)).toMatchObject({ keyState: "Enabled", materialExpireTime: "" })
  })
})

describe.each(wrappingNames)("material wrapped by %s", (wrapping) => {
  it("ImportKeyMaterial accepts 32 wrapped bytes, and refuses another length or another algorithm", async () => {
    await using server = await startServer()
    const keyId = await newExternalKey(server)
    const { publicKey, importToken } = await parametersFor(server, keyId, wrapping)
    for (const length of [1, 16, 31, 33, 64]) {
      const wrapped = wrap(publicKey, wrapping, randomBytes(length))
      expect(await codeOf(importUnder(server, keyId, importToken, wrapped))).toBe("InvalidKeyMaterial")
    }
    for (const other of wrappingNames.filter((name) => name !== wrapping)) {
      const wrapped = wrap(publicKey, other, randomBytes(32))
      expect(await codeOf(importUnder(server, keyId, importToken, wrapped))).toBe("InvalidKeyMaterial")
    }
    expect(await stateOf(server, keyId)).toBe("PendingImport")
    await importUnder(server, keyId, importToken, wrap(publicKey, wrapping, randomBytes(32)))
    expect(await stateOf(server, keyId)).toBe("Enabled")
  })
})

describe("an import token", () => {
  it("an import token is valid for 24 hours, several times, and for its own key only", async () => {
    await using server = await startServer({ clock: "virtual" })
    const [keyId, other] = [await newExternalKey(server), await newExternalKey(server)]
    const parameters = await parametersFor(server, keyId)
    expect(parameters.tokenExpireTime).toBe("2026-01-02T00:00:00Z")
    const wrapped = wrap(parameters.publicKey, "RSAES_OAEP_SHA_256", randomBytes(32))
    expect(await codeOf(importUnder(server, other, parameters.importToken, wrapped))).toBe("InvalidImportToken")
    for (const By of ["12h", "11h", "59m"]) {
      await importUnder(server, keyId, parameters.importToken, wrapped)
      await wait(server, By)
    }
    await importUnder(server, keyId, parameters.importToken, wrapped)
    await wait(server, "1m")
    expect(await codeOf(importUnder(server, keyId, parameters.importToken, wrapped))).toBe("ExpiredImportToken")
  })

  it("an import token works only with its own public key", async () => {
    await using server = await startServer()
    const keyId = await newExternalKey(server)
    const [first, second] = [await parametersFor(server, keyId), await parametersFor(server, keyId)]
    const wrapped = wrap(first.publicKey, "RSAES_OAEP_SHA_256", randomBytes(32))
    expect(await codeOf(importUnder(server, keyId, second.importToken, wrapped))).toBe("InvalidKeyMaterial")
    await importUnder(server, keyId, first.importToken, wrapped)
    expect(await stateOf(server, keyId)).toBe("Enabled")
  })
})

describe("imported material", () => {
  it("imported material expires to the second, and a new import sets a new time", async () => {
    await using server = await startServer({ clock: "virtual" })
    const keyId = await newExternalKey(server)
    const material = randomBytes(32)
    await importMaterial(server, keyId, material, { expireUnix: january(11) })
    const sealed = await encrypt(server, keyId)
    await wait(server, "9d")
    await importMaterial(server, keyId, material, { expireUnix: january(21) })
    await wait(server, "10d")
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
    await wait(server, "86399s")
    expect(await stateOf(server, keyId)).toBe("Enabled")
    await wait(server, "1s")
    expect(await describeKey(server, keyId)).toMatchObject({ keyState: "PendingImport", materialExpireTime: "" })
    expect(await codeOf(decrypt(server, sealed))).toBe("Rejected.PendingImport")
    await importMaterial(server, keyId, material)
    await wait(server, "3650d")
    expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
  })

  it("a key accepts only its first material: after expiry, after deletion, after a restart", async () => {
    const directory = mkdtempSync(join(tmpdir(), "keystate-guide-"))
    try {
      const material = randomBytes(32)
      const start = () => startServer({ store: { directory }, clock: "virtual" })
      const first = await start()
      const keyId = await newExternalKey(first)
      await importMaterial(first, keyId, material, { expireUnix: january(2) })
      const sealed = await encrypt(first, keyId)
      const refusesOthers = async (server: RunningServer): Promise<void> => {
        for (const wrapping of wrappingNames) {
          const other = importMaterial(server, keyId, randomBytes(32), { wrapping })
          expect(await codeOf(other)).toBe("InvalidKeyMaterial")
        }
      }
      await refusesOthers(first)
      await wait(first, "1d")
      await refusesOthers(first)
      await importMaterial(first, keyId, material)
      await first.sdk.deleteKeyMaterial(new Kms.DeleteKeyMaterialRequest({ keyId }))
      await refusesOthers(first)
      await first.stop()
      await using second = await start()
      await refusesOthers(second)
      expect(await stateOf(second, keyId)).toBe("PendingImport")
      await importMaterial(second, keyId, material)
      expect((await decrypt(second, sealed)).plaintext).toBe(Plaintext)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it("a key does not open another key's ciphertext, although both have the same material", async () => {
    await using server = await startServer()
    const material = randomBytes(32)
    const [one, two] = [await newExternalKey(server), await newExternalKey(server)]
    for (const keyId of [one, two]) await importMaterial(server, keyId, material)
    const [ofOne, ofTwo] = [await encrypt(server, one), await encrypt(server, two)]
    await server.sdk.disableKey(new Kms.DisableKeyRequest({ keyId: one }))
    expect(await codeOf(decrypt(server, ofOne))).toBe("Rejected.Disabled")
    expect((await decrypt(server, ofTwo)).keyId).toBe(two)
    await server.sdk.enableKey(new Kms.EnableKeyRequest({ keyId: one }))
    expect(await codeOf(decrypt(server, { ciphertextBlob: grafted(ofOne.ciphertextBlob, ofTwo.ciphertextBlob) }))).toBe(
      "InvalidParameter"
    )
  })
})

/** The ids of one blob in front of the sealed part of another: bytes 2 to 33 name the key and its version. */
const grafted = (sealed: string, named: string): string => {
  const blob = Buffer.from(sealed, "base64")
  Buffer.from(named, "base64").copy(blob, 2, 2, 34)
  return blob.toString("base64")
}
