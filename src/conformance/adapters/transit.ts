/** A service with the API of the transit engine of OpenBao or Vault. */
import { randomUUID } from "node:crypto"
import { memberOf, textOf } from "../steps/reply.ts"
import type { Answer, KmsAdapter, OperationName } from "./adapter.ts"
import {
  accepted,
  contextBytes,
  dateOfSeconds,
  jsonOver,
  makeKeyedBytes,
  textIn,
  unreadable,
  withNativeCalls
} from "./foreign.ts"
import type { AskJson, JsonReply, JsonRequest, Parameters } from "./foreign.ts"
import { orSilence } from "./silence.ts"

/** How the suite reaches a transit engine. */
export interface TransitOptions {
  readonly endpoint: string
  /** A token that may use and configure the engine. */
  readonly token: string
  /** Where the engine is mounted; `transit` unless given. */
  readonly mount?: string
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMillis?: number
  /** Milliseconds since 1970, to compare the dates in replies with. */
  readonly clock: () => number
}

const types: Readonly<Record<string, string>> = {
  Aliyun_AES_256: "aes256-gcm96",
  EC_P256: "ecdsa-p256",
  RSA_2048: "rsa-2048",
  RSA_3072: "rsa-3072"
}
const specOf = (type: string | undefined): string | undefined =>
  Object.entries(types).find(([, theirs]) => theirs === type)?.[0]

/** API, Sign data: the parameters of each algorithm. */
const signatures: Readonly<Record<string, object>> = {
  RSA_PSS_SHA_256: { signature_algorithm: "pss", salt_length: "hash" },
  RSA_PKCS1_SHA_256: { signature_algorithm: "pkcs1v15" },
  ECDSA_SHA_256: { marshaling_algorithm: "asn1" }
}

/** The engine has no error codes. The status and the words tell what was refused. */
const refusalOf = ({ status, body, text }: JsonReply): Answer => {
  const errors = memberOf(body, "errors")
  const message = Array.isArray(errors) ? errors.map(String).join("; ") : text.slice(0, 200)
  return { ok: false, code: `HTTP ${status}`, httpStatus: status, message }
}

const dataOf = (body: unknown): unknown => memberOf(body, "data")

interface Engine {
  readonly ask: AskJson
  readonly mount: string
  readonly blobs: ReturnType<typeof makeKeyedBytes>
  /** Names of the keys that the suite made. */
  readonly made: Set<string>
}

/** Sends a request and reads the reply. */
const answered = async (
  { ask, mount }: Engine,
  request: JsonRequest,
  read: (data: unknown) => object
): Promise<Answer> => {
  const reply = await ask({ ...request, path: `/v1/${mount}/${request.path}` })
  if (!reply.isOk) return refusalOf(reply)
  return reply.body === undefined ? unreadable(reply) : accepted(read(dataOf(reply.body)))
}

const keyPath = (asked: Parameters): string => `keys/${encodeURIComponent(textIn(asked, "KeyId"))}`

/** The one version that keys of the suite have. */
const firstVersion = (data: unknown): unknown => memberOf(memberOf(data, "keys"), "1")

const createdAt = (version: unknown): string | undefined => {
  if (typeof version === "number") return dateOfSeconds(version)
  const instant = Date.parse(textOf(version, "creation_time") ?? "")
  return Number.isNaN(instant) ? undefined : dateOfSeconds(Math.floor(instant / 1000))
}

const described = (data: unknown): object => {
  const [KeySpec, CreationDate] = [specOf(textOf(data, "type")), createdAt(firstVersion(data))]
  return {
    KeyMetadata: {
      KeyId: textOf(data, "name"),
      KeyState: memberOf(data, "soft_deleted") === true ? "Disabled" : "Enabled",
      ...(KeySpec === undefined ? {} : { KeySpec }),
      ...(CreationDate === undefined ? {} : { CreationDate })
    }
  }
}

const prefix = /^vault:v(\d+):/

/** `vault:v1:…` as the suite's ciphertext. */
const sealedIn = (engine: Engine, key: string, ciphertext: string): string => {
  const version = Number(prefix.exec(ciphertext)?.[1] ?? 0)
  return engine.blobs.seal({ key, version, base64: ciphertext.replace(prefix, "") })
}

const associated = (asked: Parameters): object => {
  const bytes = contextBytes(asked)
  return bytes === undefined ? {} : { associated_data: bytes }
}

type Call = (engine: Engine, asked: Parameters) => Promise<Answer>

const create: Call = async (engine, asked) => {
  const name = `keystate-conformance-${randomUUID()}`
  const type = types[textIn(asked, "KeySpec") || "Aliyun_AES_256"]
  const made = await answered(engine, { method: "POST", path: `keys/${name}`, body: { type } }, () => ({}))
  if (!made.ok) return made
  engine.made.add(name)
  return answered(engine, { method: "GET", path: `keys/${name}` }, described)
}

const digest = (asked: Parameters): object => ({
  input: textIn(asked, "Digest"),
  prehashed: true,
  ...signatures[textIn(asked, "Algorithm")]
})

/** What is no signature at all is refused there, and is a signature that does not verify here. */
const verify: Call = async (engine, asked) => {
  const body = { ...digest(asked), signature: `vault:v1:${textIn(asked, "Value")}` }
  const path = `verify/${encodeURIComponent(textIn(asked, "KeyId"))}/sha2-256`
  const answer = await answered(engine, { method: "POST", path, body }, (data) => ({
    Value: memberOf(data, "valid") === true
  }))
  const isNoSignature = !answer.ok && answer.httpStatus === 400 && /signature/i.test(answer.message ?? "")
  return isNoSignature ? accepted({ Value: false }) : answer
}

