/** Converts a step to a request of the API. */
import { kindOf } from "../model/kinds.ts"
import type { Model } from "../model/model.ts"
import { digestOf, materialOf, nobodysKey } from "./names.ts"
import type { Names } from "./names.ts"
import { encryptOutside, wrapFor } from "./receiver.ts"
import type { Receiver } from "./receiver.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { longPageSize, pageIn, pageSize, valuesIn } from "./pages.ts"
import { altered, cut, faultyValue } from "./alteredBytes.ts"
import { lengthOf } from "./dataKeyLength.ts"
import { pairTextOf, plaintextOf } from "./plaintext.ts"
import { referenceOf } from "./reference.ts"
import { isDeed } from "./step.ts"
import type { Deed, IntervalUnit, Step } from "./step.ts"

export interface Sending {
  readonly step: Step
  readonly model: Model
  readonly names: Names
  readonly receiver: Receiver
  readonly dialect: Dialect
}

export type Request = Readonly<Record<string, unknown>>

const nobodysVersion = "00000000-0000-4000-8000-000000000001"

const keyIn = (sending: Sending): string => {
  const { step, names } = sending
  if (step.twist === "unknownKey") return nobodysKey
  if (step.reference !== undefined) return referenceOf(step, names) ?? nobodysKey
  if (step.by !== undefined) return names.alias(step.by)
  return names.of(step.key ?? "") ?? nobodysKey
}

const contextText = (context: Readonly<Record<string, string>>): string => JSON.stringify(context)

const contextOf = (context: Readonly<Record<string, string>> | undefined, name = "EncryptionContext"): Request =>
  context === undefined || Object.keys(context).length === 0 ? {} : { [name]: contextText(context) }

/** A ciphertext and its context, with the fault that the step asks for. */
const opening = ({ step, model, names }: Sending, name?: string): Request => {
  const blob = names.of(step.of ?? "") ?? ""
  const { context = {} } = model.ciphertexts.get(step.of ?? "") ?? {}
  switch (step.twist) {
    case "tampered":
      return { CiphertextBlob: altered(blob, step.bytes), ...contextOf(context, name) }
    case "truncated":
      return { CiphertextBlob: cut(blob), ...contextOf(context, name) }
    case "otherContext":
      return { CiphertextBlob: blob, ...contextOf({ ...context, purpose: "another" }, name) }
    case "givenContext":
      return { CiphertextBlob: blob, ...contextOf(step.context, name) }
    case "noContext":
      return { CiphertextBlob: blob }
    case "reorderedContext":
      return { CiphertextBlob: blob, ...contextOf(Object.fromEntries(Object.entries(context).reverse()), name) }
    default:
      return { CiphertextBlob: blob, ...contextOf(context, name) }
  }
}

const exporting = ({ receiver }: Sending): Request => ({
  PublicKeyBlob: receiver.publicKey(),
  WrappingKeySpec: "RSA_2048",
  WrappingAlgorithm: "RSAES_OAEP_SHA_256"
})

const dataKey = (sending: Sending): Request => ({
  KeyId: keyIn(sending),
  ...lengthOf(sending.step),
  ...contextOf(sending.step.context)
})

/** The version that a step names; the first one if it names none. */
const versionIn = ({ step, names }: Sending): string =>
  step.twist === "unknownVersion"
    ? nobodysVersion
    : (names.of(step.version ?? `${step.key ?? ""}.v1`) ?? nobodysVersion)

/** The algorithm for keys that have none, and two algorithms of which every key lacks at least one. */
const algorithms = {
  signs: { usual: "RSA_PSS_SHA_256", foreign: ["SM2DSA", "ECDSA_SHA_256"] },
  encrypts: { usual: "RSAES_OAEP_SHA_256", foreign: ["SM2PKE", "RSAES_OAEP_SHA_1"] }
} as const

const algorithmIn = ({ step, model }: Sending, of: "signs" | "encrypts"): string => {
  if (of === "encrypts" && step.algorithm !== undefined) return step.algorithm
  const own = kindOf(model.keys.get(step.key ?? "")?.kind ?? "symmetric")[of]
  const { usual, foreign } = algorithms[of]
  if (step.twist !== "otherAlgorithm") return own ?? usual
  return own === foreign[0] ? foreign[1] : foreign[0]
}

const addressed = (sending: Sending, of: "signs" | "encrypts"): Request => ({
  KeyId: keyIn(sending),
  KeyVersionId: versionIn(sending),
  Algorithm: algorithmIn(sending, of)
})

