/** Public-key operations of a client: PEM, digests, wrong signatures, Base64 in lines (API reference 8). */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify
} from "node:crypto"
import { sm2 } from "sm-crypto-v2"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { testKms } from "../../src/testing.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { startServer } from "../guide/serverFixture.ts"
import { form } from "../server/signed.ts"
import { overHttp, refused, textAt } from "./doors.ts"
import { paddings, versionsOf } from "./wrapping.ts"

let kms: PromiseKms
beforeAll(async () => {
  kms = await testKms()
})
afterAll(() => kms.close())

const message = Buffer.from("a message to sign")
const Digest = createHash("sha256").update(message).digest("base64")

const pairOf = async (request: Parameters<PromiseKms["createKey"]>[0]) => {
  const { KeyId } = (await kms.createKey(request)).KeyMetadata
  const [KeyVersionId = ""] = await versionsOf(kms, KeyId)
  return { KeyId, KeyVersionId }
}

const inLines = (text: string, width: number, end: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join(end) + end

describe("a public key", () => {
  it.each([
    ["RSA_2048", "SOFTWARE"],
    ["EC_P256", "SOFTWARE"],
    ["EC_P256K", "HSM"],
    ["EC_SM2", "HSM"]
  ] as const)(
    "GetPublicKey returns a key of spec %s as PEM in lines of 64 characters",
    async (KeySpec, ProtectionLevel) => {
      const version = await pairOf({ KeySpec, ProtectionLevel })
      const { PublicKey, RequestId: _, ...ids } = await kms.getPublicKey(version)
      expect(ids).toEqual(version)
      const lines = PublicKey.split("\n")
      expect([lines[0], lines.at(-2), lines.at(-1)]).toEqual([
        "-----BEGIN PUBLIC KEY-----",
        "-----END PUBLIC KEY-----",
        ""
      ])
      const body = lines.slice(1, -2)
      expect(body.slice(0, -1).every((line) => line.length === 64)).toBe(true)
      expect(body.at(-1)?.length).toBeLessThanOrEqual(64)
      const der = Buffer.from(body.join(""), "base64")
      if (KeySpec === "EC_SM2") expect(der.toString("hex")).toContain("06082a811ccf5501822d")
      else expect(createPublicKey(PublicKey).export({ format: "der", type: "spki" })).toEqual(der)
    }
  )
})

describe("a signature", () => {
  it.each([
    ["RSA_2048", "RSA_PSS_SHA_256", { padding: 6, saltLength: 32 }],
    ["RSA_2048", "RSA_PKCS1_SHA_256", {}],
    ["EC_P256", "ECDSA_SHA_256", {}],
    ["EC_P256K", "ECDSA_SHA_256", {}]
  ] as const)("OpenSSL and the service accept a signature by %s with %s", async (KeySpec, Algorithm, options) => {
    const version = await pairOf({ KeySpec, KeyUsage: "SIGN/VERIFY" })
    const request = { ...version, Algorithm, Digest }
    const { Value, KeyId, KeyVersionId } = await kms.asymmetricSign(request)
    expect({ KeyId, KeyVersionId }).toEqual(version)
    const { PublicKey } = await kms.getPublicKey(version)
    expect(verify("sha256", message, { key: PublicKey, ...options }, Buffer.from(Value, "base64"))).toBe(true)
    expect(await kms.asymmetricVerify({ ...request, Value })).toMatchObject({ ...version, Value: true })
  })

  it("another implementation verifies an EC_SM2 signature of the client's own SM3 digest", async () => {
    const version = await pairOf({ KeySpec: "EC_SM2", KeyUsage: "SIGN/VERIFY", ProtectionLevel: "HSM" })
    const { PublicKey } = await kms.getPublicKey(version)
    const der = Buffer.from(PublicKey.replaceAll(/-----.*-----|\n/g, ""), "base64")
    const point = der.subarray(-65).toString("hex")
    const Digest = Buffer.from(sm2.getHash(Uint8Array.from(message), point), "hex").toString("base64")
    const { Value } = await kms.asymmetricSign({ ...version, Algorithm: "SM2DSA", Digest })
    const hex = Buffer.from(Value, "base64").toString("hex")
    expect(sm2.doVerifySignature(message.toString("utf8"), hex, point, { hash: true, der: true })).toBe(true)
  })

  it("AsymmetricVerify answers false for a wrong signature, in JSON and in XML", async () => {
    await using server = await startServer({ clock: "virtual" })
    const ask = overHttp(server.url)
    const KeyId = textAt((await ask("CreateKey", { KeySpec: "EC_P256" })).body, "KeyMetadata", "KeyId")
    const versions = (await ask("ListKeyVersions", { KeyId })).body["KeyVersions"]
    const KeyVersionId = textAt(versions, "KeyVersion", "0", "KeyVersionId")
    const request = { KeyId, KeyVersionId, Algorithm: "ECDSA_SHA_256", Digest }
    const Value = textAt((await ask("AsymmetricSign", request)).body, "Value")
    const bytes = Buffer.from(Value, "base64")
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" })
    const verdict = async (signature: Buffer): Promise<unknown> =>
      (await ask("AsymmetricVerify", { ...request, Value: signature.toString("base64") })).body["Value"]
    expect(await verdict(bytes)).toBe(true)
    for (const wrong of [
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.from("AAAA", "base64"),
      Buffer.alloc(600),
      sign("sha256", message, privateKey),
      sign("sha256", Buffer.from("another message"), privateKey)
    ]) {
      expect(await verdict(wrong)).toBe(false)
    }
    const xml = async (signature: string): Promise<string> => {
      const body = form("AsymmetricVerify", { ...request, Value: signature, Format: "XML" })
      const headers = { "content-type": "application/x-www-form-urlencoded" }
      const response = await fetch(server.url, { method: "POST", headers, body })
      expect(response.status).toBe(200)
      return response.text()
    }
    expect(await xml(Value)).toContain("<Value>true</Value>")
    expect(await xml("AAAA")).toContain("<Value>false</Value>")
  })
})

describe("encryption", () => {
  it.each([
    ["RSAES_OAEP_SHA_256", 190],
    ["RSAES_OAEP_SHA_1", 214]
  ] as const)(
    "RSA_2048 with %s encrypts up to %i bytes, and decrypts ciphertext of OpenSSL",
    async (Algorithm, most) => {
      const version = await pairOf({ KeySpec: "RSA_2048" })
      const plain = Buffer.alloc(most, 0xa5)
      const request = { ...version, Algorithm }
      const { CiphertextBlob } = await kms.asymmetricEncrypt({ ...request, Plaintext: plain.toString("base64") })
      expect(Buffer.from(CiphertextBlob, "base64")).toHaveLength(256)
      const opened = await kms.asymmetricDecrypt({ ...request, CiphertextBlob })
      expect(opened).toMatchObject({ ...version, Plaintext: plain.toString("base64") })
      const longer = { ...request, Plaintext: Buffer.alloc(most + 1).toString("base64") }
      expect(await refused(kms.asymmetricEncrypt(longer))).toEqual(["InvalidParameter", "Plaintext"])
      const { PublicKey } = await kms.getPublicKey(version)
      const theirs = publicEncrypt({ key: PublicKey, ...paddings[Algorithm] }, plain).toString("base64")
      expect((await kms.asymmetricDecrypt({ ...request, CiphertextBlob: theirs })).Plaintext).toBe(opened.Plaintext)
      for (const wrong of [
        theirs.slice(0, -4),
        Buffer.alloc(256).toString("base64"),
        Buffer.alloc(256, 255).toString("base64")
      ]) {
        expect(await refused(kms.asymmetricDecrypt({ ...request, CiphertextBlob: wrong }))).toEqual([
          "InvalidParameter",
          "CiphertextBlob"
        ])
      }
    }
  )

  it("EC_SM2 encrypts up to 6047 bytes, and decrypts ciphertext of another implementation", async () => {
    const version = await pairOf({ KeySpec: "EC_SM2", ProtectionLevel: "HSM" })
    const request = { ...version, Algorithm: "SM2PKE" } as const
    const Plaintext = Buffer.alloc(6047, 7).toString("base64")
    const { CiphertextBlob } = await kms.asymmetricEncrypt({ ...request, Plaintext })
    expect(Buffer.from(CiphertextBlob, "base64")).toHaveLength(6144)
    expect((await kms.asymmetricDecrypt({ ...request, CiphertextBlob })).Plaintext).toBe(Plaintext)
    const longer = { ...request, Plaintext: Buffer.alloc(6048).toString("base64") }
    expect(await refused(kms.asymmetricEncrypt(longer))).toEqual(["InvalidParameter", "Plaintext"])
    const { PublicKey } = await kms.getPublicKey(version)
    const point = Buffer.from(PublicKey.replaceAll(/-----.*-----|\n/g, ""), "base64").subarray(-65)
    const hex = `04${sm2.doEncrypt(Uint8Array.from(message), point.toString("hex"), 1, { asn1: false })}`
    const theirs = Buffer.from(hex, "hex").toString("base64")
    const opened = await kms.asymmetricDecrypt({ ...request, CiphertextBlob: theirs })
    expect(opened.Plaintext).toBe(message.toString("base64"))
  })
})

describe("Base64 with line breaks", () => {
  it("asymmetric operations accept Base64 with line breaks in every parameter with bytes", async () => {
    const signer = {
      ...(await pairOf({ KeySpec: "RSA_2048", KeyUsage: "SIGN/VERIFY" })),
      Algorithm: "RSA_PSS_SHA_256"
    } as const
    const { Value } = await kms.asymmetricSign({ ...signer, Digest: inLines(Digest, 20, "\n") })
    const folded = { ...signer, Digest: inLines(Digest, 20, "\r\n"), Value: inLines(Value, 64, "\n") }
    expect((await kms.asymmetricVerify(folded)).Value).toBe(true)
    const pair = { ...(await pairOf({ KeySpec: "RSA_2048" })), Algorithm: "RSAES_OAEP_SHA_256" } as const
    const made = await kms.asymmetricEncrypt({ ...pair, Plaintext: inLines(Digest, 40, "\n") })
    const opened = await kms.asymmetricDecrypt({ ...pair, CiphertextBlob: inLines(made.CiphertextBlob, 76, "\r\n") })
    expect(opened.Plaintext).toBe(Digest)
    const spki = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const der = spki.publicKey.export({ format: "der", type: "spki" }).toString("base64")
    const { ExportedDataKey, CiphertextBlob } = await kms.generateAndExportDataKey({
      KeyId: (await kms.createKey()).KeyMetadata.KeyId,
      PublicKeyBlob: inLines(der, 64, "\n"),
      WrappingKeySpec: "RSA_2048",
      WrappingAlgorithm: "RSAES_OAEP_SHA_256"
    })
    const bytes = privateDecrypt(
      { key: spki.privateKey, ...paddings.RSAES_OAEP_SHA_256 },
      Buffer.from(ExportedDataKey, "base64")
    )
    expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(bytes.toString("base64"))
    // A blob is text of the service and comes back unchanged.
    expect(await refused(kms.decrypt({ CiphertextBlob: inLines(CiphertextBlob, 64, "\n") }))).toEqual([
      "InvalidParameter",
      "CiphertextBlob"
    ])
    for (const wrong of [" ", "\n", "AA=A", "AAA", "AAAB\tAAAA", "AAAA\rAAAA", "AB==", "AAA=\n="]) {
      expect(await refused(kms.asymmetricSign({ ...signer, Digest: wrong }))).toEqual(["InvalidParameter", "Digest"])
    }
  })
})
