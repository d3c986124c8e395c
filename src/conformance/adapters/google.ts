/** A service with the REST API of Google Cloud KMS. A key of the suite is a CryptoKey with one version. */
import { randomUUID } from "node:crypto"
import { memberOf, textOf } from "../steps/reply.ts"
import type { Answer, KmsAdapter, OperationName } from "./adapter.ts"
import { accepted, contextBytes, jsonOver, makeKeyedBytes, textIn, unreadable, withNativeCalls } from "./foreign.ts"
import type { AskJson, JsonReply, JsonRequest, Parameters } from "./foreign.ts"
import { orSilence } from "./silence.ts"

/** How the suite reaches a service with the API of Google Cloud KMS. */
export interface GoogleOptions {
  readonly endpoint: string
  /** An OAuth access token. Emulators need none. */
  readonly token?: string
  /** The key ring of the suite; it is created if it does not exist. Key rings cannot be deleted. */
  readonly keyRing?: string
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMillis?: number
  /** Milliseconds since 1970, to compare the dates in replies with. */
  readonly clock: () => number
}

/** What CreateKey asks for, as the purpose and the algorithm of a CryptoKey. */
interface Template {
  readonly purpose: "ENCRYPT_DECRYPT" | "ASYMMETRIC_SIGN" | "ASYMMETRIC_DECRYPT"
  readonly algorithm: string
}

