/** A small server that speaks AWS KMS with Keystate's engine, without faults or with a known fault of emulators. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"

/**
 * `stateNotAsked`: Disabled keys are used. `enableFromAnyState`: EnableKey brings a key back from its
 * deletion. `anyWindow`: waiting periods are not checked. `windowIgnored`: a call with a wrong one succeeds, without an effect. `cancelEnables`: a cancelled deletion leaves the key Enabled.
 * `aliasesStayWithTheirKind`: no fault, but what the vendor's own documents say.
 */
export type Quirk =
  | "stateNotAsked"
  | "enableFromAnyState"
  | "anyWindow"
  | "windowIgnored"
  | "cancelEnables"
  | "aliasesStayWithTheirKind"

export interface FakeOptions {
  readonly quirk?: Quirk
  /** Operations that answer as if they did not exist. */
  readonly lacks?: ReadonlyArray<string>
  /** Operations that end in a fault outside of the protocol; only if the call names an unknown key. */
  readonly crashesAt?: ReadonlyArray<string>
  readonly crashesOnlyForNobody?: boolean
  /** Operations whose connection is closed without an answer. */
  readonly hangsUpAt?: ReadonlyArray<string>
}

type Body = Readonly<Record<string, unknown>>
type Handle = (kms: PromiseKms, body: Body) => Promise<object>

class Refusal extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

const codes: Readonly<Record<string, string>> = {
  "Forbidden.KeyNotFound": "NotFoundException",
  "Forbidden.AliasNotFound": "NotFoundException",
  AliasAlreadyExists: "AlreadyExistsException",
  "Rejected.Disabled": "DisabledException",
  "Rejected.PendingDeletion": "KMSInvalidStateException",
  "Rejected.PendingImport": "KMSInvalidStateException",
  "Rejected.StateModifiedFailed": "KMSInvalidStateException",
  "Unsupported.Origin": "UnsupportedOperationException",
  UnsupportedOperation: "InvalidKeyUsageException",
  "Rejected.UnsupportedOperation": "UnsupportedOperationException",
  InvalidKeyMaterial: "IncorrectKeyMaterialException",
  InvalidImportToken: "InvalidImportTokenException",
  ExpiredImportToken: "ExpiredImportTokenException",
  "Rejected.LimitExceeded": "LimitExceededException"
}

const text = (body: Body, name: string): string => {
  const value = body[name]
  return typeof value === "string" ? value : ""
}
const context = (body: Body, name = "EncryptionContext"): object =>
  body[name] === undefined ? {} : { [name]: JSON.stringify(body[name]) }
const seconds = (date: string): number => Date.parse(date) / 1000

const pairSpecs: Readonly<Record<string, string>> = {
  SYMMETRIC_DEFAULT: "Aliyun_AES_256",
  RSA_2048: "RSA_2048",
  RSA_3072: "RSA_3072",
  ECC_NIST_P256: "EC_P256",
  ECC_SECG_P256K1: "EC_P256K"
}
const algorithms: Readonly<Record<string, string>> = {
  RSASSA_PSS_SHA_256: "RSA_PSS_SHA_256",
  RSASSA_PKCS1_V1_5_SHA_256: "RSA_PKCS1_SHA_256"
}
const back = (table: Readonly<Record<string, string>>, value: string): string =>
  Object.entries(table).find(([, ours]) => ours === value)?.[0] ?? value

/** The methods of the library are typed by operation; requests over the wire are not. */
const ask = async (kms: PromiseKms, method: string, request: object): Promise<Readonly<Record<string, never>>> => {
  const call = Reflect.get(kms, method) as (request: object) => Promise<Readonly<Record<string, never>>>
  return call(request)
}

const keyOf = async (kms: PromiseKms, body: Body) => (await kms.describeKey({ KeyId: text(body, "KeyId") })).KeyMetadata

