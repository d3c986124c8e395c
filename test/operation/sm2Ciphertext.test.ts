/** SM2 ciphertext in the form of OpenSSL: DER (GM/T 0009), not the raw C1 C3 C2 of the API. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { refused } from "./doors.ts"

const folder = mkdtempSync(join(tmpdir(), "keystate-sm2-"))
const path = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The ciphertext of OpenSSL for a plaintext under a public key. */
const sealedByOpenssl = (publicKey: string, plaintext: Uint8Array): Buffer => {
  writeFileSync(path("public.pem"), publicKey)
  writeFileSync(path("plain"), plaintext)
  const to = ["-in", path("plain"), "-out", path("sealed")]
  const under = ["-encrypt", "-pubin", "-inkey", path("public.pem"), "-pkeyopt", "digest:sm3"]
  execFileSync("openssl", ["pkeyutl"].concat(under, to))
  return readFileSync(path("sealed"))
}

describe.each(["native", "portable"] as const)("a key of spec EC_SM2 with %s crypto", (crypto) => {
  let kms: PromiseKms
  let named: { readonly KeyId: string; readonly KeyVersionId: string }
  let publicKey: string
  beforeAll(async () => {
    kms = await createKms({ clock: "virtual", hsm: "simulator", crypto })
    const { KeyMetadata } = await kms.createKey({
      KeySpec: "EC_SM2",
      ProtectionLevel: "HSM",
      KeyUsage: "ENCRYPT/DECRYPT"
    })
    const { KeyId } = KeyMetadata
    const [version] = (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion
    named = { KeyId, KeyVersionId: version?.KeyVersionId ?? "" }
    publicKey = (await kms.getPublicKey(named)).PublicKey
  })
  afterAll(() => kms.close())

  const decrypt = (ciphertext: Uint8Array) =>
    kms.asymmetricDecrypt({
      ...named,
      Algorithm: "SM2PKE",
      CiphertextBlob: Buffer.from(ciphertext).toString("base64")
    })

  it.each([1, 31, 32, 33, 100, 4000, 6047])(
    "a key of spec EC_SM2 decrypts ciphertext of OpenSSL: %i bytes",
    async (length) => {
      const plaintext = Buffer.alloc(length, 0x5a)
      const { Plaintext } = await decrypt(sealedByOpenssl(publicKey, plaintext))
      expect(Buffer.from(Plaintext, "base64").equals(plaintext)).toBe(true)
    }
  )

  it("a key of spec EC_SM2 decrypts raw and DER ciphertext, and re-encrypts both", async () => {
    const plaintext = Buffer.from("orders")
    const raw = await kms.asymmetricEncrypt({
      ...named,
      Algorithm: "SM2PKE",
      Plaintext: plaintext.toString("base64")
    })
    const der = sealedByOpenssl(publicKey, plaintext).toString("base64")
    const destination = (await kms.createKey()).KeyMetadata.KeyId
    for (const CiphertextBlob of [raw.CiphertextBlob, der]) {
      const { CiphertextBlob: again } = await kms.reEncrypt({
        CiphertextBlob,
        SourceKeyId: named.KeyId,
        SourceKeyVersionId: named.KeyVersionId,
        SourceEncryptionAlgorithm: "SM2PKE",
        DestinationKeyId: destination
      })
      const opened = await kms.decrypt({ CiphertextBlob: again })
      expect(Buffer.from(opened.Plaintext, "base64").equals(plaintext)).toBe(true)
    }
  })

  it("a key of spec EC_SM2 refuses DER that was changed, truncated or extended", async () => {
    const sealed = sealedByOpenssl(publicKey, Buffer.from("orders"))
    const changed = [...sealed.keys()].map((at) => Buffer.from(sealed.map((byte, i) => (i === at ? byte ^ 1 : byte))))
    for (const wrong of [...changed, sealed.subarray(0, -1), Buffer.concat([sealed, Buffer.from([0])])]) {
      expect(await refused(decrypt(wrong))).toEqual(["InvalidParameter", "CiphertextBlob"])
    }
  })
})
