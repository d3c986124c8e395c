/** A legal request of any length is accepted, in every position and encoding of its parameters. */
import { createHash, generateKeyPairSync, randomUUID } from "node:crypto"
import { request as httpRequest } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { vendorOperations } from "../../src/operation/catalogue.ts"
import { signV1 } from "../../src/wire/client.ts"
import { longestRequestBytes, requestBytesMax } from "../../src/wire/requestLimits.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { overHttp, textAt } from "../operation/doors.ts"
import type { Ask, Request } from "../operation/doors.ts"
import { makeWorld, requestsIn } from "../operation/specimens.ts"
import type { World } from "../operation/specimens.ts"
import { signatureV3 } from "./secondOpinion.ts"

interface Sent {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const send = (
  url: string,
  { method, path, headers = {}, body = "" }: Sent
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/`, { method, path, headers }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") })
      )
    })
    sent.on("error", reject)
    sent.end(body)
  })

const escapedWhole = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("")

const asForm = (parameters: Request): string =>
  Object.entries(parameters)
    .map((pair) => pair.map(escapedWhole).join("="))
    .join("&")

const formType = { "content-type": "application/x-www-form-urlencoded" }

const signedV1 = (method: "GET" | "POST", action: string, parameters: Request): string => {
  const common = { Action: action, Version: "2016-01-20", Format: "JSON" }
  const timestamp = formatInstant(Date.now())
  const text = signV1({
    method,
    parameters: { ...common, ...parameters },
    accessKeyId,
    secret,
    nonce: randomUUID(),
    timestamp
  })
  // Encoded with every byte escaped: the longest form of the same parameters.
  return asForm(Object.fromEntries(new URLSearchParams(text)))
}

const signedV3 = (url: string, action: string, to: Omit<Sent, "method"> & { readonly query: Request }): Sent => {
  const body = to.body ?? ""
  const headers: Readonly<Record<string, string>> = {
    ...to.headers,
    host: new URL(url).host,
    "x-acs-action": action,
    "x-acs-content-sha256": createHash("sha256").update(body).digest("hex"),
    "x-acs-date": formatInstant(Date.now()),
    "x-acs-signature-nonce": randomUUID(),
    "x-acs-version": "2016-01-20"
  }
  const signedHeaders = Object.keys(headers).sort()
  const query = Object.entries(to.query)
  const signature = signatureV3({ method: "POST", query, headers, signedHeaders, body: Buffer.from(body) }, secret)
  const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`
  return { method: "POST", path: to.path, headers: { ...headers, authorization }, body }
}

const escapedJson = (parameters: Request): string =>
  JSON.stringify(parameters).replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, "0")
  )

/** The positions of parameters. */
const places: Readonly<Record<string, (url: string, action: string, parameters: Request) => Sent>> = {
  "the query of a GET": (_, action, parameters) => ({
    method: "GET",
    path: `/?${signedV1("GET", action, parameters)}`
  }),
  "the query of a POST": (_, action, parameters) => ({
    method: "POST",
    path: `/?${signedV1("POST", action, parameters)}`
  }),
  "a form": (_, action, parameters) => ({
    method: "POST",
    path: "/",
    headers: formType,
    body: signedV1("POST", action, parameters)
  }),
  "a query signed by V3": (url, action, parameters) =>
    signedV3(url, action, { path: `/?${asForm(parameters)}`, query: parameters }),
  "a form signed by V3": (url, action, parameters) =>
    signedV3(url, action, { path: "/", query: {}, headers: formType, body: asForm(parameters) }),
  "a JSON body": (url, action, parameters) =>
    signedV3(url, action, {
      path: "/",
      query: {},
      headers: { "content-type": "application/json" },
      body: escapedJson(parameters)
    })
}

const chars = ["a", "é", "中", "😀"] as const

const contextOf = (char: string, more = ""): string =>
  JSON.stringify({ k: char.repeat(8192 - '{"k":""}'.length) + more })

/** A key policy of 32,768 bytes in UTF-8. */
const policyOf = (char: string): string => {
  const grant = { Effect: "Allow", Principal: { RAM: "acs:ram::1000000000000001:*" }, Action: "kms:*", Resource: "*" }
  const written = (value: string): string =>
    JSON.stringify({
      Version: "1",
      Statement: [{ ...grant, Condition: { StringEquals: { "kms:tag/k": value } } }]
    })
  const room = 32_768 - Buffer.byteLength(written(""))
  const policy = written(char.repeat(Math.floor(room / Buffer.byteLength(char))))
  return policy + " ".repeat(32_768 - Buffer.byteLength(policy))
}

