/** Every combination of spec, usage, algorithm and digest length: only documented ones work. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { EncryptionAlgorithm, SignatureAlgorithm } from "../../src/domain/algorithms.ts"
import { testKms } from "../../src/testing.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { inProcess } from "./doors.ts"
import type { Request } from "./doors.ts"
import { versionsOf } from "./wrapping.ts"

/** API reference 3 and 8, written a second time: the algorithms of a key with this spec and usage. */
const legal = [
  ["Aliyun_AES_256", "ENCRYPT/DECRYPT", []],
  ["Aliyun_SM4", "ENCRYPT/DECRYPT", []],
  ["RSA_2048", "ENCRYPT/DECRYPT", ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"]],
  ["RSA_2048", "SIGN/VERIFY", ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]],
  ["RSA_3072", "ENCRYPT/DECRYPT", ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"]],
  ["RSA_3072", "SIGN/VERIFY", ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]],
  ["EC_P256", "SIGN/VERIFY", ["ECDSA_SHA_256"]],
  ["EC_P256K", "SIGN/VERIFY", ["ECDSA_SHA_256"]],
  ["EC_SM2", "ENCRYPT/DECRYPT", ["SM2PKE"]],
  ["EC_SM2", "SIGN/VERIFY", ["SM2DSA"]]
] as const

const digestLengths = [1, 20, 28, 31, 32, 33, 48, 64, 256]
const algorithms = [...EncryptionAlgorithm.literals, ...SignatureAlgorithm.literals, "RSAES_PKCS1_V1_5", "ECDSA_SHA_1"]

let kms: PromiseKms
beforeAll(async () => {
  kms = await testKms()
})
afterAll(() => kms.close())

describe.each(legal)("a key of spec %s for %s", (KeySpec, KeyUsage, takes) => {
  const isPair = KeySpec.startsWith("RSA") || KeySpec.startsWith("EC")
  const names = new Set<string>(takes)
  let version: { readonly KeyId: string; readonly KeyVersionId: string }
  beforeAll(async () => {
    const { KeyId } = (await kms.createKey({ KeySpec, KeyUsage, ProtectionLevel: "HSM" })).KeyMetadata
    const [KeyVersionId = ""] = await versionsOf(kms, KeyId)
    version = { KeyId, KeyVersionId }
  })

  const code = async (operation: string, request: Request): Promise<string> => {
    const answer = await inProcess(kms)(operation, { ...version, ...request })
    return answer.parameter === undefined ? answer.code : `${answer.code} ${answer.parameter}`
  }

  /** The refusals for a wrong usage, spec and length, in this order. */
  const wanted = (operation: string, Algorithm: string, fits: boolean, content: string): string => {
    const isSigning = operation === "AsymmetricSign" || operation === "AsymmetricVerify"
    const known: ReadonlyArray<string> = isSigning ? SignatureAlgorithm.literals : EncryptionAlgorithm.literals
    if (!known.includes(Algorithm)) return "InvalidParameter Algorithm"
    if (!isPair || (KeyUsage === "SIGN/VERIFY") !== isSigning) {
      return isSigning ? "UnsupportedOperation" : "Rejected.UnsupportedOperation"
    }
    if (!names.has(Algorithm)) return "InvalidParameter Algorithm"
    return fits ? "Success" : `InvalidParameter ${content}`
  }

  it(`${KeySpec} for ${KeyUsage} supports ${takes.length === 0 ? "no asymmetric algorithm" : takes.join(" and ")}, and digests of 32 bytes`, async () => {
    for (const Algorithm of algorithms) {
      for (const length of digestLengths) {
        const Digest = randomBytes(length).toString("base64")
        const fits = length === 32
        const question = `${Algorithm}, ${length} bytes`
        expect([question, await code("AsymmetricSign", { Algorithm, Digest })]).toEqual([
          question,
          wanted("AsymmetricSign", Algorithm, fits, "Digest")
        ])
        expect([question, await code("AsymmetricVerify", { Algorithm, Digest, Value: Digest })]).toEqual([
          question,
          wanted("AsymmetricVerify", Algorithm, fits, "Digest")
        ])
      }
      const Plaintext = randomBytes(32).toString("base64")
      expect([Algorithm, await code("AsymmetricEncrypt", { Algorithm, Plaintext })]).toEqual([
        Algorithm,
        wanted("AsymmetricEncrypt", Algorithm, true, "Plaintext")
      ])
      // Random bytes are never a ciphertext.
      const CiphertextBlob = randomBytes(256).toString("base64")
      expect([Algorithm, await code("AsymmetricDecrypt", { Algorithm, CiphertextBlob })]).toEqual([
        Algorithm,
        wanted("AsymmetricDecrypt", Algorithm, false, "CiphertextBlob")
      ])
    }
  })

  it("a key supports the symmetric operations exactly if the key is symmetric", async () => {
    const answer = isPair ? "UnsupportedOperation" : "Success"
    expect(await code("Encrypt", { Plaintext: "aGk=" })).toBe(answer)
    expect(await code("GenerateDataKey", {})).toBe(answer)
    expect(await code("GenerateDataKeyWithoutPlaintext", {})).toBe(answer)
    expect(await code("GetPublicKey", {})).toBe(isPair ? "Success" : "UnsupportedOperation")
  })

  it("a signature is invalid under any other algorithm", async () => {
    const Digest = randomBytes(32).toString("base64")
    for (const Algorithm of names) {
      if (KeyUsage !== "SIGN/VERIFY") continue
      const made = await inProcess(kms)("AsymmetricSign", { ...version, Algorithm, Digest })
      for (const other of names) {
        const Value = String(made.body["Value"])
        const verdict = await inProcess(kms)("AsymmetricVerify", { ...version, Algorithm: other, Digest, Value })
        expect(verdict.body["Value"]).toBe(other === Algorithm)
      }
    }
  })
})
