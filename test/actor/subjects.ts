/** Keys of every kind, their ways to each state, and a call for every operation of the vendor's table. */
import { randomBytes } from "node:crypto"
import { textAt } from "../operation/doors.ts"
import type { Ask, Request } from "../operation/doors.ts"
import { importRequest, makeReceiver } from "../operation/wrapping.ts"

export type State = "Enabled" | "Disabled" | "PendingDeletion" | "PendingImport"

export const kinds = ["symmetric", "external", "encrypting pair", "signing pair"] as const
export type Kind = (typeof kinds)[number]

/** The states in which each kind can stay. */
export const resting = {
  symmetric: ["Enabled", "Disabled", "PendingDeletion"],
  external: ["Enabled", "Disabled", "PendingDeletion", "PendingImport"],
  "encrypting pair": ["Enabled", "Disabled", "PendingDeletion"],
  "signing pair": ["Enabled", "Disabled", "PendingDeletion"]
} as const satisfies Record<Kind, ReadonlyArray<State>>

/** The key pair for encryption is in the simulated HSM. */
const births = {
  symmetric: {},
  external: { Origin: "EXTERNAL" },
  "encrypting pair": { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT/DECRYPT", ProtectionLevel: "HSM" },
  "signing pair": { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" }
} as const satisfies Record<Kind, Request>

export interface Subject {
  readonly ask: Ask
  readonly kind: Kind
  readonly KeyId: string
  readonly KeyVersionId: string
  /** A data key sealed by the key; for a key pair, by another key. */
  readonly blob: string
  /** The input of AsymmetricDecrypt and ReEncrypt; invalid if the key cannot have sealed it. */
  readonly pairBlob: string
  readonly signature: string
  /** An Enabled symmetric key, and a blob of it. */
  readonly other: { readonly KeyId: string; readonly blob: string }
  readonly material: Uint8Array
}

const Plaintext = "aGVsbG8="
const Digest = randomBytes(32).toString("base64")
const encryption = "RSAES_OAEP_SHA_256"
const signature = "ECDSA_SHA_256"
const receiver = makeReceiver()
const exporting = {
  PublicKeyBlob: receiver.publicKey,
  WrappingKeySpec: "RSA_2048",
  WrappingAlgorithm: "RSAES_OAEP_SHA_256"
} as const
const tag = { TagKey: "team", TagValue: "a" }

let names = 0
const freshAlias = (): string => `alias/name-${names++}`

const must = async (ask: Ask, operation: string, request: Request = {}) => {
  const { code, body } = await ask(operation, request)
  if (code !== "Success") throw new Error(`${operation} was refused with ${code}`)
  return body
}

const newKey = async (ask: Ask, request: Request): Promise<string> =>
  textAt(await must(ask, "CreateKey", request), "KeyMetadata", "KeyId")

const sealedDataKey = async (ask: Ask, KeyId: string): Promise<string> =>
  textAt(await must(ask, "GenerateDataKey", { KeyId }), "CiphertextBlob")

const newestVersion = async (ask: Ask, KeyId: string): Promise<string> => {
  const { KeyVersions } = await must(ask, "ListKeyVersions", { KeyId })
  return textAt(KeyVersions, "KeyVersion", "0", "KeyVersionId")
}

export const makeSubject = async (ask: Ask, kind: Kind, more: Request = {}): Promise<Subject> => {
  const KeyId = await newKey(ask, { ...births[kind], ...more })
  const material = randomBytes(32)
  if (kind === "external") await must(ask, "ImportKeyMaterial", await importRequest(ask, KeyId, material))
  const otherId = await newKey(ask, {})
  const other = { KeyId: otherId, blob: await sealedDataKey(ask, otherId) }
  const KeyVersionId = await newestVersion(ask, KeyId)
  const version = { KeyId, KeyVersionId }
  return {
    ask,
    kind,
    ...version,
    blob: kind === "symmetric" || kind === "external" ? await sealedDataKey(ask, KeyId) : other.blob,
    pairBlob:
      kind === "encrypting pair"
        ? textAt(
            await must(ask, "AsymmetricEncrypt", { ...version, Algorithm: encryption, Plaintext }),
            "CiphertextBlob"
          )
        : Plaintext,
    signature:
      kind === "signing pair"
        ? textAt(await must(ask, "AsymmetricSign", { ...version, Algorithm: signature, Digest }), "Value")
        : Plaintext,
    other,
    material
  }
}

/** A service key; a blob of another key replaces the blob that it would have for a user. */
export const makeServiceSubject = async (ask: Ask): Promise<Subject> => {
  const KeyId = textAt(await must(ask, "CreateServiceKey", { Service: "OSS" }), "KeyMetadata", "KeyId")
  return { ...(await makeSubject(ask, "symmetric")), KeyId, KeyVersionId: await newestVersion(ask, KeyId) }
}

const stateOf = async ({ ask, KeyId }: Subject): Promise<string> =>
  textAt(await must(ask, "DescribeKey", { KeyId }), "KeyMetadata", "KeyState")

/** The operations that lead to Enabled from each other state. */
const enable = async (subject: Subject, from: string): Promise<void> => {
  const { ask, KeyId, material } = subject
  if (from === "Disabled") await must(ask, "EnableKey", { KeyId })
  if (from === "PendingImport") await must(ask, "ImportKeyMaterial", await importRequest(ask, KeyId, material))
  if (from === "PendingDeletion") {
    await must(ask, "CancelKeyDeletion", { KeyId })
    await enable(subject, await stateOf(subject))
  }
}

const departures = {
  Disabled: "DisableKey",
  PendingDeletion: "ScheduleKeyDeletion",
  PendingImport: "DeleteKeyMaterial"
} as const

/** Moves a key to a state by a user's operations. */
export const bringTo = async (subject: Subject, state: State): Promise<void> => {
  const from = await stateOf(subject)
  if (from === state) return
  await enable(subject, from)
  if (state !== "Enabled") await must(subject.ask, departures[state], { KeyId: subject.KeyId })
  const reached = await stateOf(subject)
  if (reached !== state) throw new Error(`the key is ${reached}, not ${state}`)
}

type Call = (subject: Subject) => readonly [string, Request] | Promise<readonly [string, Request]>

/** An operation whose only parameter is the key. */
const onKey =
  (operation: string, more: Request = {}): Call =>
  ({ KeyId }) => [operation, { KeyId, ...more }]
const onNothing =
  (operation: string): Call =>
  () => [operation, {}]
const onVersion =
  (operation: string, more: (subject: Subject) => Request = () => ({})): Call =>
  (subject) => [operation, { KeyId: subject.KeyId, KeyVersionId: subject.KeyVersionId, ...more(subject) }]

/** Binds an alias and restores the key's state, because some states refuse to bind an alias. */
const boundAlias = async (subject: Subject, KeyId: string): Promise<string> => {
  const AliasName = freshAlias()
  const state = await stateOf(subject)
  if (state === "PendingDeletion") await must(subject.ask, "CancelKeyDeletion", { KeyId: subject.KeyId })
  await must(subject.ask, "CreateAlias", { KeyId, AliasName })
  if (state === "PendingDeletion") await must(subject.ask, "ScheduleKeyDeletion", { KeyId: subject.KeyId })
  return AliasName
}

const keyPolicy = JSON.stringify({
  Version: "1",
  Statement: [{ Effect: "Allow", Principal: { RAM: "acs:ram::1000000000000001:*" }, Action: "kms:*", Resource: "*" }]
})

/** The call of each operation of the table on a key. */
export const calls: Readonly<Record<string, Call>> = {
  CreateKey: onNothing("CreateKey"),
  ListKeys: onNothing("ListKeys"),
  ListAliases: onNothing("ListAliases"),
  DescribeRegions: onNothing("DescribeRegions"),
  DescribeAccountKmsStatus: onNothing("DescribeAccountKmsStatus"),
  OpenKmsService: onNothing("OpenKmsService"),
  DescribeKey: onKey("DescribeKey"),
  UpdateKeyDescription: onKey("UpdateKeyDescription", { Description: "new" }),
  GetKeyPolicy: onKey("GetKeyPolicy"),
  SetKeyPolicy: onKey("SetKeyPolicy", { Policy: keyPolicy }),
  EnableKey: onKey("EnableKey"),
  DisableKey: onKey("DisableKey"),
  ScheduleKeyDeletion: onKey("ScheduleKeyDeletion", { PendingWindowInDays: "30" }),
  CancelKeyDeletion: onKey("CancelKeyDeletion"),
  CreateAlias: ({ KeyId }) => ["CreateAlias", { KeyId, AliasName: freshAlias() }],
  UpdateAlias: async (subject) => [
    "UpdateAlias",
    { KeyId: subject.KeyId, AliasName: await boundAlias(subject, subject.other.KeyId) }
  ],
  DeleteAlias: async (subject) => ["DeleteAlias", { AliasName: await boundAlias(subject, subject.KeyId) }],
  ListAliasesByKeyId: onKey("ListAliasesByKeyId"),
  TagResource: onKey("TagResource", { Tags: JSON.stringify([tag]) }),
  UntagResource: onKey("UntagResource", { TagKeys: '["team"]' }),
  ListResourceTags: onKey("ListResourceTags"),
  TagResources: ({ KeyId }) => [
    "TagResources",
    { ResourceType: "key", "ResourceId.1": KeyId, "Tag.1.Key": "team", "Tag.1.Value": "b" }
  ],
  UntagResources: ({ KeyId }) => ["UntagResources", { ResourceType: "key", "ResourceId.1": KeyId, "TagKey.1": "team" }],
  ListTagResources: ({ KeyId }) => ["ListTagResources", { ResourceType: "key", "ResourceId.1": KeyId }],
  CreateKeyVersion: async ({ ask, KeyId }) => {
    // A version may be added a week after the last one; a key that is PendingDeletion has a month.
    await must(ask, "AdvanceClock", { By: "7d" })
    return ["CreateKeyVersion", { KeyId }]
  },
  DescribeKeyVersion: onVersion("DescribeKeyVersion"),
  ListKeyVersions: onKey("ListKeyVersions"),
  UpdateRotationPolicy: onKey("UpdateRotationPolicy", { EnableAutomaticRotation: "false" }),
  SetDeletionProtection: ({ KeyId }) => [
    "SetDeletionProtection",
    { ProtectedResourceArn: KeyId, EnableDeletionProtection: "false" }
  ],
  GetParametersForImport: onKey("GetParametersForImport", {
    WrappingAlgorithm: "RSAES_OAEP_SHA_1",
    WrappingKeySpec: "RSA_2048"
  }),
  ImportKeyMaterial: async ({ ask, kind, KeyId, material }) => [
    "ImportKeyMaterial",
    kind === "external"
      ? await importRequest(ask, KeyId, material)
      : { KeyId, ImportToken: Plaintext, EncryptedKeyMaterial: Plaintext }
  ],
  DeleteKeyMaterial: onKey("DeleteKeyMaterial"),
  Encrypt: onKey("Encrypt", { Plaintext }),
  Decrypt: ({ blob }) => ["Decrypt", { CiphertextBlob: blob }],
  GenerateDataKey: onKey("GenerateDataKey"),
  GenerateDataKeyWithoutPlaintext: onKey("GenerateDataKeyWithoutPlaintext"),
  ExportDataKey: ({ blob }) => ["ExportDataKey", { CiphertextBlob: blob, ...exporting }],
  GenerateAndExportDataKey: onKey("GenerateAndExportDataKey", exporting),
  "ReEncrypt(source)": ({ kind, blob, pairBlob, other, KeyId, KeyVersionId }) => {
    const DestinationKeyId = other.KeyId
    if (kind === "symmetric" || kind === "external") return ["ReEncrypt", { CiphertextBlob: blob, DestinationKeyId }]
    const source = { SourceKeyId: KeyId, SourceKeyVersionId: KeyVersionId, SourceEncryptionAlgorithm: encryption }
    return ["ReEncrypt", { CiphertextBlob: pairBlob, ...source, DestinationKeyId }]
  },
  "ReEncrypt(destination)": ({ other, KeyId }) => [
    "ReEncrypt",
    { CiphertextBlob: other.blob, DestinationKeyId: KeyId }
  ],
  AsymmetricEncrypt: onVersion("AsymmetricEncrypt", () => ({ Algorithm: encryption, Plaintext })),
  AsymmetricDecrypt: onVersion("AsymmetricDecrypt", ({ pairBlob }) => ({
    Algorithm: encryption,
    CiphertextBlob: pairBlob
  })),
  AsymmetricSign: onVersion("AsymmetricSign", () => ({ Algorithm: signature, Digest })),
  AsymmetricVerify: onVersion("AsymmetricVerify", (subject) => ({
    Algorithm: signature,
    Digest,
    Value: subject.signature
  })),
  GetPublicKey: onVersion("GetPublicKey")
}

/** The rotation of a key in each state: `rotates`, or the status in DescribeKey. */
export const rotationJob = async (ask: Ask): Promise<Record<"Enabled" | "Disabled" | "PendingDeletion", string>> => {
  const KeyId = await newKey(ask, { EnableAutomaticRotation: "true", RotationInterval: "7d" })
  const nextWeek = async (): Promise<string> => {
    const before = await newestVersion(ask, KeyId)
    const { KeyMetadata } = await must(ask, "DescribeKey", { KeyId })
    await must(ask, "AdvanceClock", { By: "8d" })
    const word = textAt(KeyMetadata, "AutomaticRotation")
    return (await newestVersion(ask, KeyId)) === before ? word : word === "Enabled" ? "rotates" : `${word}, but rotates`
  }
  const Enabled = await nextWeek()
  await must(ask, "DisableKey", { KeyId })
  const Disabled = await nextWeek()
  await must(ask, "ScheduleKeyDeletion", { KeyId })
  return { Enabled, Disabled, PendingDeletion: await nextWeek() }
}
