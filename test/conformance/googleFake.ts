/** The REST API of Google Cloud KMS over our own engine, sound or with a seeded fault. */
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { startJsonServer } from "./jsonServer.ts"
import type { Fake, JsonAnswer, JsonCall } from "./jsonServer.ts"

export type GoogleFault =
  | "encryptsWhenDisabled"
  | "decryptsWhenDisabled"
  | "encryptsWhenScheduled"
  | "restoresToEnabled"
  | "destroysNothing"
  | "patchRevives"
  | "ignoresAdditionalData"
  | "signsWhenDisabled"

interface Key {
  readonly id: string
  readonly version: string
  readonly algorithm: string
  readonly purpose: string
}

interface Engine {
  readonly kms: PromiseKms
  readonly keys: Map<string, Key>
  readonly fault: GoogleFault | undefined
}

class Refusal extends Error {
  readonly status: number
  readonly word: string
  constructor(status: number, word: string) {
    super(word)
    this.status = status
    this.word = word
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const wanted: Readonly<Record<string, object>> = {
  GOOGLE_SYMMETRIC_ENCRYPTION: {},
  EC_SIGN_P256_SHA256: { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" },
  RSA_SIGN_PSS_2048_SHA256: { KeySpec: "RSA_2048", KeyUsage: "SIGN/VERIFY" },
  RSA_SIGN_PKCS1_3072_SHA256: { KeySpec: "RSA_3072", KeyUsage: "SIGN/VERIFY" },
  RSA_DECRYPT_OAEP_2048_SHA256: { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT/DECRYPT" },
  RSA_DECRYPT_OAEP_3072_SHA1: { KeySpec: "RSA_3072", KeyUsage: "ENCRYPT/DECRYPT" }
}

const signing: Readonly<Record<string, "ECDSA_SHA_256" | "RSA_PSS_SHA_256" | "RSA_PKCS1_SHA_256">> = {
  EC_SIGN_P256_SHA256: "ECDSA_SHA_256",
  RSA_SIGN_PSS_2048_SHA256: "RSA_PSS_SHA_256",
  RSA_SIGN_PKCS1_3072_SHA256: "RSA_PKCS1_SHA_256"
}

const decrypting: Readonly<Record<string, "RSAES_OAEP_SHA_256" | "RSAES_OAEP_SHA_1">> = {
  RSA_DECRYPT_OAEP_2048_SHA256: "RSAES_OAEP_SHA_256",
  RSA_DECRYPT_OAEP_3072_SHA1: "RSAES_OAEP_SHA_1"
}

const states: Readonly<Record<string, string>> = {
  Enabled: "ENABLED",
  Disabled: "DISABLED",
  PendingDeletion: "DESTROY_SCHEDULED"
}

const ring = "projects/keystate/locations/global/keyRings/conformance"

const keyOf = ({ keys }: Engine, name: string): Key => {
  const key = keys.get(name)
  if (key === undefined) throw new Refusal(404, "NOT_FOUND")
  return key
}

const metadataOf = async ({ kms }: Engine, { id }: Key) => (await kms.describeKey({ KeyId: id })).KeyMetadata

/** With the fault given, the work is done as if the version were ENABLED. */
const evenIn = async <A>(
  engine: Engine,
  key: Key,
  faults: Partial<Record<GoogleFault, string>>,
  work: () => Promise<A>
): Promise<A> => {
  const { kms, fault } = engine
  const { KeyState } = await metadataOf(engine, key)
  if (fault === undefined || faults[fault] !== KeyState) return work()
  const KeyId = key.id
  await (KeyState === "Disabled" ? kms.enableKey({ KeyId }) : kms.cancelKeyDeletion({ KeyId }))
  try {
    return await work()
  } finally {
    await (KeyState === "Disabled"
      ? kms.disableKey({ KeyId })
      : kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 30 }))
  }
}

const versionName = (name: string): string => `${ring}/cryptoKeys/${name}/cryptoKeyVersions/1`

const version = async (engine: Engine, name: string): Promise<JsonAnswer> => {
  const key = keyOf(engine, name)
  const { KeyState, CreationDate, DeleteDate } = await metadataOf(engine, key)
  const body = {
    name: versionName(name),
    state: states[KeyState],
    algorithm: key.algorithm,
    createTime: CreationDate,
    ...(DeleteDate === "" ? {} : { destroyTime: DeleteDate })
  }
  return { status: 200, body }
}

const create = async (engine: Engine, name: string, body: JsonCall["body"]): Promise<JsonAnswer> => {
  const template: unknown = body["versionTemplate"]
  const algorithm = typeof template === "object" && template !== null ? text(Reflect.get(template, "algorithm")) : ""
  const request = wanted[algorithm]
  if (request === undefined) throw new Refusal(400, "INVALID_ARGUMENT")
  const { kms, keys } = engine
  const KeyId = (await kms.createKey(request)).KeyMetadata.KeyId
  const versions = (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion
  keys.set(name, { id: KeyId, version: versions[0]?.KeyVersionId ?? "", algorithm, purpose: text(body["purpose"]) })
  return { status: 200, body: { name: `${ring}/cryptoKeys/${name}` } }
}

const additional = ({ fault }: Engine, body: JsonCall["body"]): { readonly EncryptionContext?: string } =>
  body["additionalAuthenticatedData"] === undefined || fault === "ignoresAdditionalData"
    ? {}
    : { EncryptionContext: JSON.stringify({ data: text(body["additionalAuthenticatedData"]) }) }

const addressed = ({ id, version: KeyVersionId }: Key) => ({ KeyId: id, KeyVersionId })

/** The engine takes less than the service. The tests give the dialect this limit. */
export const plaintextMax = 4096

type Handle = (engine: Engine, name: string, call: JsonCall) => Promise<JsonAnswer>

const ok = (body: object): JsonAnswer => ({ status: 200, body })

const ofVersion: Readonly<Record<string, Handle>> = {
  "GET ": version,
  "GET /publicKey": async ({ kms, ...engine }, name) => {
    return ok({ pem: (await kms.getPublicKey(addressed(keyOf({ kms, ...engine }, name)))).PublicKey })
  },
  "PATCH ": async (engine, name, { body }) => {
    const { kms, fault } = engine
    const key = keyOf(engine, name)
    const isScheduled = (await metadataOf(engine, key)).KeyState === "PendingDeletion"
    const KeyId = key.id
    if (isScheduled && fault === "patchRevives") await kms.cancelKeyDeletion({ KeyId })
    await (body["state"] === "ENABLED" ? kms.enableKey({ KeyId }) : kms.disableKey({ KeyId }))
    return version(engine, name)
  },
  "POST :destroy": async (engine, name) => {
    const KeyId = keyOf(engine, name).id
    if (engine.fault !== "destroysNothing") await engine.kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 30 })
    return version(engine, name)
  },
  "POST :restore": async (engine, name) => {
    const KeyId = keyOf(engine, name).id
    await engine.kms.cancelKeyDeletion({ KeyId })
    if (engine.fault !== "restoresToEnabled") await engine.kms.disableKey({ KeyId })
    return version(engine, name)
  },
  "POST :asymmetricSign": async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    const digest: unknown = body["digest"]
    const Digest = typeof digest === "object" && digest !== null ? text(Reflect.get(digest, "sha256")) : ""
    const sign = () =>
      engine.kms.asymmetricSign({ ...addressed(key), Algorithm: signing[key.algorithm] ?? "ECDSA_SHA_256", Digest })
    return ok({ signature: (await evenIn(engine, key, { signsWhenDisabled: "Disabled" }, sign)).Value })
  },
  "POST :asymmetricDecrypt": async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    const Algorithm = decrypting[key.algorithm] ?? "RSAES_OAEP_SHA_256"
    const asked = { ...addressed(key), Algorithm, CiphertextBlob: text(body["ciphertext"]) }
    return ok({ plaintext: (await engine.kms.asymmetricDecrypt(asked)).Plaintext })
  }
}