const tags = (char: string, count: number): ReadonlyArray<readonly [string, string]> =>
  Array.from({ length: count }, (_, at) => [
    `${String(at).padStart(2, "0")}${char.repeat(Math.floor(126 / Buffer.byteLength(char)))}`,
    char.repeat(128)
  ])

const tagsJson = (char: string, count: number): string =>
  JSON.stringify(tags(char, count).map(([TagKey, TagValue]) => ({ TagKey, TagValue })))

const tagRecords = (char: string): Request =>
  Object.fromEntries(
    tags(char, 20).flatMap(([key, value], at) => [
      [`Tag.${at + 1}.Key`, key],
      [`Tag.${at + 1}.Value`, value]
    ])
  )

/** Base64 of this many bytes, in characters that a form must escape. */
const data = (bytes: number): string => Buffer.alloc(bytes, "++/+", "base64").toString("base64")

const receiver = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .publicKey.export({ type: "spki", format: "der" })
  .toString("base64")
const wrapping = { PublicKeyBlob: receiver, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" }

let server: RunningServer
let ask: Ask
let world: World
beforeAll(async () => {
  server = await startServer({ clock: "virtual", hsm: "simulator" })
  ask = overHttp(server.url)
  world = await makeWorld(ask)
})
afterAll(() => server.stop())

/** The longest legal request of an operation, with one kind of character. */
const longest = async (char: string): Promise<Readonly<Record<string, Request>>> => {
  const { keyId: KeyId, arn, decrypter } = world
  const EncryptionContext = contextOf(char)
  const Plaintext = data(6144)
  const sealed = await ask("Encrypt", { KeyId, Plaintext, EncryptionContext })
  const dataKey = await ask("GenerateDataKeyWithoutPlaintext", { KeyId, EncryptionContext })
  const pair = { ...decrypter, Algorithm: "SM2PKE" }
  const asymmetric = await ask("AsymmetricEncrypt", { ...pair, Plaintext: data(6047) })
  const CiphertextBlob = textAt(sealed.body, "CiphertextBlob")
  const resources = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`ResourceId.${at + 1}`, arn]))
  return {
    CreateKey: { Description: char.repeat(8192), Tags: tagsJson(char, 20), Policy: policyOf(char) },
    SetKeyPolicy: { KeyId: arn, PolicyName: "default", Policy: policyOf(char) },
    UpdateKeyDescription: { KeyId, Description: char.repeat(8192) },
    SetDeletionProtection: {
      KeyId,
      ProtectedResourceArn: arn,
      EnableDeletionProtection: "true",
      DeletionProtectionDescription: char.repeat(8192)
    },
    Encrypt: { KeyId, Plaintext, EncryptionContext },
    Decrypt: { CiphertextBlob, EncryptionContext },
    ReEncrypt: {
      CiphertextBlob,
      SourceEncryptionContext: EncryptionContext,
      DestinationKeyId: arn,
      DestinationEncryptionContext: EncryptionContext
    },
    GenerateDataKey: { KeyId, NumberOfBytes: "1024", EncryptionContext },
    GenerateDataKeyWithoutPlaintext: { KeyId, NumberOfBytes: "1024", EncryptionContext },
    ExportDataKey: { CiphertextBlob: textAt(dataKey.body, "CiphertextBlob"), EncryptionContext, ...wrapping },
    GenerateAndExportDataKey: { KeyId, EncryptionContext, ...wrapping },
    CreateAlias: { KeyId, AliasName: `alias/${"x".repeat(255)}` },
    UpdateAlias: { KeyId, AliasName: `alias/${"x".repeat(255)}` },
    ListKeys: {
      Filters: JSON.stringify(
        Array.from({ length: 10 }, () => ({
          Key: "TagValue",
          Values: Array.from({ length: 10 }, () => char.repeat(128))
        }))
      )
    },
    DescribeKey: { KeyId: `alias/${"x".repeat(255)}` },
    DeleteAlias: { AliasName: `alias/${"x".repeat(255)}` },
    AsymmetricEncrypt: { ...pair, Plaintext: data(6047) },
    AsymmetricDecrypt: { ...pair, CiphertextBlob: textAt(asymmetric.body, "CiphertextBlob") },
    TagResource: { KeyId, Tags: tagsJson(char, 10) },
    UntagResource: { KeyId, TagKeys: JSON.stringify(tags(char, 20).map(([key]) => key)) },
    TagResources: { ResourceType: "key", ...resources, ...tagRecords(char) },
    ListTagResources: { ResourceType: "key", ...resources, ...tagRecords(char) },
    UntagResources: {
      ResourceType: "key",
      ...resources,
      ...Object.fromEntries(tags(char, 20).map(([key], at) => [`TagKey.${at + 1}`, key]))
    }
  }
}

