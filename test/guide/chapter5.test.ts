/** User guide 5, Use asymmetric keys: the service by the API, the other side by OpenSSL. */
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { codeOf, codesOf, memberOf, textOf } from "./answers.ts"
import { aliyun, scratchFolder } from "./commands.ts"
import type { Folder } from "./commands.ts"
import { createAlias, wait } from "./customer.ts"
import { startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"

interface Version {
  readonly keyId: string
  readonly keyVersionId: string
}

/** Creates a key with the guide's command and finds its first version. */
const createByCommand = async (server: RunningServer, line: string): Promise<Version> => {
  const keyId = textOf(await aliyun(server, line), "KeyMetadata", "KeyId")
  const { keyVersions } = await server.sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId }))
  const [version] = keyVersions.keyVersion
  if (version === undefined) throw new Error("a new key has a version")
  return { keyId, keyVersionId: version.keyVersionId }
}

/** Gets the public key and saves it where the guide's commands expect it. */
const savePublicKey = async (server: RunningServer, folder: Folder, version: Version, file: string): Promise<void> => {
  const { keyId, keyVersionId } = version
  const reply = await aliyun(server, `aliyun kms GetPublicKey --KeyId=${keyId} --KeyVersionId=${keyVersionId}`)
  expect(Object.keys(Object(reply)).toSorted()).toEqual(["KeyId", "KeyVersionId", "PublicKey", "RequestId"])
  await folder.sh(`echo "${textOf(reply, "PublicKey")}" > ${file}`)
}

describe("5.2, encryption with the public key and decryption by the service", () => {
  it("AsymmetricDecrypt opens ciphertext of the guide's OpenSSL commands", async () => {
    await using server = await startServer({ hsm: "simulator" })
    using folder = scratchFolder()
    const version = await createByCommand(
      server,
      "aliyun kms CreateKey --KeySpec=RSA_2048 --KeyUsage=ENCRYPT/DECRYPT --ProtectionLevel=HSM"
    )
    await savePublicKey(server, folder, version, "rsa_publickey.pub")
    await folder.sh(`echo "this is plaintext" > plaintext-file.txt
openssl pkeyutl -encrypt -in plaintext-file.txt \\
-inkey rsa_publickey.pub -pubin \\
-pkeyopt rsa_padding_mode:oaep \\
-pkeyopt rsa_oaep_md:sha256 \\
-pkeyopt rsa_mgf1_md:sha256 \\
-out plaintext-file.enc`)
    const lines = await folder.sh("openssl base64 -in plaintext-file.enc")
    const decrypted = await aliyun(
      server,
      `aliyun kms AsymmetricDecrypt \\
--KeyId ${version.keyId} \\
--KeyVersionId ${version.keyVersionId} \\
--Algorithm RSAES_OAEP_SHA_256 \\
--CiphertextBlob ${lines.replaceAll("\n", "")}`
    )
    expect(decrypted).toMatchObject({ KeyId: version.keyId, KeyVersionId: version.keyVersionId })
    expect(await folder.sh(`echo ${textOf(decrypted, "Plaintext")} | openssl base64 -d`)).toBe("this is plaintext\n")
  })

  it("AsymmetricDecrypt opens the service's own ciphertext for the public key, named by alias", async () => {
    await using server = await startServer({ hsm: "simulator" })
    const { sdk } = server
    for (const [KeySpec, algorithm] of [
      ["RSA_2048", "RSAES_OAEP_SHA_1"],
      ["EC_SM2", "SM2PKE"]
    ] as const) {
      const { keyId, keyVersionId } = await createByCommand(
        server,
        `aliyun kms CreateKey --KeySpec ${KeySpec} --KeyUsage ENCRYPT/DECRYPT --ProtectionLevel HSM`
      )
      await createAlias(server, `alias/${KeySpec}`, keyId)
      const named = { keyId: `alias/${KeySpec}`, keyVersionId, algorithm }
      const sealed = await sdk.asymmetricEncrypt(new Kms.AsymmetricEncryptRequest({ ...named, plaintext: "aGVsbG8=" }))
      const { ciphertextBlob } = sealed
      const opened = await sdk.asymmetricDecrypt(new Kms.AsymmetricDecryptRequest({ ...named, ciphertextBlob }))
      expect(opened).toMatchObject({ keyId, keyVersionId, plaintext: "aGVsbG8=" })
    }
  })
})

/** The guide's message, its digest, and the options of OpenSSL to verify. */
const signatures = [
  ["RSASSA-PSS", "RSA_2048", "RSA_PSS_SHA_256", "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1"],
  ["RSASSA_PKCS1_V1_5", "RSA_2048", "RSA_PKCS1_SHA_256", ""],
  ["NIST P-256", "EC_P256", "ECDSA_SHA_256", ""],
  ["secp256k1", "EC_P256K", "ECDSA_SHA_256", ""]
] as const

const computeDigest = (folder: Folder): Promise<string> =>
  folder.sh(`echo "this is message" > message-file.txt
openssl dgst -sha256 -binary -out message-sha256.bin message-file.txt
openssl base64 -in message-sha256.bin`)

