/** The published seed of HSM keys on the simulator: the same keys everywhere, with SM2 certificate requests. */
import { spawnSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { exampleText, seedOf } from "../seed/seeds.ts"

const fixtures = seedOf(exampleText("seed-hsm.json"))
const seeded = (last: string): string => `5eed0000-0000-4000-8000-0000000000${last}`
const aes = seeded("a1")
const sm4 = seeded("a2")
const sm2 = seeded("a3")
const start = () => createKms({ hsm: "simulator", clock: "virtual", fixtures })
const Plaintext = "aGVsbG8="

/** OpenSSL reports on stderr. `distid` is GM/T 0009's identifier. */
const isVerified = (request: string): boolean =>
  /verify OK/.test(
    spawnSync("openssl", ["req", "-verify", "-noout", "-vfyopt", "distid:1234567812345678"], {
      input: request,
      encoding: "utf8"
    }).stderr
  )

const versionOf = async (kms: Awaited<ReturnType<typeof start>>, KeyId: string): Promise<string> =>
  (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion[0]?.KeyVersionId ?? ""

describe("docs/examples/seed-hsm.json on the simulator", () => {
  it("seed-hsm.json on the simulator creates HSM keys whose ciphertexts work in two services", async () => {
    await using here = await start()
    await using there = await start()
    for (const KeyId of [aes, sm4]) {
      expect((await here.describeKey({ KeyId })).KeyMetadata).toMatchObject({ ProtectionLevel: "HSM" })
      const { CiphertextBlob } = await here.encrypt({ KeyId, Plaintext })
      expect((await there.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
    }
    const KeyVersionId = await versionOf(here, sm2)
    const asked = {
      KeyId: sm2,
      KeyVersionId,
      Algorithm: "SM2DSA",
      Digest: Buffer.alloc(32, 7).toString("base64")
    } as const
    const { Value } = await here.asymmetricSign(asked)
    expect((await there.asymmetricVerify({ ...asked, Value })).Value).toBe(true)
    const other = Buffer.alloc(32, 8).toString("base64")
    expect((await there.asymmetricVerify({ ...asked, Digest: other, Value })).Value).toBe(false)
  })

  it("the SM2 key of seed-hsm.json signs a certificate request that OpenSSL verifies", async () => {
    await using kms = await start()
    const key = { KeyId: sm2, KeyVersionId: await versionOf(kms, sm2) }
    const { Csr } = await kms.createCertificateSigningRequest({ ...key, Subject: "CN=example.com,O=Acme,C=CN" })
    expect(isVerified(Csr)).toBe(true)
    const changed = await kms.createCertificateSigningRequest({ ...key, Subject: "CN=example.org,O=Acme,C=CN" })
    const body = (request: string): Buffer => Buffer.from(request.replaceAll(/-----[A-Z ]+-----/g, ""), "base64")
    const [from, to] = [body(Csr), body(changed.Csr)]
    // The names of one with the signature of the other.
    const at = to.indexOf("example.org")
    from.set(to.subarray(at, at + "example.org".length), at)
    const lines = from.toString("base64").match(/.{1,64}/g) ?? []
    const edge = (word: string): string => `-----${word} CERTIFICATE REQUEST-----`
    const forged = [edge("BEGIN"), ...lines, edge("END"), ""].join("\n")
    expect(spawnSync("openssl", ["req", "-subject", "-noout"], { input: forged, encoding: "utf8" }).stdout).toContain(
      "example.org"
    )
    expect(isVerified(forged)).toBe(false)
    const pem = (await kms.getPublicKey(key)).PublicKey
    const held = spawnSync("openssl", ["req", "-pubkey", "-noout"], { input: Csr, encoding: "utf8" }).stdout
    expect(held.replaceAll(/\s/g, "")).toBe(pem.replaceAll(/\s/g, ""))
  })
})