const symmetric: Template = { purpose: "ENCRYPT_DECRYPT", algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION" }

/** By KeySpec and KeyUsage. The algorithm belongs to the key there, and to the call here. */
const templates: Readonly<Record<string, Template>> = {
  "EC_P256 SIGN/VERIFY": { purpose: "ASYMMETRIC_SIGN", algorithm: "EC_SIGN_P256_SHA256" },
  "RSA_2048 SIGN/VERIFY": { purpose: "ASYMMETRIC_SIGN", algorithm: "RSA_SIGN_PSS_2048_SHA256" },
  "RSA_3072 SIGN/VERIFY": { purpose: "ASYMMETRIC_SIGN", algorithm: "RSA_SIGN_PKCS1_3072_SHA256" },
  "RSA_2048 ENCRYPT/DECRYPT": { purpose: "ASYMMETRIC_DECRYPT", algorithm: "RSA_DECRYPT_OAEP_2048_SHA256" },
  "RSA_3072 ENCRYPT/DECRYPT": { purpose: "ASYMMETRIC_DECRYPT", algorithm: "RSA_DECRYPT_OAEP_3072_SHA1" }
}

const templateOf = (asked: Parameters): Template =>
  templates[`${textIn(asked, "KeySpec")} ${textIn(asked, "KeyUsage")}`] ?? symmetric

const kindOf = (algorithm: string | undefined): { readonly KeySpec?: string; readonly KeyUsage?: string } => {
  if (algorithm === symmetric.algorithm) return { KeySpec: "Aliyun_AES_256", KeyUsage: "ENCRYPT/DECRYPT" }
  const found = Object.entries(templates).find(([, template]) => template.algorithm === algorithm)?.[0]
  const [KeySpec, KeyUsage] = found?.split(" ") ?? []
  return KeySpec === undefined || KeyUsage === undefined ? {} : { KeySpec, KeyUsage }
}

const states: Readonly<Record<string, string>> = {
  ENABLED: "Enabled",
  DISABLED: "Disabled",
  DESTROY_SCHEDULED: "PendingDeletion"
}

/** The status of an error, such as FAILED_PRECONDITION. */
const refusalOf = ({ status, body, text }: JsonReply): Answer => ({
  ok: false,
  code: textOf(body, "error.status") ?? `HTTP ${status}`,
  httpStatus: status,
  message: textOf(body, "error.message") ?? text.slice(0, 200)
})

interface Ring {
  readonly ask: AskJson
  readonly path: string
  readonly blobs: ReturnType<typeof makeKeyedBytes>
  /** Ids of the keys that the suite made. */
  readonly made: Set<string>
}

const answered = async (
  { ask, path }: Ring,
  request: JsonRequest,
  read: (body: unknown) => object
): Promise<Answer> => {
  const reply = await ask({ ...request, path: `/v1/${path}${request.path}` })
  if (!reply.isOk) return refusalOf(reply)
  return reply.body === undefined ? unreadable(reply) : accepted(read(reply.body))
}

const keyPath = (id: string): string => `/cryptoKeys/${encodeURIComponent(id)}`
const versionPath = (asked: Parameters): string => `${keyPath(textIn(asked, "KeyId"))}/cryptoKeyVersions/1`

/** The id of a key in the name of a key or a version. */
const idIn = (name: string | undefined): string | undefined => /\/cryptoKeys\/([^/]+)/.exec(name ?? "")?.[1]

const dateIn = (body: unknown, member: string): string | undefined => {
  const instant = Date.parse(textOf(body, member) ?? "")
  return Number.isNaN(instant) ? undefined : `${new Date(instant).toISOString().slice(0, 19)}Z`
}

const described = (version: unknown): object => {
  const state = textOf(version, "state") ?? ""
  const CreationDate = dateIn(version, "createTime")
  return {
    KeyMetadata: {
      KeyId: idIn(textOf(version, "name")),
      KeyState: states[state] ?? state,
      ...kindOf(textOf(version, "algorithm")),
      ...(CreationDate === undefined ? {} : { CreationDate }),
      DeleteDate: dateIn(version, "destroyTime") ?? ""
    }
  }
}

type Call = (ring: Ring, asked: Parameters) => Promise<Answer>

const describe: Call = (ring, asked) => answered(ring, { method: "GET", path: versionPath(asked) }, described)

const generatingTries = 100
const generatingMillis = 100

/** Asymmetric keys are generated after the answer. */
const onceGenerated = async (ring: Ring, KeyId: string): Promise<Answer> => {
  for (let tries = 0; ; tries++) {
    const answer = await describe(ring, { KeyId })
    const state = answer.ok ? textOf(answer.response, "KeyMetadata.KeyState") : ""
    if (state !== "PENDING_GENERATION" || tries >= generatingTries) return answer
    await new Promise((resolve) => setTimeout(resolve, generatingMillis))
  }
}

const create: Call = async (ring, asked) => {
  const id = `keystate-conformance-${randomUUID()}`
  const { purpose, algorithm } = templateOf(asked)
  const body = { purpose, versionTemplate: { algorithm, protectionLevel: "SOFTWARE" } }
  const made = await answered(ring, { method: "POST", path: `/cryptoKeys?cryptoKeyId=${id}`, body }, () => ({}))
  if (!made.ok) return made
  ring.made.add(id)
  return onceGenerated(ring, id)
}

const withState =
  (state: "ENABLED" | "DISABLED"): Call =>
  (ring, asked) =>
    answered(ring, { method: "PATCH", path: `${versionPath(asked)}?updateMask=state`, body: { state } }, () => ({}))

const authenticated = (asked: Parameters): object => {
  const bytes = contextBytes(asked)
  return bytes === undefined ? {} : { additionalAuthenticatedData: bytes }
}

const pageSize = 100

/** Lists come in pages; the suite wants all of them. */
const list: Call = async (ring) => {
  const found: Array<{ readonly KeyId: string }> = []
  for (let token = ""; ;) {
    const path = `/cryptoKeys?pageSize=${pageSize}${token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`}`
    const answer = await answered(ring, { method: "GET", path }, (body) => ({ body }))
    if (!answer.ok) return answer
    const body = memberOf(answer.response, "body")
    const keys = memberOf(body, "cryptoKeys")
    for (const key of Array.isArray(keys) ? keys : []) found.push({ KeyId: idIn(textOf(key, "name")) ?? "" })
    token = textOf(body, "nextPageToken") ?? ""
    if (token === "") return accepted({ Keys: { Key: found }, TotalCount: found.length })
  }
}

const versionCall =
  (verb: string, body: (asked: Parameters) => object, read: (reply: unknown) => object): Call =>
  (ring, asked) =>
    answered(ring, { method: "POST", path: `${versionPath(asked)}:${verb}`, body: body(asked) }, read)

const nothing = (): object => ({})

const calls: { readonly [operation in OperationName]?: Call } = {
  CreateKey: create,
  DescribeKey: describe,
  ListKeys: list,
  EnableKey: withState("ENABLED"),
  DisableKey: withState("DISABLED"),
  ScheduleKeyDeletion: versionCall("destroy", nothing, nothing),
  CancelKeyDeletion: versionCall("restore", nothing, nothing),
  Encrypt: (ring, asked) => {
    const key = textIn(asked, "KeyId")
    const body = { plaintext: textIn(asked, "Plaintext"), ...authenticated(asked) }
    return answered(ring, { method: "POST", path: `${keyPath(key)}:encrypt`, body }, (reply) => {
      const KeyId = idIn(textOf(reply, "name"))
      const base64 = textOf(reply, "ciphertext")
      return {
        ...(base64 === undefined ? {} : { CiphertextBlob: ring.blobs.seal({ key, version: 1, base64 }) }),
        ...(KeyId === undefined ? {} : { KeyId })
      }
    })
  },
  Decrypt: (ring, asked) => {
    const { key, base64 } = ring.blobs.open(textIn(asked, "CiphertextBlob"))
    const body = { ciphertext: base64, ...authenticated(asked) }
    return answered(ring, { method: "POST", path: `${keyPath(key)}:decrypt`, body }, (reply) => ({
      Plaintext: textOf(reply, "plaintext") ?? ""
    }))
  },
  GetPublicKey: (ring, asked) =>
    answered(ring, { method: "GET", path: `${versionPath(asked)}/publicKey` }, (reply) => ({
      PublicKey: textOf(reply, "pem")
    })),
  AsymmetricSign: versionCall(
    "asymmetricSign",
    (asked) => ({ digest: { sha256: textIn(asked, "Digest") } }),
    (reply) => ({ Value: textOf(reply, "signature") })
  ),
  AsymmetricDecrypt: versionCall(
    "asymmetricDecrypt",
    (asked) => ({ ciphertext: textIn(asked, "CiphertextBlob") }),
    (reply) => ({ Plaintext: textOf(reply, "plaintext") })
  )
}

const defaultRing = "projects/keystate/locations/global/keyRings/conformance"

const ringPath = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+$/

/** Creates the key ring of the suite. One that exists is used. */
const openRing = async (ask: AskJson, path: string): Promise<void> => {
  const [parent = "", id = ""] = path.split("/keyRings/")
  const reply = await ask({ method: "POST", path: `/v1/${parent}/keyRings?keyRingId=${id}`, body: {} })
  if (reply.isOk || reply.status === 409) return
  const refused = refusalOf(reply)
  throw new Error(`The key ring ${path} cannot be created: ${refused.ok ? "" : `${refused.code}: ${refused.message}`}`)
}

/** An adapter of Google Cloud KMS. At the end it schedules the destruction of every version of the suite. */
export const overGoogle = async (options: GoogleOptions): Promise<KmsAdapter> => {
  const { endpoint, token, keyRing = defaultRing, timeoutMillis = 30_000 } = options
  if (!ringPath.test(keyRing)) throw new Error(`A key ring is projects/…/locations/…/keyRings/…, not "${keyRing}".`)
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const ask = jsonOver(endpoint, headers, timeoutMillis)
  await openRing(ask, keyRing)
  const ring: Ring = { ask, path: keyRing, blobs: makeKeyedBytes(), made: new Set() }
  return {
    name: `Google-style service at ${endpoint}`,
    capabilities: {
      operations: Object.keys(calls) as Array<OperationName>,
      clock: "none",
      reset: "namespace",
      profiles: ["core", "asymmetric"]
    },
    start: async () => {},
    call: (operation, asked) => {
      const call = calls[operation]
      if (call === undefined) throw new Error(`${operation} has no counterpart there`)
      return orSilence(
        () => withNativeCalls(ask, (recorded) => call({ ...ring, ask: recorded }, asked)),
        () => ask({ method: "GET", path: `/v1/${keyRing}` })
      )
    },
    now: async () => options.clock(),
    stop: async () => {
      for (const KeyId of ring.made) await calls.ScheduleKeyDeletion?.(ring, { KeyId })
      ring.made.clear()
    }
  }
}
