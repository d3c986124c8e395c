/** Keys that only an HSM holds, on the simulated one: the published seed, and an SM2 request from end to end. */
import { spawnSync } from "node:child_process"
import Kms from "@alicloud/kms20160120"
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { exampleText, seedOf } from "../seed/seeds.ts"
import { startServer } from "../guide/serverFixture.ts"

const fixtures = seedOf(exampleText("seed-hsm.json"))
const [aes, sm4, sm2] = (fixtures.keys ?? []).map(({ id }) => id)
const start = () => createKms({ fixtures, hsm: "simulator", clock: "virtual" })
const Plaintext = "aGVsbG8="
const Digest = Buffer.alloc(32, 5).toString("base64")

/** OpenSSL says on stderr what it thinks; without the standard's identifier it would take the empty one. */
const isVerified = (request: string): boolean =>
  /verify OK/.test(
    spawnSync("openssl", ["req", "-verify", "-noout", "-vfyopt", "distid:1234567812345678"], {
      input: request,
      encoding: "utf8"
    }).stderr
  )

describe("the published seed of HSM keys, on the simulated HSM", () => {
  it("has the level, specs and material that it says: two services planted from it understand each other", async () => {
    await using here = await start()
    await using there = await start()
    for (const [KeyId = "", KeySpec] of [
      [aes, "Aliyun_AES_256"],
      [sm4, "Aliyun_SM4"]
    ] as const) {
      expect((await here.describeKey({ KeyId })).KeyMetadata).toMatchObject({ KeySpec, ProtectionLevel: "HSM" })
      const { CiphertextBlob } = await here.encrypt({ KeyId, Plaintext })
      expect((await there.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
    }
    const KeyId = sm2 ?? ""
    const listed = await here.listKeyVersions({ KeyId })
    const KeyVersionId = listed.KeyVersions.KeyVersion[0]?.KeyVersionId ?? ""
    const asked = { KeyId, KeyVersionId, Algorithm: "SM2DSA", Digest } as const
    const { Value } = await here.asymmetricSign(asked)
    expect((await there.asymmetricVerify({ ...asked, Value })).Value).toBe(true)
    const otherDigest = Buffer.alloc(32, 6).toString("base64")
    expect((await there.asymmetricVerify({ ...asked, Digest: otherDigest, Value })).Value).toBe(false)
  })
})

describe("a certificate signing request of an SM2 key", () => {
  it("comes from the simulated HSM by the wire, and is verified by OpenSSL only as it stands", async () => {
    await using server = await startServer({ hsm: "simulator" })
    const { keyMetadata } = await server.sdk.createKey(
      new Kms.CreateKeyRequest({ keySpec: "EC_SM2", keyUsage: "SIGN/VERIFY", protectionLevel: "HSM" })
    )
    const KeyId = keyMetadata.keyId
    const versions = await server.sdk.listKeyVersions(new Kms.ListKeyVersionsRequest({ keyId: KeyId }))
    const KeyVersionId = versions.keyVersions.keyVersion[0]?.keyVersionId ?? ""
    const asked = { KeyId, KeyVersionId, Subject: "CN=example.com,O=Acme,C=CN" }
    const reply = await server.pop("CreateCertificateSigningRequest", asked, "POST")
    const request = String(Object(reply)["Csr"])
    expect(isVerified(request)).toBe(true)
    const [head = "", body = "", tail = ""] = request.split(/(?<=REQUEST-----\n)|(?=-----END)/)
    const der = Buffer.from(body, "base64")
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
    expect(isVerified(head + der.toString("base64").replaceAll(/.{64}/g, "$&\n") + "\n" + tail)).toBe(false)
  })
})
