/** The API of the transit engine over our own engine, sound or with a seeded fault. */
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { startJsonServer } from "./jsonServer.ts"
import type { Fake, JsonAnswer, JsonCall } from "./jsonServer.ts"

export type TransitFault =
  | "encryptsWhenDeleted"
  | "decryptsWhenDeleted"
  | "signsWhenDeleted"
  | "deletesNothing"
  | "restoresNothing"
  | "ignoresAssociatedData"
  | "verifiesEverything"
  | "listsOnlyTheFirst"

const specs: Readonly<Record<string, "Aliyun_AES_256" | "EC_P256" | "RSA_2048" | "RSA_3072">> = {
  "aes256-gcm96": "Aliyun_AES_256",
  "ecdsa-p256": "EC_P256",
  "rsa-2048": "RSA_2048",
  "rsa-3072": "RSA_3072"
}

interface Key {
  readonly type: string
  readonly id: string
  readonly version: string
}

interface Engine {
  readonly kms: PromiseKms
  readonly keys: Map<string, Key>
  readonly fault: TransitFault | undefined
}

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const data = (body: object): JsonAnswer => ({ status: 200, body: { data: body } })
const done: JsonAnswer = { status: 204 }

const text = (value: unknown): string => (typeof value === "string" ? value : "")

const keyOf = ({ keys }: Engine, name: string, status = 400): Key => {
  const key = keys.get(name)
  if (key === undefined) throw new Refusal(status, "encryption key not found")
  return key
}

const stateOf = async ({ kms }: Engine, { id }: Key) => (await kms.describeKey({ KeyId: id })).KeyMetadata.KeyState

/** With the fault given, the work is done as if the key were not softly deleted. */
const evenDeleted = async <A>(engine: Engine, key: Key, fault: TransitFault, work: () => Promise<A>): Promise<A> => {
  const { kms } = engine
  if (engine.fault !== fault || (await stateOf(engine, key)) !== "Disabled") return work()
  await kms.enableKey({ KeyId: key.id })
  try {
    return await work()
  } finally {
    await kms.disableKey({ KeyId: key.id })
  }
}

const associated = ({ fault }: Engine, body: JsonCall["body"]): { readonly EncryptionContext?: string } =>
  body["associated_data"] === undefined || fault === "ignoresAssociatedData"
    ? {}
    : { EncryptionContext: JSON.stringify({ data: text(body["associated_data"]) }) }

const read = async (engine: Engine, name: string): Promise<JsonAnswer> => {
  const key = keyOf(engine, name, 404)
  const { kms } = engine
  const { KeyState, CreationDate } = (await kms.describeKey({ KeyId: key.id })).KeyMetadata
  const pem =
    key.type === "aes256-gcm96" || KeyState !== "Enabled"
      ? undefined
      : (await kms.getPublicKey({ KeyId: key.id, KeyVersionId: key.version })).PublicKey
  return data({
    name,
    type: key.type,
    soft_deleted: KeyState === "Disabled",
    keys: { 1: pem === undefined ? Date.parse(CreationDate) / 1000 : { creation_time: CreationDate, public_key: pem } }
  })
}

const create = async (engine: Engine, name: string, body: JsonCall["body"]): Promise<JsonAnswer> => {
  const type = text(body["type"]) || "aes256-gcm96"
  const KeySpec = specs[type]
  if (KeySpec === undefined) throw new Refusal(400, `unknown key type ${type}`)
  const { kms, keys } = engine
  const isPair = type !== "aes256-gcm96"
  const { KeyMetadata } = await kms.createKey(isPair ? { KeySpec, KeyUsage: "SIGN/VERIFY" } : {})
  const { KeyVersions } = await kms.listKeyVersions({ KeyId: KeyMetadata.KeyId })
  keys.set(name, { type, id: KeyMetadata.KeyId, version: KeyVersions.KeyVersion[0]?.KeyVersionId ?? "" })
  return read(engine, name)
}

const algorithmOf = (
  { type }: Key,
  body: JsonCall["body"]
): "ECDSA_SHA_256" | "RSA_PKCS1_SHA_256" | "RSA_PSS_SHA_256" => {
  if (type === "ecdsa-p256") return "ECDSA_SHA_256"
  return body["signature_algorithm"] === "pkcs1v15" ? "RSA_PKCS1_SHA_256" : "RSA_PSS_SHA_256"
}