describe.each(Object.entries(places))("the longest legal request in %s", (_place, writtenIn) => {
  it.each(chars)("accepts the longest legal request in %s", async (char) => {
    for (const [operation, parameters] of Object.entries(await longest(char))) {
      const { status, text } = await send(server.url, writtenIn(server.url, operation, parameters))
      expect(`${operation} ${status} ${status === 200 ? "" : text}`).toBe(`${operation} 200 `)
    }
  })

  it.each(chars)("a request with one %s too many in a parameter is refused by name", async (char) => {
    const legal = await longest(char)
    const refused = async (operation: string, name: string, parameters: Request): Promise<void> => {
      const { status, text } = await send(server.url, writtenIn(server.url, operation, parameters))
      const told = JSON.parse(text)
      expect([operation, status, told["Code"], told["Hint"]]).toEqual([
        operation,
        400,
        "InvalidParameter",
        expect.stringContaining(`${name} has 8193 characters`)
      ])
    }
    for (const [operation, parameters] of Object.entries(legal)) {
      for (const [name, value] of Object.entries(parameters)) {
        if (name.endsWith("Description")) await refused(operation, name, { ...parameters, [name]: value + char })
        if (name.endsWith("Context")) await refused(operation, name, { ...parameters, [name]: contextOf(char, char) })
      }
    }
  })

  it("a request whose data is one byte too long is refused by name", async () => {
    const parameters = { KeyId: world.keyId, Plaintext: data(6145), EncryptionContext: contextOf("😀") }
    const { status, text } = await send(server.url, writtenIn(server.url, "Encrypt", parameters))
    expect([status, JSON.parse(text)["Code"]]).toEqual([400, "InvalidParameter"])
  })
})

describe("an encryption context of the most entries", () => {
  it("an encryption context of the most entries is accepted in parts, also twice in ReEncrypt", async () => {
    const names = Array.from({ length: 1170 }, (_, at) => String.fromCodePoint(0x4e00 + at))
    const json = JSON.stringify(Object.fromEntries(names.map((name) => [name, ""])))
    expect([...json].length).toBeLessThanOrEqual(8192)
    const parts = (prefix: string): Request => Object.fromEntries(names.map((name) => [`${prefix}.${name}`, ""]))
    const KeyId = world.keyId
    const sealed = await ask("Encrypt", { KeyId, Plaintext: "QQ==", ...parts("EncryptionContext") })
    const CiphertextBlob = textAt(sealed.body, "CiphertextBlob")
    expect((await ask("Decrypt", { CiphertextBlob, EncryptionContext: json })).code).toBe("Success")
    const contexts = { ...parts("SourceEncryptionContext"), ...parts("DestinationEncryptionContext") }
    const again = await ask("ReEncrypt", { CiphertextBlob, DestinationKeyId: KeyId, ...contexts })
    expect(again.code).toBe("Success")
  })
})

describe("the limits of a request", () => {
  it("the limits of a request follow from the parameters of the operation", () => {
    for (const [operation, { parameters }] of Object.entries(vendorOperations)) {
      expect(`${operation} ${longestRequestBytes(parameters) * 2 <= requestBytesMax}`).toBe(`${operation} true`)
    }
    expect(longestRequestBytes(vendorOperations.ReEncrypt.parameters)).toBeGreaterThan(3 * 16_384 + 2 * 8192 * 12)
  })

  it("the limits of a request are tested with every operation of the vendor's API", () => {
    expect(Object.keys(requestsIn(world)).toSorted()).toEqual(Object.keys(vendorOperations).toSorted())
  })
})