const names = (data: unknown): ReadonlyArray<string> => {
  const keys = memberOf(data, "keys")
  return Array.isArray(keys) ? keys.map(String) : []
}

const listed = (ids: ReadonlyArray<string>): object => ({
  Keys: { Key: ids.map((KeyId) => ({ KeyId })) },
  TotalCount: ids.length
})

const calls: { readonly [operation in OperationName]?: Call } = {
  CreateKey: create,
  DescribeKey: (engine, asked) => answered(engine, { method: "GET", path: keyPath(asked) }, described),
  ListKeys: async (engine) => {
    const answer = await answered(engine, { method: "GET", path: "keys?list=true" }, (data) => listed(names(data)))
    // A list without an entry is not found.
    return !answer.ok && answer.httpStatus === 404 ? accepted(listed([])) : answer
  },
  DisableKey: (engine, asked) =>
    answered(engine, { method: "DELETE", path: `${keyPath(asked)}/soft-delete` }, () => ({})),
  EnableKey: (engine, asked) =>
    answered(engine, { method: "POST", path: `${keyPath(asked)}/soft-delete-restore`, body: {} }, () => ({})),
  Encrypt: (engine, asked) => {
    const key = textIn(asked, "KeyId")
    const body = { plaintext: textIn(asked, "Plaintext"), ...associated(asked) }
    return answered(engine, { method: "POST", path: `encrypt/${encodeURIComponent(key)}`, body }, (data) => ({
      CiphertextBlob: sealedIn(engine, key, textOf(data, "ciphertext") ?? "")
    }))
  },
  Decrypt: (engine, asked) => {
    const { key, version, base64 } = engine.blobs.open(textIn(asked, "CiphertextBlob"))
    const body = { ciphertext: `vault:v${version}:${base64}`, ...associated(asked) }
    return answered(engine, { method: "POST", path: `decrypt/${key}`, body }, (data) => ({
      Plaintext: textOf(data, "plaintext")
    }))
  },
  GetPublicKey: async (engine, asked) => {
    const answer = await answered(engine, { method: "GET", path: keyPath(asked) }, (data) => ({
      PublicKey: textOf(firstVersion(data), "public_key")
    }))
    // A key without a public key is read like any other.
    return answer.ok && textOf(answer.response, "PublicKey") === undefined
      ? { ok: false, code: "NoPublicKey", httpStatus: 400 }
      : answer
  },
  AsymmetricSign: (engine, asked) => {
    const path = `sign/${encodeURIComponent(textIn(asked, "KeyId"))}/sha2-256`
    return answered(engine, { method: "POST", path, body: digest(asked) }, (data) => ({
      Value: (textOf(data, "signature") ?? "").replace(prefix, "")
    }))
  },
  AsymmetricVerify: verify
}

/** Deletes a key. A key that is softly deleted is restored first, because its settings must be changed. */
const removed = async (engine: Engine, name: string): Promise<void> => {
  const KeyId = { KeyId: name }
  await calls.EnableKey?.(engine, KeyId)
  const path = keyPath(KeyId)
  await answered(engine, { method: "POST", path: `${path}/config`, body: { deletion_allowed: true } }, () => ({}))
  await answered(engine, { method: "DELETE", path }, () => ({}))
  engine.made.delete(name)
}

/** OpenBao deletes keys softly. Vault does not have this, and so has no Disabled keys. */
const hasSoftDeletion = async (engine: Engine): Promise<boolean> => {
  const made = await create(engine, {})
  if (!made.ok) throw new Error(`No key can be created at ${engine.mount}: ${made.code}: ${made.message ?? ""}`)
  const key = { KeyId: textOf(made.response, "KeyMetadata.KeyId") }
  const disabled = await calls.DisableKey?.(engine, key)
  await removed(engine, key.KeyId ?? "")
  return disabled?.ok === true
}

/** Encrypt creates a key that does not exist, unless the engine is told not to. */
const upsertPath = "config/keys"

const upsertSwitched = (engine: Engine, isOff: boolean): Promise<Answer> =>
  answered(engine, { method: "POST", path: upsertPath, body: { disable_upsert: isOff } }, () => ({}))

/** An adapter of a transit engine. It creates keys in the engine, and deletes them at the end. */
export const overTransit = async (options: TransitOptions): Promise<KmsAdapter> => {
  const { endpoint, token, mount = "transit", timeoutMillis = 30_000 } = options
  const ask = jsonOver(endpoint, { "X-Vault-Token": token }, timeoutMillis)
  const engine: Engine = { ask, mount, blobs: makeKeyedBytes(), made: new Set() }
  const softly = await hasSoftDeletion(engine)
  const operations = (Object.keys(calls) as Array<OperationName>).filter(
    (operation) => softly || (operation !== "EnableKey" && operation !== "DisableKey")
  )
  const before = await answered(engine, { method: "GET", path: upsertPath }, (data) => data as object)
  const wasOff = before.ok && memberOf(before.response, "disable_upsert") === true
  return {
    name: `transit engine ${mount} at ${endpoint}`,
    capabilities: { operations, clock: "none", reset: "namespace", profiles: ["core", "asymmetric"] },
    start: async () => {
      await upsertSwitched(engine, true)
    },
    call: (operation, asked) => {
      const call = calls[operation]
      if (call === undefined) throw new Error(`${operation} has no counterpart there`)
      return orSilence(
        () => withNativeCalls(ask, (recorded) => call({ ...engine, ask: recorded }, asked)),
        () => ask({ method: "GET", path: "/v1/sys/health" })
      )
    },
    now: async () => options.clock(),
    stop: async () => {
      for (const name of engine.made) await removed(engine, name)
      await upsertSwitched(engine, wasOff)
    }
  }
}