const signed = (key: Key, body: JsonCall["body"]) => ({
  KeyId: key.id,
  KeyVersionId: key.version,
  Algorithm: algorithmOf(key, body),
  Digest: text(body["input"])
})

type Handle = (engine: Engine, name: string, call: JsonCall) => Promise<JsonAnswer>

const uses: Readonly<Record<string, Handle>> = {
  encrypt: async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    const asked = { KeyId: key.id, Plaintext: text(body["plaintext"]), ...associated(engine, body) }
    const { CiphertextBlob } = await evenDeleted(engine, key, "encryptsWhenDeleted", () => engine.kms.encrypt(asked))
    return data({ ciphertext: `vault:v1:${CiphertextBlob}` })
  },
  decrypt: async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    const asked = { CiphertextBlob: text(body["ciphertext"]).replace("vault:v1:", ""), ...associated(engine, body) }
    const opened = await evenDeleted(engine, key, "decryptsWhenDeleted", () => engine.kms.decrypt(asked))
    if (opened.KeyId !== key.id) throw new Refusal(400, "cipher: message authentication failed")
    return data({ plaintext: opened.Plaintext })
  },
  sign: async (engine, name, { body }) => {
    const key = keyOf(engine, name)
    const sign = () => engine.kms.asymmetricSign(signed(key, body))
    return data({ signature: `vault:v1:${(await evenDeleted(engine, key, "signsWhenDeleted", sign)).Value}` })
  },
  verify: async (engine, name, { body }) => {
    const Value = text(body["signature"]).replace("vault:v1:", "")
    const valid = (await engine.kms.asymmetricVerify({ ...signed(keyOf(engine, name), body), Value })).Value
    return data({ valid: valid || engine.fault === "verifiesEverything" })
  }
}

const onKey: Readonly<Record<string, Handle>> = {
  "GET ": (engine, name) => read(engine, name),
  "POST ": (engine, name, { body }) => create(engine, name, body),
  "POST /config": async () => done,
  "DELETE ": async ({ keys }, name) => {
    keys.delete(name)
    return done
  },
  "DELETE /soft-delete": async (engine, name) => {
    const { id } = keyOf(engine, name)
    if (engine.fault !== "deletesNothing") await engine.kms.disableKey({ KeyId: id })
    return done
  },
  "POST /soft-delete-restore": async (engine, name) => {
    const { id } = keyOf(engine, name)
    if (engine.fault !== "restoresNothing") await engine.kms.enableKey({ KeyId: id })
    return done
  }
}

const answerOf = async (engine: Engine, call: JsonCall): Promise<JsonAnswer> => {
  const { method, path } = call
  if (call.headers["x-vault-token"] !== "root") throw new Refusal(403, "permission denied")
  if (path === "/v1/transit/config/keys") return method === "GET" ? data({ disable_upsert: false }) : done
  if (call.query.get("list") === "true") {
    const names = [...engine.keys.keys()]
    return data({ keys: engine.fault === "listsOnlyTheFirst" ? names.slice(0, 1) : names })
  }
  const [, name = "", rest = ""] = /^\/v1\/transit\/keys\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const handle = name === "" ? undefined : onKey[`${method} ${rest}`]
  if (handle !== undefined) return handle(engine, name, call)
  const [, use = "", of = ""] = /^\/v1\/transit\/([a-z]+)\/([^/]+)/.exec(path) ?? []
  const used = uses[use]
  if (used === undefined) throw new Refusal(404, "unsupported path")
  return used(engine, of, call)
}

export const startTransitFake = async (fault?: TransitFault): Promise<Fake> => {
  const kms = await createKms({ seed: "transit" })
  const engine: Engine = { kms, keys: new Map(), fault }
  return startJsonServer(
    async (call) => {
      try {
        return await answerOf(engine, call)
      } catch (error) {
        if (error instanceof Refusal) return { status: error.status, body: { errors: [error.message] } }
        if (!isKmsError(error)) throw error
        return { status: 400, body: { errors: [error.message] } }
      }
    },
    () => kms.close()
  )
}
