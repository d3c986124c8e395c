/** Maps each operation of the suite to a call of AWS KMS, and its reply to the suite's form. */
import type { KeyMetadata, KMS } from "@aws-sdk/client-kms"
import type { OperationName } from "../adapter.ts"
import {
  base64Of,
  bytesIn,
  contextIn,
  dateOf,
  daysIn,
  encryptingIn,
  idOf,
  listIn,
  originNamed,
  pemOf,
  signingIn,
  specIn,
  specNamed,
  textIn,
  usageIn,
  usageNamed
} from "./values.ts"
import type { GivenParameters } from "./values.ts"

type Send = (kms: KMS, asked: GivenParameters) => Promise<object>

const keyIn = (asked: GivenParameters) => ({ KeyId: textIn(asked, "KeyId") })
const context = (asked: GivenParameters) => {
  const EncryptionContext = contextIn(asked)
  return EncryptionContext === undefined ? {} : { EncryptionContext }
}

const shown = (key: KeyMetadata | undefined) => ({
  KeyMetadata: {
    KeyId: key?.KeyId,
    KeyState: key?.KeyState,
    Description: key?.Description ?? "",
    KeySpec: specNamed(key?.KeySpec),
    KeyUsage: usageNamed(key?.KeyUsage),
    Origin: originNamed(key?.Origin),
    CreationDate: dateOf(key?.CreationDate),
    DeleteDate: dateOf(key?.DeletionDate),
    MaterialExpireTime: dateOf(key?.ValidTo)
  }
})

const sealed = (reply: { readonly CiphertextBlob?: Uint8Array | undefined; readonly KeyId?: string | undefined }) => ({
  CiphertextBlob: base64Of(reply.CiphertextBlob),
  KeyId: idOf(reply.KeyId)
})

/** 32 bytes unless another number is requested. */
const length = (asked: GivenParameters) => {
  const bytes = textIn(asked, "NumberOfBytes")
  const KeySpec = textIn(asked, "KeySpec") === "AES_128" ? "AES_128" : "AES_256"
  return bytes === "" ? ({ KeySpec } as const) : { NumberOfBytes: Number(bytes) }
}

/** Lists come in pages; the suite needs all entries. */
const wholeKeyList = async (kms: KMS): Promise<object> => {
  const found: Array<{ readonly KeyId: string }> = []
  let Marker: string | undefined
  do {
    const page = await kms.listKeys(Marker === undefined ? {} : { Marker })
    for (const { KeyId } of page.Keys ?? []) found.push({ KeyId: KeyId ?? "" })
    Marker = page.Truncated === true ? page.NextMarker : undefined
  } while (Marker !== undefined)
  return { Keys: { Key: found }, TotalCount: found.length }
}

const wholeAliasList = async (kms: KMS, key: { readonly KeyId?: string }): Promise<object> => {
  const found: Array<object> = []
  let Marker: string | undefined
  do {
    const page = await kms.listAliases({ ...key, ...(Marker === undefined ? {} : { Marker }) })
    // Treats an unused name that the service reserves for its own keys as unbound.
    for (const { AliasName, TargetKeyId } of page.Aliases ?? []) {
      if (TargetKeyId !== undefined) found.push({ AliasName, KeyId: idOf(TargetKeyId) })
    }
    Marker = page.Truncated === true ? page.NextMarker : undefined
  } while (Marker !== undefined)
  return { Aliases: { Alias: found }, TotalCount: found.length }
}

const isTag = (tag: unknown): tag is { readonly TagKey: string; readonly TagValue: string } =>
  typeof tag === "object" && tag !== null && "TagKey" in tag && "TagValue" in tag

const tagsIn = (asked: GivenParameters) =>
  listIn(asked, "Tags")
    .filter(isTag)
    .map(({ TagKey, TagValue }) => ({ TagKey, TagValue }))