const ofKey: Readonly<Record<string, Handle>> = {
  "POST :encrypt": async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    if (key.purpose !== "ENCRYPT_DECRYPT") throw new Refusal(400, "FAILED_PRECONDITION")
    if (Buffer.from(text(body["plaintext"]), "base64").length > plaintextMax) throw new Refusal(400, "INVALID_ARGUMENT")
    const asked = { KeyId: key.id, Plaintext: text(body["plaintext"]), ...additional(engine, body) }
    const faults = { encryptsWhenDisabled: "Disabled", encryptsWhenScheduled: "PendingDeletion" } as const
    const { CiphertextBlob } = await evenIn(engine, key, faults, () => engine.kms.encrypt(asked))
    return ok({ name: versionName(name), ciphertext: CiphertextBlob })
  },
  "POST :decrypt": async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    const asked = { CiphertextBlob: text(body["ciphertext"]), ...additional(engine, body) }
    const opened = await evenIn(engine, key, { decryptsWhenDisabled: "Disabled" }, () => engine.kms.decrypt(asked))
    if (opened.KeyId !== key.id) throw new Refusal(400, "INVALID_ARGUMENT")
    return ok({ plaintext: opened.Plaintext })
  }
}

const answerOf = async (engine: Engine, call: JsonCall): Promise<JsonAnswer> => {
  const { method, path, query, body } = call
  if (path.endsWith("/keyRings")) return { status: 409, body: { error: { status: "ALREADY_EXISTS" } } }
  if (path === `/v1/${ring}/cryptoKeys`) {
    if (method === "POST") return create(engine, query.get("cryptoKeyId") ?? "", body)
    return ok({ cryptoKeys: [...engine.keys.keys()].map((name) => ({ name: `${ring}/cryptoKeys/${name}` })) })
  }
  const [, name = "", of, rest = ""] = /\/cryptoKeys\/([^/:]+)(\/cryptoKeyVersions\/1)?((?::|\/).*)?$/.exec(path) ?? []
  const handle = (of === undefined ? ofKey : ofVersion)[`${method} ${rest}`]
  if (handle === undefined) throw new Refusal(404, "NOT_FOUND")
  return handle(engine, name, call)
}

const wordFor = (code: string): string => {
  if (code.startsWith("Forbidden.KeyNotFound")) return "NOT_FOUND"
  return code.startsWith("Rejected") || code === "UnsupportedOperation" ? "FAILED_PRECONDITION" : "INVALID_ARGUMENT"
}

const refused = (status: number, word: string): JsonAnswer => ({
  status,
  body: { error: { code: status, status: word, message: word } }
})

export const startGoogleFake = async (fault?: GoogleFault): Promise<Fake> => {
  const kms = await createKms({ seed: "google" })
  const engine: Engine = { kms, keys: new Map(), fault }
  return startJsonServer(
    async (call) => {
      try {
        return await answerOf(engine, call)
      } catch (error) {
        if (error instanceof Refusal) return refused(error.status, error.word)
        if (!isKmsError(error)) throw error
        const word = wordFor(error.code)
        return refused(word === "NOT_FOUND" ? 404 : 400, word)
      }
    },
    () => kms.close()
  )
}