const described: Handle = async (kms, body) => {
  const key = await keyOf(kms, body)
  return {
    KeyMetadata: {
      KeyId: key.KeyId,
      Arn: `arn:aws:kms:us-east-1:000000000000:key/${key.KeyId}`,
      KeyState: key.KeyState,
      Enabled: key.KeyState === "Enabled",
      Description: key.Description,
      KeySpec: back(pairSpecs, key.KeySpec),
      KeyUsage: key.KeyUsage.replace("/", "_"),
      Origin: key.Origin === "EXTERNAL" ? "EXTERNAL" : "AWS_KMS",
      CreationDate: seconds(key.CreationDate),
      ...(key.DeleteDate === "" ? {} : { DeletionDate: seconds(key.DeleteDate) }),
      ...(key.MaterialExpireTime === "" ? {} : { ValidTo: seconds(key.MaterialExpireTime) })
    }
  }
}

/** The only version of a key pair here. */
const version = async (kms: PromiseKms, KeyId: string): Promise<string> =>
  (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion[0]?.KeyVersionId ?? ""

const pair = async (kms: PromiseKms, body: Body, algorithm: string) => ({
  KeyId: text(body, "KeyId"),
  KeyVersionId: await version(kms, text(body, "KeyId")),
  Algorithm: algorithms[text(body, algorithm)] ?? text(body, algorithm)
})

const der = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, "")
const nothing = async (work: Promise<unknown>): Promise<object> => {
  await work
  return {}
}

const encrypt: Handle = async (kms, body) => {
  const bytes = Buffer.from(text(body, "Plaintext"), "base64").length
  if (bytes < 1 || bytes > 4096) throw new Refusal("ValidationException")
  if (text(body, "EncryptionAlgorithm").startsWith("RSA")) {
    const { KeyId, CiphertextBlob } = await ask(kms, "asymmetricEncrypt", {
      ...(await pair(kms, body, "EncryptionAlgorithm")),
      Plaintext: body["Plaintext"]
    })
    return { KeyId, CiphertextBlob }
  }
  const { KeyId, Plaintext } = body
  return ask(kms, "encrypt", { KeyId, Plaintext, ...context(body) })
}