const create: Send = async (kms, asked) => {
  const made = await kms.createKey({
    KeySpec: specIn(asked),
    KeyUsage: usageIn(asked),
    Origin: asked["Origin"] === "EXTERNAL" ? "EXTERNAL" : "AWS_KMS",
    Description: textIn(asked, "Description"),
    ...(asked["Tags"] === undefined ? {} : { Tags: tagsIn(asked) })
  })
  const key = { KeyId: made.KeyMetadata?.KeyId }
  if (asked["EnableAutomaticRotation"] === true) {
    try {
      await kms.enableKeyRotation({ ...key, RotationPeriodInDays: daysIn(asked) })
    } catch (error) {
      // In this API a key is created together with its policy.
      await kms.scheduleKeyDeletion({ ...key, PendingWindowInDays: 7 })
      throw error
    }
  }
  return shown(made.KeyMetadata)
}

const expiring = (asked: GivenParameters) => {
  const seconds = Number(textIn(asked, "KeyMaterialExpireUnix"))
  return seconds > 0
    ? ({ ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo: new Date(seconds * 1000) } as const)
    : ({ ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" } as const)
}

const digest = (asked: GivenParameters) => ({
  ...keyIn(asked),
  Message: bytesIn(asked, "Digest"),
  MessageType: "DIGEST" as const,
  SigningAlgorithm: signingIn(asked)
})

const reEncrypt: Send = async (kms, asked) => {
  const SourceEncryptionContext = contextIn(asked, "SourceEncryptionContext")
  const DestinationEncryptionContext = contextIn(asked, "DestinationEncryptionContext")
  const reply = await kms.reEncrypt({
    CiphertextBlob: bytesIn(asked, "CiphertextBlob"),
    DestinationKeyId: textIn(asked, "DestinationKeyId"),
    ...(SourceEncryptionContext === undefined ? {} : { SourceEncryptionContext }),
    ...(DestinationEncryptionContext === undefined ? {} : { DestinationEncryptionContext })
  })
  // The suite expects the key that decrypted.
  return { CiphertextBlob: base64Of(reply.CiphertextBlob), KeyId: idOf(reply.SourceKeyId) }
}

/** There a wrong signature is an error; in our API it is an answer. */
const verify: Send = async (kms, asked) => {
  try {
    const reply = await kms.verify({ ...digest(asked), Signature: bytesIn(asked, "Value") })
    return { Value: reply.SignatureValid === true }
  } catch (error) {
    if (error instanceof Error && error.name === "KMSInvalidSignatureException") return { Value: false }
    throw error
  }
}

export const calls: { readonly [operation in OperationName]?: Send } = {
  CreateKey: create,
  DescribeKey: async (kms, asked) => shown((await kms.describeKey(keyIn(asked))).KeyMetadata),
  ListKeys: wholeKeyList,
  EnableKey: (kms, asked) => kms.enableKey(keyIn(asked)),
  DisableKey: (kms, asked) => kms.disableKey(keyIn(asked)),
  ScheduleKeyDeletion: (kms, asked) => {
    const days = textIn(asked, "PendingWindowInDays")
    return kms.scheduleKeyDeletion({ ...keyIn(asked), ...(days === "" ? {} : { PendingWindowInDays: Number(days) }) })
  },
  CancelKeyDeletion: (kms, asked) => kms.cancelKeyDeletion(keyIn(asked)),
  UpdateKeyDescription: (kms, asked) =>
    kms.updateKeyDescription({ ...keyIn(asked), Description: textIn(asked, "Description") }),
  CreateAlias: (kms, asked) =>
    kms.createAlias({ AliasName: textIn(asked, "AliasName"), TargetKeyId: textIn(asked, "KeyId") }),
  UpdateAlias: (kms, asked) =>
    kms.updateAlias({ AliasName: textIn(asked, "AliasName"), TargetKeyId: textIn(asked, "KeyId") }),
  DeleteAlias: (kms, asked) => kms.deleteAlias({ AliasName: textIn(asked, "AliasName") }),
  ListAliases: (kms) => wholeAliasList(kms, {}),
  ListAliasesByKeyId: (kms, asked) => wholeAliasList(kms, keyIn(asked)),
  GetParametersForImport: async (kms, asked) => {
    const reply = await kms.getParametersForImport({
      ...keyIn(asked),
      WrappingAlgorithm:
        textIn(asked, "WrappingAlgorithm") === "RSAES_OAEP_SHA_1" ? "RSAES_OAEP_SHA_1" : "RSAES_OAEP_SHA_256",
      WrappingKeySpec: "RSA_2048"
    })
    return {
      KeyId: idOf(reply.KeyId),
      ImportToken: base64Of(reply.ImportToken),
      PublicKey: base64Of(reply.PublicKey),
      TokenExpireTime: dateOf(reply.ParametersValidTo)
    }
  },
  ImportKeyMaterial: (kms, asked) =>
    kms.importKeyMaterial({
      ...keyIn(asked),
      ImportToken: bytesIn(asked, "ImportToken"),
      EncryptedKeyMaterial: bytesIn(asked, "EncryptedKeyMaterial"),
      ...expiring(asked)
    }),
  DeleteKeyMaterial: (kms, asked) => kms.deleteImportedKeyMaterial(keyIn(asked)),
  Encrypt: async (kms, asked) =>
    sealed(await kms.encrypt({ ...keyIn(asked), Plaintext: bytesIn(asked, "Plaintext"), ...context(asked) })),
  Decrypt: async (kms, asked) => {
    const reply = await kms.decrypt({ CiphertextBlob: bytesIn(asked, "CiphertextBlob"), ...context(asked) })
    return { Plaintext: base64Of(reply.Plaintext), KeyId: idOf(reply.KeyId) }
  },
  ReEncrypt: reEncrypt,
  GenerateDataKey: async (kms, asked) => {
    const reply = await kms.generateDataKey({ ...keyIn(asked), ...length(asked), ...context(asked) })
    return { ...sealed(reply), Plaintext: base64Of(reply.Plaintext) }
  },
  GenerateDataKeyWithoutPlaintext: async (kms, asked) =>
    sealed(await kms.generateDataKeyWithoutPlaintext({ ...keyIn(asked), ...length(asked), ...context(asked) })),
  UpdateRotationPolicy: (kms, asked) =>
    asked["EnableAutomaticRotation"] === true
      ? kms.enableKeyRotation({ ...keyIn(asked), RotationPeriodInDays: daysIn(asked) })
      : kms.disableKeyRotation(keyIn(asked)),
  GetPublicKey: async (kms, asked) => ({ PublicKey: pemOf((await kms.getPublicKey(keyIn(asked))).PublicKey) }),
  AsymmetricEncrypt: async (kms, asked) =>
    sealed(
      await kms.encrypt({
        ...keyIn(asked),
        Plaintext: bytesIn(asked, "Plaintext"),
        EncryptionAlgorithm: encryptingIn(asked)
      })
    ),
  AsymmetricDecrypt: async (kms, asked) => {
    const reply = await kms.decrypt({
      ...keyIn(asked),
      CiphertextBlob: bytesIn(asked, "CiphertextBlob"),
      EncryptionAlgorithm: encryptingIn(asked)
    })
    return { Plaintext: base64Of(reply.Plaintext) }
  },
  AsymmetricSign: async (kms, asked) => ({ Value: base64Of((await kms.sign(digest(asked))).Signature) }),
  AsymmetricVerify: verify,
  TagResource: (kms, asked) =>
    kms.tagResource({
      ...keyIn(asked),
      Tags: tagsIn(asked)
    }),
  UntagResource: (kms, asked) =>
    kms.untagResource({
      ...keyIn(asked),
      TagKeys: listIn(asked, "TagKeys").filter((name) => typeof name === "string")
    }),
  ListResourceTags: async (kms, asked) => ({
    Tags: { Tag: (await kms.listResourceTags(keyIn(asked))).Tags ?? [] }
  })
}
