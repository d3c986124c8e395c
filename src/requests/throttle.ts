/** Refuses calls of an account that exceed its request quota. */
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { RequestClass, RequestRates } from "../domain/quotas.ts"
import type { OperationName } from "../operation/catalogue.ts"
import type { CallRequest } from "./callUnderWay.ts"

/** API, quotas. Operations of Keystate, RAM and STS have no request quota. */
const classes: Readonly<Partial<Record<OperationName, RequestClass>>> = {
  CreateKey: "create",
  DescribeKey: "read",
  ListKeys: "read",
  GetKeyPolicy: "read",
  ListAliases: "read",
  ListAliasesByKeyId: "read",
  DescribeKeyVersion: "read",
  ListKeyVersions: "read",
  DescribeRegions: "read",
  DescribeService: "read",
  DescribeAccountKmsStatus: "read",
  EnableKey: "write",
  DisableKey: "write",
  ScheduleKeyDeletion: "write",
  CancelKeyDeletion: "write",
  SetDeletionProtection: "write",
  UpdateKeyDescription: "write",
  SetKeyPolicy: "write",
  CreateAlias: "write",
  UpdateAlias: "write",
  DeleteAlias: "write",
  GetParametersForImport: "write",
  ImportKeyMaterial: "write",
  DeleteKeyMaterial: "write",
  CreateKeyVersion: "write",
  UpdateRotationPolicy: "write",
  TagResource: "write",
  UntagResource: "write",
  TagResources: "write",
  UntagResources: "write",
  ListResourceTags: "tags",
  ListTagResources: "tags",
  Encrypt: "symmetric",
  Decrypt: "symmetric",
  GenerateDataKey: "symmetric",
  GenerateDataKeyWithoutPlaintext: "symmetric",
  ExportDataKey: "symmetric",
  GenerateAndExportDataKey: "symmetric",
  ReEncrypt: "reencrypt",
  GetPublicKey: "asymmetric",
  AsymmetricEncrypt: "asymmetric",
  AsymmetricDecrypt: "asymmetric",
  AsymmetricSign: "asymmetric",
  AsymmetricVerify: "asymmetric",
  CreateCertificateSigningRequest: "asymmetric",
  OpenKmsService: "open"
}

const classByName: ReadonlyMap<string, RequestClass> = new Map(Object.entries(classes))

/** The calls that are still allowed, and the time of that count. */
interface Bucket {
  readonly left: number
  readonly at: number
}

/** Refills a bucket by the elapsed time, up to the calls of one second. */
const refilled = (bucket: Bucket | undefined, rate: number, now: number): Bucket =>
  bucket === undefined
    ? { left: rate, at: now }
    : { left: Math.min(rate, bucket.left + ((now - bucket.at) * rate) / 1000), at: now }

export type Throttle = (requested: CallRequest) => AnyKmsError | undefined

/** `elapsed` counts milliseconds. Each engine counts only its own calls. */
export const makeThrottle = (rates: RequestRates, elapsed: () => number): Throttle => {
  const buckets = new Map<string, Bucket>()
  return ({ api = "kms", operation, realm }) => {
    const kind = api === "kms" ? classByName.get(operation) : undefined
    const rate = kind === undefined ? undefined : rates[kind]
    if (kind === undefined || rate === undefined) return undefined
    const name = `${realm.account} ${realm.region} ${kind}`
    const bucket = refilled(buckets.get(name), rate, elapsed())
    const isFree = bucket.left >= 1
    buckets.set(name, isFree ? { ...bucket, left: bucket.left - 1 } : bucket)
    if (isFree) return undefined
    return refuse("Rejected.Throttling", {
      hint: `This account may make ${rate} calls of this class in a second (${kind}).`
    })
  }
}
