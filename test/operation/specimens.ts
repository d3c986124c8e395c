/** One legal request for each operation of the vendor's API, on keys that were created for it. */
import { generateKeyPairSync } from "node:crypto"
import { vendorOperations } from "../../src/operation/catalogue.ts"
import type { OperationName } from "../../src/operation/catalogue.ts"
import { textAt } from "./doors.ts"
import type { Ask, Request } from "./doors.ts"

export const vendorNames = Object.keys(vendorOperations).filter(
  (name): name is keyof typeof vendorOperations => name in vendorOperations
)

const receiver = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .publicKey.export({ type: "spki", format: "der" })
  .toString("base64")

const digest = Buffer.alloc(32, 7).toString("base64")

/** The keys of the requests. */
export interface World {
  readonly keyId: string
  /** A key that is disabled and enabled. */
  readonly spareId: string
  readonly arn: string
  readonly externalId: string
  readonly signer: { readonly KeyId: string; readonly KeyVersionId: string }
  readonly decrypter: { readonly KeyId: string; readonly KeyVersionId: string }
  readonly blob: string
  readonly sealed: string
  readonly signature: string
  readonly versionId: string
}

const succeeded = async (ask: Ask, operation: string, request: Request): Promise<unknown> => {
  const { body, code } = await ask(operation, request)
  if (code !== "Success") throw new Error(`${operation} was answered ${code}`)
  return body
}

const pairOf = async (ask: Ask, request: Request) => {
  const made = await succeeded(ask, "CreateKey", request)
  const KeyId = textAt(made, "KeyMetadata", "KeyId")
  const listed = await succeeded(ask, "ListKeyVersions", { KeyId })
  return { KeyId, KeyVersionId: textAt(listed, "KeyVersions", "KeyVersion", "0", "KeyVersionId") }
}

/** Creates the keys. The service needs a provider of level HSM. */
export const makeWorld = async (ask: Ask): Promise<World> => {
  const made = await succeeded(ask, "CreateKey", {})
  const keyId = textAt(made, "KeyMetadata", "KeyId")
  const spare = await succeeded(ask, "CreateKey", {})
  const external = await succeeded(ask, "CreateKey", { Origin: "EXTERNAL" })
  const signer = await pairOf(ask, { KeySpec: "EC_P256" })
  const decrypter = await pairOf(ask, { KeySpec: "EC_SM2", ProtectionLevel: "HSM", KeyUsage: "ENCRYPT/DECRYPT" })
  const dataKey = await succeeded(ask, "GenerateDataKeyWithoutPlaintext", { KeyId: keyId })
  const sealed = await succeeded(ask, "AsymmetricEncrypt", { ...decrypter, Algorithm: "SM2PKE", Plaintext: digest })
  const signed = await succeeded(ask, "AsymmetricSign", { ...signer, Algorithm: "ECDSA_SHA_256", Digest: digest })
  return {
    keyId,
    spareId: textAt(spare, "KeyMetadata", "KeyId"),
    arn: textAt(made, "KeyMetadata", "Arn"),
    externalId: textAt(external, "KeyMetadata", "KeyId"),
    signer,
    decrypter,
    blob: textAt(dataKey, "CiphertextBlob"),
    sealed: textAt(sealed, "CiphertextBlob"),
    signature: textAt(signed, "Value"),
    versionId: textAt(made, "KeyMetadata", "PrimaryKeyVersion")
  }
}

const wrapping = { PublicKeyBlob: receiver, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" }
const keyPolicy = JSON.stringify({
  Version: "1",
  Statement: [
    { Effect: "Allow", Principal: { RAM: ["acs:ram::1000000000000001:*"] }, Action: ["kms:*"], Resource: ["*"] }
  ]
})
const tagged = { ResourceType: "key", "Tag.1.Key": "team", "Tag.1.Value": "orders" }

/** Requests by operation. In this order, requests that change a key leave it usable. */
export const requestsIn = (world: World): Readonly<Record<keyof typeof vendorOperations, Request>> => {
  const { keyId, spareId, arn, externalId, signer, decrypter, blob, sealed, signature, versionId } = world
  const KeyId = keyId
  const named = { ResourceType: "key", "ResourceId.1": keyId }
  const signing = { ...signer, Algorithm: "ECDSA_SHA_256", Digest: digest }
  const encrypting = { ...decrypter, Algorithm: "SM2PKE" }
  return {
    CreateKey: {},
    DescribeKey: { KeyId },
    ListKeys: {},
    DisableKey: { KeyId: spareId },
    EnableKey: { KeyId: spareId },
    ScheduleKeyDeletion: { KeyId: externalId },
    CancelKeyDeletion: { KeyId: externalId },
    SetDeletionProtection: { ProtectedResourceArn: arn, EnableDeletionProtection: "true" },
    UpdateKeyDescription: { KeyId, Description: "orders" },
    GetKeyPolicy: { KeyId },
    SetKeyPolicy: { KeyId, Policy: keyPolicy },
    CreateAlias: { KeyId, AliasName: "alias/orders" },
    UpdateAlias: { KeyId, AliasName: "alias/orders" },
    DeleteAlias: { AliasName: "alias/orders" },
    ListAliases: {},
    ListAliasesByKeyId: { KeyId },
    GetParametersForImport: { KeyId: externalId, WrappingKeySpec: "RSA_2048" },
    ImportKeyMaterial: { KeyId: externalId, EncryptedKeyMaterial: digest, ImportToken: digest },
    DeleteKeyMaterial: { KeyId: externalId },
    Encrypt: { KeyId, Plaintext: digest },
    Decrypt: { CiphertextBlob: blob },
    ReEncrypt: { CiphertextBlob: blob, DestinationKeyId: keyId },
    GenerateDataKey: { KeyId },
    GenerateDataKeyWithoutPlaintext: { KeyId },
    ExportDataKey: { CiphertextBlob: blob, ...wrapping },
    GenerateAndExportDataKey: { KeyId, ...wrapping },
    CreateKeyVersion: { KeyId: signer.KeyId },
    DescribeKeyVersion: { KeyId, KeyVersionId: versionId },
    ListKeyVersions: { KeyId },
    UpdateRotationPolicy: { KeyId, EnableAutomaticRotation: "false" },
    GetPublicKey: signer,
    AsymmetricEncrypt: { ...encrypting, Plaintext: digest },
    AsymmetricDecrypt: { ...encrypting, CiphertextBlob: sealed },
    AsymmetricSign: signing,
    AsymmetricVerify: { ...signing, Value: signature },
    TagResource: { KeyId, Tags: '[{"TagKey":"team","TagValue":"orders"}]' },
    UntagResource: { KeyId, TagKeys: '["team"]' },
    ListResourceTags: { KeyId },
    TagResources: { ...named, ...tagged },
    UntagResources: { ...named, All: "true" },
    ListTagResources: { ResourceType: "key" },
    DescribeRegions: {},
    DescribeService: {},
    DescribeAccountKmsStatus: {},
    OpenKmsService: {}
  }
}

/** Requests that the service refuses for their content: unwrapped material, a version too early. */
export const refusedSpecimens: Partial<Readonly<Record<OperationName, string>>> = {
  ImportKeyMaterial: "InvalidImportToken",
  CreateKeyVersion: "Rejected.UnsupportedOperation"
}
