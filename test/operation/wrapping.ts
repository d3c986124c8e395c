/** The customer's side of wrapping, by OpenSSL and @noble: material for import, and exported data keys. */
import { constants, createPublicKey, generateKeyPairSync, privateDecrypt, publicEncrypt } from "node:crypto"
import type { PromiseKms } from "../../src/promise.ts"
import { textAt } from "./doors.ts"
import type { Ask } from "./doors.ts"

/** The names of these algorithms in node:crypto. */
export const paddings = {
  RSAES_PKCS1_V1_5: { padding: constants.RSA_PKCS1_PADDING },
  RSAES_OAEP_SHA_1: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  RSAES_OAEP_SHA_256: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }
} as const

export type RsaWrapping = keyof typeof paddings

/** Wraps with a public key, Base64 of DER. */
export const wrapFor = (publicKey: string, bytes: Uint8Array, algorithm: RsaWrapping = "RSAES_OAEP_SHA_256"): string =>
  publicEncrypt(
    {
      key: createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" }),
      ...paddings[algorithm]
    },
    bytes
  ).toString("base64")

export interface Receiver {
  /** Base64 of DER SubjectPublicKeyInfo, as ExportDataKey takes it. */
  readonly publicKey: string
  readonly unwrap: (wrapped: string, algorithm: RsaWrapping) => Buffer
}

export const makeReceiver = (modulusLength = 2048): Receiver => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength })
  return {
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    unwrap: (wrapped, algorithm) =>
      privateDecrypt({ key: privateKey, ...paddings[algorithm] }, Buffer.from(wrapped, "base64"))
  }
}

/** The parameters of ImportKeyMaterial for this material. The token is valid for a day. */
export const importRequest = async (
  ask: Ask,
  KeyId: string,
  material: Uint8Array
): Promise<{ readonly KeyId: string; readonly ImportToken: string; readonly EncryptedKeyMaterial: string }> => {
  const WrappingAlgorithm = "RSAES_OAEP_SHA_256"
  const { body } = await ask("GetParametersForImport", { KeyId, WrappingAlgorithm, WrappingKeySpec: "RSA_2048" })
  return {
    KeyId,
    ImportToken: textAt(body, "ImportToken"),
    EncryptedKeyMaterial: wrapFor(textAt(body, "PublicKey"), material)
  }
}

/** The names of the versions of a key, newest first. */
export const versionsOf = async (kms: PromiseKms, KeyId: string): Promise<ReadonlyArray<string>> =>
  (await kms.listKeyVersions({ KeyId, PageSize: 100 })).KeyVersions.KeyVersion.map(({ KeyVersionId }) => KeyVersionId)