const handlers: Readonly<Record<string, Handle>> = {
  CreateKey: async (kms, body) => {
    const KeySpec = pairSpecs[text(body, "KeySpec")]
    const external = body["Origin"] === "EXTERNAL"
    const { KeyMetadata } = await ask(kms, "createKey", {
      ...(KeySpec === "Aliyun_AES_256" ? {} : { KeySpec, KeyUsage: text(body, "KeyUsage").replace("_", "/") }),
      ...(external ? { Origin: "EXTERNAL" } : {}),
      Description: text(body, "Description")
    })
    return described(kms, KeyMetadata ?? {})
  },
  DescribeKey: described,
  ListKeys: async (kms) => ({ Keys: (await kms.listKeys({ PageSize: 100 })).Keys.Key, Truncated: false }),
  EnableKey: (kms, body) => nothing(ask(kms, "enableKey", body)),
  DisableKey: (kms, body) => nothing(ask(kms, "disableKey", body)),
  ScheduleKeyDeletion: async (kms, body) => {
    await ask(kms, "scheduleKeyDeletion", body)
    return { KeyId: body["KeyId"], DeletionDate: seconds((await keyOf(kms, body)).DeleteDate) }
  },
  CancelKeyDeletion: async (kms, body) => {
    await ask(kms, "cancelKeyDeletion", body)
    if ((await keyOf(kms, body)).KeyState === "Enabled") await ask(kms, "disableKey", body)
    return { KeyId: body["KeyId"] }
  },
  UpdateKeyDescription: (kms, body) => nothing(ask(kms, "updateKeyDescription", body)),
  CreateAlias: (kms, { AliasName, TargetKeyId }) => nothing(ask(kms, "createAlias", { AliasName, KeyId: TargetKeyId })),
  UpdateAlias: (kms, { AliasName, TargetKeyId }) => nothing(ask(kms, "updateAlias", { AliasName, KeyId: TargetKeyId })),
  DeleteAlias: (kms, body) => nothing(ask(kms, "deleteAlias", body)),
  ListAliases: async (kms, body) => {
    const KeyId = text(body, "KeyId")
    const page = { PageSize: 100 }
    const { Aliases } = KeyId === "" ? await kms.listAliases(page) : await kms.listAliasesByKeyId({ KeyId, ...page })
    return { Aliases: Aliases.Alias.map((alias) => ({ AliasName: alias.AliasName, TargetKeyId: alias.KeyId })) }
  },
  GetParametersForImport: async (kms, body) => {
    const { TokenExpireTime, ...reply } = await ask(kms, "getParametersForImport", body)
    return { ...reply, ParametersValidTo: seconds(TokenExpireTime ?? "") }
  },
  ImportKeyMaterial: (kms, { ValidTo, ExpirationModel: _model, ...body }) =>
    nothing(
      ask(kms, "importKeyMaterial", {
        ...body,
        ...(typeof ValidTo === "number" ? { KeyMaterialExpireUnix: Math.floor(ValidTo) } : {})
      })
    ),
  DeleteImportedKeyMaterial: (kms, body) => nothing(ask(kms, "deleteKeyMaterial", body)),
  Encrypt: encrypt,
  Decrypt: async (kms, body) => {
    const { CiphertextBlob } = body
    return text(body, "EncryptionAlgorithm").startsWith("RSA")
      ? ask(kms, "asymmetricDecrypt", { ...(await pair(kms, body, "EncryptionAlgorithm")), CiphertextBlob })
      : ask(kms, "decrypt", { CiphertextBlob, ...context(body) })
  },
  ReEncrypt: async (kms, { CiphertextBlob, DestinationKeyId, ...body }) => {
    const contexts = { ...context(body, "SourceEncryptionContext"), ...context(body, "DestinationEncryptionContext") }
    const reply = await ask(kms, "reEncrypt", { CiphertextBlob, DestinationKeyId, ...contexts })
    return { CiphertextBlob: reply["CiphertextBlob"], SourceKeyId: reply["KeyId"], KeyId: DestinationKeyId }
  },
  GenerateDataKey: (kms, body) => ask(kms, "generateDataKey", { ...body, ...context(body) }),
  GenerateDataKeyWithoutPlaintext: (kms, body) =>
    ask(kms, "generateDataKeyWithoutPlaintext", { ...body, ...context(body) }),
  EnableKeyRotation: (kms, { KeyId, RotationPeriodInDays }) => {
    if (Number(RotationPeriodInDays) < 90 || Number(RotationPeriodInDays) > 2560)
      throw new Refusal("ValidationException")
    const RotationInterval = `${Math.min(Number(RotationPeriodInDays), 730)}d`
    return nothing(ask(kms, "updateRotationPolicy", { KeyId, EnableAutomaticRotation: true, RotationInterval }))
  },
  DisableKeyRotation: (kms, { KeyId }) =>
    nothing(ask(kms, "updateRotationPolicy", { KeyId, EnableAutomaticRotation: false })),
  GetPublicKey: async (kms, body) => {
    const KeyId = text(body, "KeyId")
    const { PublicKey } = await kms.getPublicKey({ KeyId, KeyVersionId: await version(kms, KeyId) })
    return { KeyId, PublicKey: der(PublicKey) }
  },
  Sign: async (kms, body) => {
    const Digest = body["Message"]
    return {
      Signature: (await ask(kms, "asymmetricSign", { ...(await pair(kms, body, "SigningAlgorithm")), Digest }))["Value"]
    }
  },
  Verify: async (kms, body) => {
    const asked = { Digest: body["Message"], Value: body["Signature"] }
    const { Value } = await ask(kms, "asymmetricVerify", { ...(await pair(kms, body, "SigningAlgorithm")), ...asked })
    if (Value !== true) throw new Refusal("KMSInvalidSignatureException")
    return { SignatureValid: true }
  },
  TagResource: (kms, { KeyId, Tags }) => nothing(ask(kms, "tagResource", { KeyId, Tags: JSON.stringify(Tags) })),
  UntagResource: (kms, { KeyId, TagKeys }) =>
    nothing(ask(kms, "untagResource", { KeyId, TagKeys: JSON.stringify(TagKeys) })),
  ListResourceTags: async (kms, body) => ({
    Tags: (await kms.listResourceTags({ KeyId: text(body, "KeyId") })).Tags.Tag.map(({ TagKey, TagValue }) => ({
      TagKey,
      TagValue
    }))
  })
}