const digest = ({ step }: Sending, text: string): string => {
  const bytes = digestOf(step.twist === "otherDigest" ? `${text} and more` : text)
  if (step.twist === "tooLong") return Buffer.concat([bytes, Buffer.of(0)]).toString("base64")
  return (step.twist === "wrongLength" ? bytes.subarray(0, -1) : bytes).toString("base64")
}

const wrapped = ({ step, names }: Sending): string => {
  const publicKey = names.of(`${step.of ?? ""}.key`)
  if (publicKey === undefined || step.twist === "garbage") return Buffer.alloc(256, 0x5a).toString("base64")
  const which = step.twist === "otherMaterial" ? "other" : "first"
  return wrapFor(publicKey, materialOf(which, step.twist === "wrongLength" ? 31 : 32), step.algorithm)
}

const expiry = ({ step, model }: Sending): Request => {
  const now = Math.floor(model.now / 1000)
  if (step.twist === "pastExpiry") return { KeyMaterialExpireUnix: now - 60 }
  if (step.twist === "zeroExpiry") return { KeyMaterialExpireUnix: 0 }
  return step.days === undefined ? {} : { KeyMaterialExpireUnix: now + step.days * 86_400 }
}

const byKey = (sending: Sending): Request => ({ KeyId: keyIn(sending) })
const outOfRange = (
  { twist }: Step,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number }
): number | undefined => {
  if (twist === "tooShort") return minimum - 1
  return twist === "tooLong" ? maximum + 1 : undefined
}

const inDay: Readonly<Record<IntervalUnit, number>> = { d: 1, h: 24, m: 1440, s: 86_400 }
const interval = (days: number, unit: IntervalUnit = "d"): string => `${days * inDay[unit]}${unit}`

const tagsText = ({ tags = {} }: Step): string =>
  JSON.stringify(Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })))

/** An invalid name may be too long instead of lacking its prefix. */
const isLongName = ({ alias }: Step): boolean => alias?.endsWith(".tooLong") === true

/** The ciphertext of a pair does not name its key. */
const sourcePair = (sending: Sending): Request =>
  sending.step.version === undefined
    ? {}
    : {
        SourceKeyId: keyIn(sending),
        SourceKeyVersionId: versionIn(sending),
        SourceEncryptionAlgorithm: algorithmIn(sending, "encrypts")
      }

/** The key that ReEncrypt encrypts under, or its alias. */
const destinationIn = ({ step, names }: Sending): string =>
  step.by === undefined ? (names.of(step.to ?? "") ?? nobodysKey) : names.alias(step.by)

type Build = (sending: Sending) => Request

