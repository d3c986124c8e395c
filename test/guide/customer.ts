/** The customer's calls in every chapter, through the published SDK. */
import Kms from "@alicloud/kms20160120"
import type { RunningServer } from "./serverFixture.ts"

type Sdk = Pick<RunningServer, "sdk">

export const Plaintext = "aGVsbG8gd29ybGQ="

export const newKey = async ({ sdk }: Sdk, request: object = {}): Promise<string> =>
  (await sdk.createKey(new Kms.CreateKeyRequest(request))).keyMetadata.keyId

export const describeKey = async ({ sdk }: Sdk, keyId: string): Promise<Kms.DescribeKeyResponseKeyMetadata> =>
  (await sdk.describeKey(new Kms.DescribeKeyRequest({ keyId }))).keyMetadata

export const stateOf = async (server: Sdk, keyId: string): Promise<string> =>
  (await describeKey(server, keyId)).keyState

export const encrypt = ({ sdk }: Sdk, keyId: string, more: object = {}): Promise<Kms.EncryptResponse> =>
  sdk.encrypt(new Kms.EncryptRequest({ keyId, plaintext: Plaintext, ...more }))

export const decrypt = (
  { sdk }: Sdk,
  { ciphertextBlob }: { readonly ciphertextBlob: string },
  more: object = {}
): Promise<Kms.DecryptResponse> => sdk.decrypt(new Kms.DecryptRequest({ ciphertextBlob, ...more }))

export const createAlias = ({ sdk }: Sdk, aliasName: string, keyId: string): Promise<unknown> =>
  sdk.createAlias(new Kms.CreateAliasRequest({ aliasName, keyId }))

export const updateAlias = ({ sdk }: Sdk, aliasName: string, keyId: string): Promise<unknown> =>
  sdk.updateAlias(new Kms.UpdateAliasRequest({ aliasName, keyId }))

/** Advances the server's lifecycle clock. */
export const wait = ({ v3 }: Pick<RunningServer, "v3">, By: string): Promise<unknown> => v3("AdvanceClock", { By })