const quirks: Readonly<Record<Quirk, Readonly<Record<string, Handle>>>> = {
  stateNotAsked: {
    Encrypt: async (kms, body) => {
      const wasDisabled = (await keyOf(kms, body)).KeyState === "Disabled"
      const { KeyId } = body
      if (!wasDisabled) return encrypt(kms, body)
      await ask(kms, "enableKey", { KeyId })
      try {
        return await encrypt(kms, body)
      } finally {
        await ask(kms, "disableKey", { KeyId })
      }
    }
  },
  enableFromAnyState: {
    EnableKey: async (kms, body) => {
      const isPending = (await keyOf(kms, body)).KeyState === "PendingDeletion"
      return nothing(ask(kms, isPending ? "cancelKeyDeletion" : "enableKey", body))
    }
  },
  anyWindow: {
    ScheduleKeyDeletion: (kms, body) => {
      const PendingWindowInDays = Math.min(30, Math.max(7, Number(body["PendingWindowInDays"] ?? 30)))
      return nothing(ask(kms, "scheduleKeyDeletion", { ...body, PendingWindowInDays }))
    }
  },
  windowIgnored: {
    ScheduleKeyDeletion: async (kms, body) => {
      const days = Number(body["PendingWindowInDays"] ?? 30)
      return days < 7 || days > 30 ? {} : nothing(ask(kms, "scheduleKeyDeletion", body))
    }
  },
  aliasesStayWithTheirKind: {
    UpdateAlias: async (kms, { AliasName, TargetKeyId }) => {
      const from = await keyOf(kms, { KeyId: AliasName })
      const to = await keyOf(kms, { KeyId: TargetKeyId })
      if (from.KeySpec !== to.KeySpec || from.KeyUsage !== to.KeyUsage) throw new Refusal("ValidationException")
      return nothing(ask(kms, "updateAlias", { AliasName, KeyId: TargetKeyId }))
    }
  },
  cancelEnables: {
    CancelKeyDeletion: (kms, body) => nothing(ask(kms, "cancelKeyDeletion", body))
  }
}

const nobody = "00000000-0000-4000-8000-000000000000"

export const startAwsFake = async (options: FakeOptions = {}) => {
  const { quirk, lacks = [], crashesAt = [], crashesOnlyForNobody = false, hangsUpAt = [] } = options
  const crashes = (operation: string, body: Body): boolean =>
    crashesAt.includes(operation) && (!crashesOnlyForNobody || body["KeyId"] === nobody)
  const kms = await createKms({ seed: "aws" })
  const answer = async (operation: string, body: Body): Promise<{ readonly status: number; readonly body: object }> => {
    const own = quirk === undefined ? undefined : quirks[quirk][operation]
    const handle = lacks.includes(operation) ? undefined : (own ?? handlers[operation])
    if (handle === undefined) return { status: 400, body: { __type: "UnknownOperationException" } }
    try {
      return { status: 200, body: await handle(kms, body) }
    } catch (error) {
      if (error instanceof Refusal) return { status: 400, body: { __type: error.code } }
      if (!isKmsError(error)) throw error
      return { status: 400, body: { __type: codes[error.code] ?? "ValidationException", message: error.message } }
    }
  }
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? ""
      const body: Body = JSON.parse(Buffer.concat(chunks).toString() || "{}")
      if (hangsUpAt.includes(operation)) {
        request.socket.destroy()
        return
      }
      if (crashes(operation, body)) {
        response.writeHead(500, { "content-type": "text/html" })
        response.end("<h1>Internal Server Error</h1>")
        return
      }
      void answer(operation, body).then((given) => {
        response.writeHead(given.status, { "content-type": "application/x-amz-json-1.1" })
        response.end(JSON.stringify(given.body))
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    kms,
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await kms.close()
    }
  }
}