describe.each(signatures)("5.3, a signature by %s", (_name, keySpec, algorithm, options) => {
  it("the guide's OpenSSL command and the service verify a signature of AsymmetricSign", async () => {
    await using server = await startServer({ hsm: "simulator" })
    using folder = scratchFolder()
    const version = await createByCommand(
      server,
      `aliyun kms CreateKey --KeySpec=${keySpec} --KeyUsage=SIGN/VERIFY --ProtectionLevel=HSM`
    )
    await savePublicKey(server, folder, version, "publickey.pub")
    const digest = (await computeDigest(folder)).trim()
    const signed = await aliyun(
      server,
      `aliyun kms AsymmetricSign --KeyId=${version.keyId} --KeyVersionId=${version.keyVersionId} \\
  --Algorithm=${algorithm} --Digest=${digest}`
    )
    expect(signed).toMatchObject({ KeyId: version.keyId, KeyVersionId: version.keyVersionId })
    const value = textOf(signed, "Value")
    await folder.sh(`echo ${value} | openssl base64 -d -out signature.bin`)
    const verify = `openssl dgst -verify publickey.pub -sha256 ${options} -signature signature.bin message-file.txt`
    expect(await folder.sh(verify)).toBe("Verified OK\n")
    const asked = new Kms.AsymmetricVerifyRequest({ ...version, algorithm, digest, value })
    expect((await server.sdk.asymmetricVerify(asked)).value).toBe(true)
    await folder.sh(`echo "this is a forgery" > message-file.txt`)
    await expect(folder.sh(verify)).rejects.toThrow("Command failed")
    const other = Buffer.alloc(32, 7).toString("base64")
    const forged = new Kms.AsymmetricVerifyRequest({ ...version, algorithm, digest: other, value })
    expect((await server.sdk.asymmetricVerify(forged)).value).toBe(false)
  })

  it("AsymmetricSign needs a digest of 32 bytes: that of SHA-384 is refused", async () => {
    await using server = await startServer({ hsm: "simulator" })
    using folder = scratchFolder()
    const version = await createByCommand(server, `aliyun kms CreateKey --KeySpec ${keySpec} --KeyUsage SIGN/VERIFY`)
    await computeDigest(folder)
    const digest = (await folder.sh("openssl dgst -sha384 -binary message-file.txt | openssl base64")).trim()
    const asked = { ...version, algorithm, digest }
    const codes = await codesOf([
      server.sdk.asymmetricSign(new Kms.AsymmetricSignRequest(asked)),
      server.sdk.asymmetricVerify(new Kms.AsymmetricVerifyRequest({ ...asked, value: "MEYC" }))
    ])
    expect(codes).toEqual(["InvalidParameter", "InvalidParameter"])
  })
})

describe("the message of the guide", () => {
  it("the guide's message with a line end has the digest in the guide", async () => {
    using folder = scratchFolder()
    const digest = await folder.sh(`printf 'this is message \\r\\n' | openssl dgst -sha256 -binary | openssl base64`)
    expect(digest.trim()).toBe("hRP2cuRFSlfEoUXCGuPyi7kZr18VCTZeVOTw0jbUB6w=")
  })
})

describe("versions of an asymmetric key", () => {
  it("versions of an asymmetric key are created only on request, each with its own key pair", async () => {
    await using server = await startServer({ clock: "virtual" })
    const first = await createByCommand(server, "aliyun kms CreateKey --KeySpec EC_P256 --KeyUsage SIGN/VERIFY")
    const { keyId } = first
    const keyVersion = () => server.sdk.createKeyVersion(new Kms.CreateKeyVersionRequest({ keyId }))
    expect(await codeOf(keyVersion())).toBe("Rejected.UnsupportedOperation")
    await wait(server, "7d")
    const second = { keyId, keyVersionId: (await keyVersion()).keyVersion.keyVersionId }
    const keys = await Promise.all(
      [first, second].map((version) => server.sdk.getPublicKey(new Kms.GetPublicKeyRequest(version)))
    )
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(2)
    const asked = { ...first, algorithm: "ECDSA_SHA_256", digest: Buffer.alloc(32, 1).toString("base64") }
    const { value } = await server.sdk.asymmetricSign(new Kms.AsymmetricSignRequest(asked))
    const verified = (version: Version) =>
      server.sdk.asymmetricVerify(new Kms.AsymmetricVerifyRequest({ ...asked, ...version, value }))
    expect([(await verified(first)).value, (await verified(second)).value]).toEqual([true, false])
    const unnamed = server.pop("AsymmetricSign", { KeyId: keyId, Algorithm: asked.algorithm, Digest: asked.digest })
    expect(await codeOf(unnamed)).toBe("MissingParameter")
  })

  it("answers about an asymmetric key contain only the public key", async () => {
    await using server = await startServer()
    const version = await createByCommand(server, "aliyun kms CreateKey --KeySpec EC_P256 --KeyUsage SIGN/VERIFY")
    const KeyId = version.keyId
    const said = await Promise.all([
      server.pop("DescribeKey", { KeyId }),
      server.pop("ListKeyVersions", { KeyId }),
      server.pop("GetPublicKey", { KeyId, KeyVersionId: version.keyVersionId })
    ])
    expect(JSON.stringify(said)).not.toContain("PRIVATE KEY")
    expect(textOf(said[2], "PublicKey")).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]*\n-----END PUBLIC KEY-----\n$/)
    expect(memberOf(said[0], "KeyMetadata", "PrimaryKeyVersion")).toBeUndefined()
  })
})
