/** Imported material, wrapped as a customer does it: with the given public key and algorithm. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import Kms from "@alicloud/kms20160120"
import type { RunningServer } from "./serverFixture.ts"

export const wrappings = {
  RSAES_PKCS1_V1_5: { padding: constants.RSA_PKCS1_PADDING },
  RSAES_OAEP_SHA_1: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  /** MGF1 uses the same hash, as in the guide's Java sample. */
  RSAES_OAEP_SHA_256: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }
} as const

export type Wrapping = keyof typeof wrappings

export const wrappingNames = ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] as const

/** `publicKey` is Base64 of DER, as GetParametersForImport returns it; the result is Base64 too. */
export const wrap = (publicKey: string, wrapping: Wrapping, material: Uint8Array): string => {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" })
  return publicEncrypt({ key, ...wrappings[wrapping] }, material).toString("base64")
}

export const parametersFor = (
  { sdk }: Pick<RunningServer, "sdk">,
  keyId: string,
  wrappingAlgorithm: Wrapping = "RSAES_OAEP_SHA_256"
): Promise<Kms.GetParametersForImportResponse> =>
  sdk.getParametersForImport(
    new Kms.GetParametersForImportRequest({ keyId, wrappingAlgorithm, wrappingKeySpec: "RSA_2048" })
  )

/** Both steps of an import; `expireUnix` is in seconds, 0 for never. */
export const importMaterial = async (
  server: Pick<RunningServer, "sdk">,
  keyId: string,
  material: Uint8Array,
  { expireUnix = 0, wrapping = "RSAES_OAEP_SHA_256" as Wrapping } = {}
): Promise<void> => {
  const { publicKey, importToken } = await parametersFor(server, keyId, wrapping)
  const encryptedKeyMaterial = wrap(publicKey, wrapping, material)
  await server.sdk.importKeyMaterial(
    new Kms.ImportKeyMaterialRequest({ keyId, encryptedKeyMaterial, importToken, keyMaterialExpireUnix: expireUnix })
  )
}
