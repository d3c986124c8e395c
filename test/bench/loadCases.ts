/** What `npm run bench:load` measures: the servers, and the requests that it sends to each. */
import { randomBytes, randomUUID } from "node:crypto"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"

export const connections = 64

export type Members = Readonly<Record<string, string>>

export interface Server {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly pid: number
  readonly keyId: string
}

export interface Case {
  readonly operation: string
  readonly server: Server
  /** The number of requests, before the share of a quick run. */
  readonly total: number
  /** `TrentService.Encrypt`; absent for a signed request. */
  readonly target?: string
  readonly members: ReadonlyArray<ReadonlyArray<Members>>
}

export const base64 = (bytes: number): string => randomBytes(bytes).toString("base64")

/** The requests of a quick operation, and of a slow one. */
export const quick = 12_800
const slow = 1600

export const encrypt32 = "Encrypt 32 B"

const posted = async ({ host, port }: Server, headers: Members, body: string): Promise<unknown> => {
  const response = await fetch(`http://${host}:${port}/`, { method: "POST", headers, body })
  const reply = await response.text()
  if (!response.ok) throw new Error(`a preparation was refused: ${reply}`)
  return JSON.parse(reply)
}

export const memberOf = (reply: unknown, ...path: ReadonlyArray<string>): string => {
  const found = path.reduce((at: unknown, name) => Reflect.get(Object(at), name) as unknown, reply)
  if (typeof found !== "string") throw new Error(`the reply has no text at ${path.join(".")}: ${JSON.stringify(reply)}`)
  return found
}

/** One signed call, to prepare keys and ciphertexts. */
const ask = (server: Server, parameters: Members): Promise<unknown> => {
  const body = signV1({
    method: "POST",
    parameters: { Version: "2016-01-20", Format: "JSON", ...parameters },
    accessKeyId: "bench",
    secret: "bench-secret",
    nonce: randomUUID(),
    timestamp: formatInstant(Date.now())
  })
  return posted(server, { "content-type": "application/x-www-form-urlencoded" }, body)
}

/** Servers with this dialect find the service in the header. They do not check the signature. */
export const unsignedHeaders: Members = {
  "content-type": "application/x-amz-json-1.1",
  authorization:
    "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=0"
}

export const askUnsigned = (server: Server, operation: string, members: Members): Promise<unknown> =>
  posted(server, { ...unsignedHeaders, "x-amz-target": `TrentService.${operation}` }, JSON.stringify(members))

/** Encrypt, Decrypt, data keys and reads of one key. */
export const keystateCases = async (server: Server): Promise<ReadonlyArray<Case>> => {
  const KeyId = server.keyId
  const cases: Array<Case> = []
  const add = (operation: string, members: Members): void => {
    cases.push({ operation, server, total: quick, members: [[members]] })
  }
  for (const [size, bytes] of [
    ["32 B", 32],
    ["4 KB", 4096]
  ] as const) {
    const Plaintext = base64(bytes)
    const blob = memberOf(await ask(server, { Action: "Encrypt", KeyId, Plaintext }), "CiphertextBlob")
    add(`Encrypt ${size}`, { Action: "Encrypt", KeyId, Plaintext })
    add(`Decrypt ${size}`, { Action: "Decrypt", CiphertextBlob: blob })
  }
  add("GenerateDataKey", { Action: "GenerateDataKey", KeyId })
  add("DescribeKey", { Action: "DescribeKey", KeyId })
  return cases
}

const signatures = [
  { KeySpec: "RSA_2048", Algorithm: "RSA_PSS_SHA_256" },
  { KeySpec: "RSA_3072", Algorithm: "RSA_PSS_SHA_256" },
  { KeySpec: "EC_P256", Algorithm: "ECDSA_SHA_256" },
  { KeySpec: "EC_P256K", Algorithm: "ECDSA_SHA_256" },
  { KeySpec: "EC_SM2", Algorithm: "SM2DSA" }
] as const

export const signingCases = async (server: Server): Promise<ReadonlyArray<Case>> => {
  const cases: Array<Case> = []
  for (const { Algorithm, KeySpec } of signatures) {
    const created = await ask(server, { Action: "CreateKey", KeySpec, KeyUsage: "SIGN/VERIFY", ProtectionLevel: "HSM" })
    const KeyId = memberOf(created, "KeyMetadata", "KeyId")
    const versions = await ask(server, { Action: "ListKeyVersions", KeyId })
    const KeyVersionId = memberOf(versions, "KeyVersions", "KeyVersion", "0", "KeyVersionId")
    const members = { Action: "AsymmetricSign", KeyId, KeyVersionId, Algorithm, Digest: base64(32) }
    cases.push({ operation: `AsymmetricSign ${KeySpec}`, server, total: slow, members: [[members]] })
  }
  return cases
}

/** Each connection disables and enables a separate key, so that every request is a durable change. */
export const changingCase = async (server: Server): Promise<Case> => {
  const keys: Array<ReadonlyArray<Members>> = []
  for (let n = 0; n < connections; n++) {
    const KeyId = memberOf(await ask(server, { Action: "CreateKey" }), "KeyMetadata", "KeyId")
    keys.push([
      { Action: "DisableKey", KeyId },
      { Action: "EnableKey", KeyId }
    ])
  }
  return { operation: "DisableKey, EnableKey", server, total: slow, members: keys }
}

/** The operations of the AWS dialect, unsigned. */
export const unsignedCases = async (server: Server, total: number): Promise<ReadonlyArray<Case>> => {
  const { keyId: KeyId } = server
  const Plaintext = base64(32)
  const blob = memberOf(await askUnsigned(server, "Encrypt", { KeyId, Plaintext }), "CiphertextBlob")
  const one = (operation: string, name: string, members: Members): Case => ({
    operation,
    server,
    total,
    target: `TrentService.${name}`,
    members: [[members]]
  })
  return [
    one(encrypt32, "Encrypt", { KeyId, Plaintext }),
    one("Encrypt 4 KB", "Encrypt", { KeyId, Plaintext: base64(4096) }),
    one("Decrypt 32 B", "Decrypt", { CiphertextBlob: blob }),
    one("GenerateDataKey", "GenerateDataKey", { KeyId, KeySpec: "AES_256" }),
    one("DescribeKey", "DescribeKey", { KeyId })
  ]
}

export const bareCases = (server: Server): ReadonlyArray<Case> =>
  [32, 4096].map((bytes) => ({
    operation: bytes === 32 ? encrypt32 : "Encrypt 4 KB",
    server,
    total: quick,
    members: [[{ Action: "Encrypt", KeyId: server.keyId, Plaintext: base64(bytes) }]]
  }))