const builders: Readonly<Record<Exclude<Step["op"], Deed>, Build>> = {
  CreateKey: ({ step, dialect }) => {
    const days = outOfRange(step, dialect.rotationDays) ?? step.days
    return {
      ...kindOf(step.kind ?? "symmetric").request,
      ...(step.text === undefined ? {} : { Description: step.text }),
      ...(step.tags === undefined ? {} : { Tags: tagsText(step) }),
      ...(days === undefined ? {} : { EnableAutomaticRotation: true, RotationInterval: `${days}d` })
    }
  },
  DescribeKey: byKey,
  ListKeys: ({ step, names }) => ({
    ...pageIn(step, pageSize),
    ...(step.filters === undefined
      ? {}
      : { Filters: JSON.stringify(step.filters.map((filter) => valuesIn(filter, names))) })
  }),
  EnableKey: byKey,
  DisableKey: byKey,
  CancelKeyDeletion: byKey,
  ScheduleKeyDeletion: (sending) => {
    const days = outOfRange(sending.step, sending.dialect.window) ?? sending.step.days
    return { KeyId: keyIn(sending), ...(days === undefined ? {} : { PendingWindowInDays: days }) }
  },
  SetDeletionProtection: (sending) => ({
    ProtectedResourceArn: keyIn(sending),
    EnableDeletionProtection: sending.step.on === true
  }),
  UpdateKeyDescription: (sending) => ({ KeyId: keyIn(sending), Description: sending.step.text ?? "" }),
  CreateAlias: (sending) => ({
    KeyId: keyIn(sending),
    AliasName:
      sending.step.twist === "badName" && !isLongName(sending.step)
        ? `kc-${sending.names.run}`
        : sending.names.alias(sending.step.alias ?? "")
  }),
  UpdateAlias: (sending) => ({ KeyId: keyIn(sending), AliasName: sending.names.alias(sending.step.alias ?? "") }),
  DeleteAlias: (sending) => ({ AliasName: sending.names.alias(sending.step.alias ?? "") }),
  ListAliases: ({ step }) => pageIn(step, pageSize),
  ListAliasesByKeyId: (sending) => ({ KeyId: keyIn(sending), ...pageIn(sending.step, longPageSize) }),
  GetParametersForImport: (sending) => ({
    KeyId: keyIn(sending),
    WrappingKeySpec: "RSA_2048",
    WrappingAlgorithm: sending.step.algorithm ?? "RSAES_OAEP_SHA_256"
  }),
  ImportKeyMaterial: (sending) => {
    const token = sending.names.of(sending.step.of ?? "") ?? ""
    return {
      KeyId: keyIn(sending),
      EncryptedKeyMaterial: wrapped(sending),
      ImportToken: sending.step.twist === "tampered" ? altered(token) : token,
      ...expiry(sending)
    }
  },
  DeleteKeyMaterial: byKey,
  Encrypt: (sending) => ({
    KeyId: keyIn(sending),
    Plaintext: plaintextOf(sending.step, sending.dialect),
    ...contextOf(sending.step.context)
  }),
  Decrypt: (sending) => opening(sending),
  ReEncrypt: (sending) => ({
    ...opening(sending, "SourceEncryptionContext"),
    ...sourcePair(sending),
    DestinationKeyId: destinationIn(sending),
    ...contextOf(sending.step.context, "DestinationEncryptionContext")
  }),
  GenerateDataKey: dataKey,
  GenerateDataKeyWithoutPlaintext: dataKey,
  GenerateAndExportDataKey: (sending) => ({ ...dataKey(sending), ...exporting(sending) }),
  ExportDataKey: (sending) => ({ ...opening(sending), ...exporting(sending) }),
  CreateKeyVersion: byKey,
  DescribeKeyVersion: (sending) => ({ KeyId: keyIn(sending), KeyVersionId: versionIn(sending) }),
  ListKeyVersions: (sending) => ({ KeyId: keyIn(sending), ...pageIn(sending.step, longPageSize) }),
  UpdateRotationPolicy: (sending) => {
    const days = outOfRange(sending.step, sending.dialect.rotationDays) ?? sending.step.days ?? 30
    const on = sending.step.on === true || sending.step.twist !== undefined
    const RotationInterval = interval(days, sending.step.unit)
    return { KeyId: keyIn(sending), EnableAutomaticRotation: on, ...(on ? { RotationInterval } : {}) }
  },
  GetPublicKey: (sending) => ({ KeyId: keyIn(sending), KeyVersionId: versionIn(sending) }),
  AsymmetricEncrypt: (sending) => ({
    ...addressed(sending, "encrypts"),
    Plaintext: pairTextOf(sending.step, sending.model.keys.get(sending.step.key ?? "")?.kind ?? "symmetric")
  }),
  AsymmetricDecrypt: (sending) => {
    const { step, names } = sending
    const pem = names.of(`${step.version ?? `${step.key ?? ""}.v1`}.pem`)
    const outside =
      step.twist === "outside" && pem !== undefined
        ? encryptOutside(pem, algorithmIn(sending, "encrypts"), step.text ?? "")
        : undefined
    const blob = outside ?? names.of(step.of ?? "") ?? Buffer.alloc(256, 1).toString("base64")
    return {
      ...addressed(sending, "encrypts"),
      CiphertextBlob: step.twist === "tampered" ? altered(blob, step.bytes) : blob
    }
  },
  AsymmetricSign: (sending) => ({ ...addressed(sending, "signs"), Digest: digest(sending, sending.step.text ?? "") }),
  AsymmetricVerify: (sending) => {
    const { step, model, names } = sending
    const value = names.of(step.of ?? "") ?? Buffer.alloc(64, 1).toString("base64")
    const text = model.signatures.get(step.of ?? "")?.text ?? ""
    return {
      ...addressed(sending, "signs"),
      Digest: digest(sending, text),
      Value: faultyValue(step, value)
    }
  },
  TagResource: (sending) => ({
    KeyId: keyIn(sending),
    Tags: tagsText(sending.step)
  }),
  UntagResource: (sending) => ({
    KeyId: keyIn(sending),
    TagKeys: JSON.stringify(Object.keys(sending.step.tags ?? {}))
  }),
  ListResourceTags: byKey,
  SetKeyPolicy: (sending) => ({ KeyId: keyIn(sending), Policy: JSON.stringify(sending.step.policy ?? []) })
}

export const requestOf = (sending: Sending): Request => {
  const { op, isDryRun } = sending.step
  if (isDeed(op)) return {}
  const request = builders[op](sending)
  return isDryRun === true ? { ...request, DryRun: true } : request
}
