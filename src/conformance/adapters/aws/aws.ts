/** A service with the API of AWS KMS, called through that vendor's published client. */
import type { KMS } from "@aws-sdk/client-kms"
import { isOperation } from "../adapter.ts"
import type { Answer, KmsAdapter, NativeCall, OperationName, Profile } from "../adapter.ts"
import { textOf } from "../../steps/reply.ts"
import { orSilence } from "../silence.ts"
import { calls } from "./calls.ts"
import type { GivenParameters } from "./values.ts"

/** The connection to a service with the API of AWS KMS. */
export interface AwsOptions {
  readonly endpoint: string
  readonly region?: string
  /** The current time in milliseconds since 1970, to check the service's dates. */
  readonly clock: () => number
  /**
   * Without credentials, the client searches its usual sources: environment, profiles and so on. If it finds none and
   * the endpoint is on this machine, placeholders are used.
   */
  readonly accessKey?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** The time limit of one call, in milliseconds. */
  readonly timeoutMillis?: number
}

/** Nothing can be tested without these operations, so a service that lacks them is faulty. */
const core: ReadonlySet<OperationName> = new Set([
  "CreateKey",
  "DescribeKey",
  "EnableKey",
  "DisableKey",
  "ScheduleKeyDeletion",
  "CancelKeyDeletion",
  "Encrypt",
  "Decrypt",
  "GenerateDataKey"
])

const unsupported =
  /^(UnknownOperation|NotImplemented|InternalFailure\.NotImplemented|InvalidAction|UnsupportedAction|501)/i

const statusOf = (error: Error): number => {
  const metadata: unknown = Reflect.get(error, "$metadata")
  const status: unknown = typeof metadata === "object" && metadata !== null && Reflect.get(metadata, "httpStatusCode")
  return typeof status === "number" ? status : 0
}

/** Errors of the client: an error with a status is a refusal of the service; one without a status never reached it. */
const refusalOf = (error: unknown): Extract<Answer, { ok: false }> => {
  if (!(error instanceof Error)) throw error
  const httpStatus = statusOf(error)
  if (httpStatus === 0) throw error
  // The client's error for an unreadable reply has no specific name.
  const code = error.name === "Error" || error.name === "SyntaxError" ? `HTTP ${httpStatus}` : error.name
  return { ok: false, code, httpStatus, message: error.message }
}

/** The client of this vendor adds `$metadata` to each reply. */
const replyOf = (reply: unknown): unknown =>
  typeof reply === "object" && reply !== null
    ? Object.fromEntries(Object.entries(reply).filter(([name]) => name !== "$metadata"))
    : reply

const failureOf = (error: unknown): unknown => {
  if (!(error instanceof Error) || statusOf(error) === 0) return {}
  const { code, httpStatus, message } = refusalOf(error)
  return { code, httpStatus, message }
}

/** A client that adds each call to `native`, under its name in that API. */
const recording = (kms: KMS, native: Array<NativeCall>): KMS =>
  new Proxy(kms, {
    get: (client, name) => {
      const method: unknown = Reflect.get(client, name)
      if (typeof method !== "function" || typeof name !== "string") return method
      const call = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
      return async (request: unknown): Promise<unknown> => {
        try {
          const reply: unknown = await Reflect.apply(method, client, [request])
          native.push({ call, request, reply: replyOf(reply) })
          return reply
        } catch (error) {
          native.push({ call, request, reply: failureOf(error) })
          throw error
        }
      }
    }
  })

const isUnsupported = ({ code, httpStatus, message = "" }: Extract<Answer, { ok: false }>): boolean =>
  httpStatus === 501 ||
  unsupported.test(code) ||
  (httpStatus === 404 && code.startsWith("HTTP")) ||
  /not (yet )?implemented|unknown operation/i.test(message)

const send = async (kms: KMS, operation: OperationName, asked: GivenParameters): Promise<Answer> => {
  const call = calls[operation]
  if (call === undefined) throw new Error(`${operation} has no counterpart there`)
  const native: Array<NativeCall> = []
  try {
    return { ok: true, response: await call(recording(kms, native), asked), native }
  } catch (error) {
    return { ...refusalOf(error), native }
  }
}

const nobody = "00000000-0000-4000-8000-000000000000"
const bytes = Buffer.alloc(32, 1).toString("base64")

/** Parameters of a call that changes nothing: its key and its alias do not exist. */
const harmless: GivenParameters = {
  KeyId: nobody,
  DestinationKeyId: nobody,
  AliasName: "alias/keystate-conformance-asks-what-there-is",
  CiphertextBlob: bytes,
  Plaintext: bytes,
  ImportToken: bytes,
  EncryptedKeyMaterial: bytes,
  Digest: bytes,
  Value: bytes,
  Algorithm: "ECDSA_SHA_256",
  Tags: '[{"TagKey":"a","TagValue":"b"}]',
  TagKeys: '["a"]',
  EnableAutomaticRotation: true,
  RotationInterval: "90d"
}

/** An error outside the protocol's format: no part of the service handled the call. */
const isNoAnswer = (answer: Answer): boolean => !answer.ok && answer.httpStatus >= 500 && answer.code.startsWith("HTTP")

/**
 * Whether the service lacks an operation. Either it says so, or it fails without an error code both for an unknown key
 * and for the existing key `specimen`.
 */
const lacks = async (
  kms: KMS,
  operation: OperationName,
  specimen: () => Promise<string | undefined>
): Promise<boolean> => {
  if (core.has(operation)) return false
  const answer = await send(kms, operation, harmless)
  if (answer.ok) return false
  if (isUnsupported(answer)) return true
  const KeyId = isNoAnswer(answer) ? await specimen() : undefined
  return KeyId !== undefined && isNoAnswer(await send(kms, operation, { ...harmless, KeyId, DestinationKeyId: KeyId }))
}

/** A profile requires all of these operations. */
const profileNeeds: Readonly<Partial<Record<Profile, ReadonlyArray<OperationName>>>> = {
  core: [],
  import: ["GetParametersForImport", "ImportKeyMaterial"],
  asymmetric: ["AsymmetricSign", "AsymmetricVerify"],
  rotation: ["UpdateRotationPolicy"],
  aliases: ["CreateAlias", "DeleteAlias"]
}

const clientModule = async () => {
  try {
    return await import("@aws-sdk/client-kms")
  } catch {
    throw new Error("The dialect aws needs the vendor's client: npm install @aws-sdk/client-kms")
  }
}

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Emulators on this machine accept any credentials, but the client does not send requests without some. */
const placeholder = { accessKeyId: "placeholder", secretAccessKey: "placeholder" }

const clientOf = (sdk: Awaited<ReturnType<typeof clientModule>>, options: AwsOptions, key = options.accessKey): KMS => {
  const { endpoint, region = "us-east-1", timeoutMillis = 30_000 } = options
  return new sdk.KMS({
    endpoint,
    region,
    maxAttempts: 3,
    requestHandler: { requestTimeout: timeoutMillis, connectionTimeout: Math.min(timeoutMillis, 5000) },
    ...(key === undefined ? {} : { credentials: { ...key } })
  })
}

/** A client with the credentials that it finds. Against a loopback endpoint it uses placeholders if it finds none. */
const openClient = async (options: AwsOptions): Promise<{ readonly kms: KMS; readonly note: string }> => {
  const sdk = await clientModule()
  const kms = clientOf(sdk, options)
  if (options.accessKey !== undefined || !loopback.has(new URL(options.endpoint).hostname)) return { kms, note: "" }
  try {
    await kms.config.credentials()
    return { kms, note: "" }
  } catch {
    return { kms: clientOf(sdk, options, placeholder), note: ", with placeholder credentials" }
  }
}

/** The operations that the service does not report as missing. */
const operationsOf = async (
  kms: KMS,
  specimen: () => Promise<string | undefined>
): Promise<ReadonlyArray<OperationName>> => {
  const found: Array<OperationName> = []
  for (const operation of Object.keys(calls)) {
    if (isOperation(operation) && !(await lacks(kms, operation, specimen))) found.push(operation)
  }
  return found
}

const profilesOf = (operations: ReadonlyArray<OperationName>): ReadonlyArray<Profile> =>
  Object.entries(profileNeeds).flatMap(([profile, needs]) =>
    needs.every((operation) => operations.includes(operation)) ? [profile as Profile] : []
  )

/** First asks which operations exist. Operations that the service reports as missing are skipped and listed. */
export const overAws = async (options: AwsOptions): Promise<KmsAdapter> => {
  const { kms, note } = await openClient(options)
  const made = new Set<string>()
  const ask = async (operation: OperationName, asked: GivenParameters): Promise<Answer> => {
    const answer = await orSilence(
      () => send(kms, operation, asked),
      () => send(kms, "DescribeKey", { KeyId: nobody }),
      // The client has already retried.
      0
    )
    const id = answer.ok && operation === "CreateKey" ? textOf(answer.response, "KeyMetadata.KeyId") : undefined
    if (id !== undefined) made.add(id)
    return answer
  }
  const specimen = async (): Promise<string | undefined> => {
    if (made.size === 0) await ask("CreateKey", { Origin: "EXTERNAL" })
    return made.values().next().value
  }
  const operations = await operationsOf(kms, specimen)
  return {
    name: `AWS-style service at ${options.endpoint}${note}`,
    capabilities: { operations, clock: "none", reset: "namespace", profiles: profilesOf(operations) },
    start: async () => {},
    call: ask,
    // The clock cannot be moved, but the service's dates follow it within a minute or two.
    now: async () => options.clock(),
    // Schedules the deletion of every key of the suite. Ignores the refusal for keys that are already scheduled.
    stop: async () => {
      for (const KeyId of made) await send(kms, "ScheduleKeyDeletion", { KeyId, PendingWindowInDays: 7 })
      made.clear()
    }
  }
}
