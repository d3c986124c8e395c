/** The vendor's own clients, unmodified, over a socket. */
import { createServer } from "node:http"
import type { IncomingMessage } from "node:http"
import { randomUUID } from "node:crypto"
import kms from "@alicloud/kms20160120"
import openapi from "@alicloud/openapi-client"
import PopCore from "@alicloud/pop-core"
import rpc from "@alicloud/rpc-client"
import teaUtil from "@alicloud/tea-util"
import { Redacted, Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { authenticate } from "../../src/wire/authenticate.ts"
import { signV1 } from "../../src/wire/client.ts"
import { refusalReply, successReply } from "../../src/wire/envelope.ts"
import type { WireReply } from "../../src/wire/envelope.ts"
import { makeReplayGuard } from "../../src/wire/replayGuard.ts"
import { parseRequest } from "../../src/wire/rpcRequest.ts"
import { accessKeyId, secret } from "./fixtures.ts"
import { patience, sdkTimeouts } from "../patience.ts"

const nonces = makeReplayGuard({ drained: false })

/** The parameters of the last request that was accepted. */
let lastAsked: Readonly<Record<string, string>> = {}

/** Answers an accepted request with its plaintext for a blob. */
const answer = (message: IncomingMessage, body: Uint8Array): WireReply => {
  const { method = "", url = "", headers } = message
  const requestId = randomUUID()
  const parsed = parseRequest({ method, url, headers, body })
  const done = Result.flatMap(parsed, (request) =>
    authenticate(request, {
      nowMillis: Date.now(),
      nonces,
      credential: (id, token) =>
        id === accessKeyId || (id === "STS.temporary" && token === "to+ken/=")
          ? Result.succeed({ accessKeyId: id, secret: Redacted.make(secret), active: true })
          : Result.fail(
              id === "STS.temporary" ? "InvalidSecurityToken.MismatchWithAccessKey" : "InvalidAccessKeyId.NotFound"
            )
    })
  )
  return Result.match(done, {
    onFailure: (error) => {
      const format = Result.getOrUndefined(parsed)?.format
      return refusalReply({ error, requestId, host: headers.host, format })
    },
    onSuccess: ({ action, parameters, format }) => {
      lastAsked = Object.fromEntries(parameters)
      return successReply(
        {
          KeyId: parameters.get("KeyId"),
          CiphertextBlob: parameters.get("Plaintext"),
          Action: action,
          RequestId: requestId
        },
        format
      )
    }
  })
}

const server = createServer((message, response) => {
  const chunks: Array<Buffer> = []
  message.on("data", (chunk: Buffer) => chunks.push(chunk))
  message.on("end", () => {
    const { status, contentType, body } = answer(message, Buffer.concat(chunks))
    response.writeHead(status, { "content-type": contentType }).end(body)
  })
})

let host = ""
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the server has no port")
  host = `127.0.0.1:${address.port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const plaintext = "a+b/c== ~*!'()%\u4e2d\u{1f511}&=?#"
const key = "7906979c-8e06-46a2-be2d-68e3ccbc****"

/** The client's result as plain data. */
const plain = (given: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(given))

const refusal = (promise: Promise<unknown>): Promise<Record<string, unknown>> =>
  promise.then(
    () => ({ code: "ok" }),
    (error: unknown) => (error instanceof Error ? { ...error, message: error.message } : {})
  )

describe("@alicloud/kms20160120", () => {
  const client = (accessKeySecret = secret, token = "") =>
    new kms.default(
      new rpc.Config({
        accessKeyId: token === "" ? accessKeyId : "STS.temporary",
        accessKeySecret,
        ...(token === "" ? {} : { securityToken: token }),
        endpoint: host,
        protocol: "http",
        regionId: "cn-hangzhou",
        ...sdkTimeouts
      })
    )

  it("@alicloud/kms20160120 sends a POST with everything in the query", async () => {
    const request = new kms.EncryptRequest({ keyId: key, plaintext })
    const reply = await client().encrypt(request)
    expect(plain(reply)).toMatchObject({ keyId: key, ciphertextBlob: plaintext })
  })

  it("@alicloud/kms20160120 sends an encryption context as flattened parameters", async () => {
    const request = new kms.EncryptRequest({ keyId: key, plaintext, encryptionContext: { "a b": "1", "c*~": "2" } })
    await client().encrypt(request)
    expect(lastAsked).toMatchObject({ "EncryptionContext.a b": "1", "EncryptionContext.c*~": "2" })
  })

  it("@alicloud/kms20160120 works with temporary credentials", async () => {
    const request = new kms.DescribeKeyRequest({ keyId: key })
    expect(plain(await client(secret, "to+ken/=").describeKey(request))).toHaveProperty("requestId")
    expect(await refusal(client(secret, "stolen").describeKey(request))).toMatchObject({
      code: "InvalidSecurityToken.MismatchWithAccessKeyError"
    })
  })

  it("@alicloud/kms20160120 gets a refusal for a wrong secret", async () => {
    const request = new kms.EncryptRequest({ keyId: key, plaintext })
    expect(await refusal(client("wrong").encrypt(request))).toMatchObject({
      code: "SignatureDoesNotMatchError",
      data: { HttpStatus: 400, HostId: host }
    })
  })
})

describe("@alicloud/pop-core", () => {
  const client = (accessKeySecret = secret) =>
    new PopCore({
      accessKeyId,
      accessKeySecret,
      endpoint: `http://${host}`,
      apiVersion: "2016-01-20",
      opts: { timeout: patience }
    })

  it.for(["GET", "POST"])("@alicloud/pop-core gets an answer by %s", async (method) => {
    const reply = plain(await client().request("Encrypt", { KeyId: key, Plaintext: plaintext }, { method }))
    expect(reply).toMatchObject({ KeyId: key, CiphertextBlob: plaintext, Action: "Encrypt" })
  })

  it("@alicloud/pop-core gets a refusal for a wrong secret", async () => {
    expect(await refusal(client("wrong").request("Encrypt", { KeyId: key }))).toMatchObject({
      code: "SignatureDoesNotMatch",
      data: { HttpStatus: 400 }
    })
  })
})

describe("@alicloud/openapi-client", () => {
  const client = (options: { readonly signatureAlgorithm?: string; readonly accessKeySecret?: string } = {}) =>
    new openapi.default(
      new openapi.Config({
        accessKeyId,
        accessKeySecret: secret,
        endpoint: host,
        protocol: "http",
        ...sdkTimeouts,
        ...options
      })
    )

  const call = async (
    by: ReturnType<typeof client>,
    request: { readonly query?: Record<string, string>; readonly body?: Record<string, unknown> },
    reqBodyType: string,
    method = "POST"
  ): Promise<Record<string, unknown>> => {
    const params = new openapi.Params({
      action: "Encrypt",
      version: "2016-01-20",
      protocol: "HTTP",
      pathname: "/",
      method,
      authType: "AK",
      style: "RPC",
      reqBodyType,
      bodyType: "json"
    })
    const reply = plain(await by.callApi(params, new openapi.OpenApiRequest(request), new teaUtil.RuntimeOptions({})))
    const { body } = reply
    return plain(body)
  }

  const parameters = { KeyId: key, Plaintext: plaintext }
  const expected = { KeyId: key, CiphertextBlob: plaintext, Action: "Encrypt" }

  it.for([
    ["V3, the query of a POST", undefined, { query: parameters }, "formData", "POST"],
    ["V3, the query of a GET", undefined, { query: parameters }, "json", "GET"],
    ["V3, a form", undefined, { body: parameters }, "formData", "POST"],
    ["V3, query and form", undefined, { query: { KeyId: key }, body: { Plaintext: plaintext } }, "formData", "POST"],
    ["V3, a JSON body", undefined, { query: { KeyId: key }, body: { Plaintext: plaintext } }, "json", "POST"],
    ["V3, an empty JSON body", undefined, { query: parameters, body: {} }, "json", "POST"],
    ["version 1.0, the query of a POST", "v2", { query: parameters }, "formData", "POST"],
    ["version 1.0, the query of a GET", "v2", { query: parameters }, "json", "GET"],
    ["version 1.0, query and form", "v2", { query: { KeyId: key }, body: { Plaintext: plaintext } }, "json", "POST"]
  ] as const)(
    "@alicloud/openapi-client gets an answer with %s",
    async ([, signatureAlgorithm, request, reqBodyType, method]) => {
      const by = client(signatureAlgorithm === undefined ? {} : { signatureAlgorithm })
      expect(await call(by, request, reqBodyType, method)).toMatchObject(expected)
    }
  )

  it("@alicloud/openapi-client may nest an encryption context in a JSON body", async () => {
    const body = { KeyId: key, Plaintext: "p", EncryptionContext: { a: "1", b: 'x"}' } }
    await call(client(), { body }, "json")
    expect(JSON.parse(lastAsked["EncryptionContext"] ?? "")).toEqual({ a: "1", b: 'x"}' })
  })

  it.for([[{}], [{ signatureAlgorithm: "v2" }]] as const)(
    "@alicloud/openapi-client gets a refusal for a wrong secret, in JSON and in XML",
    async ([scheme]) => {
      const wrong = client({ ...scheme, accessKeySecret: "wrong" })
      expect(await refusal(call(wrong, { query: parameters }, "json"))).toMatchObject({ code: "SignatureDoesNotMatch" })
      const inXml = { ...parameters, Format: "XML" }
      // With version 1.0 it reads no XML, so it must get the requested format.
      const code = "signatureAlgorithm" in scheme ? undefined : "SignatureDoesNotMatch"
      expect((await refusal(call(wrong, { query: inXml }, "json")))["code"]).toBe(code)
    }
  )
})

describe("Keystate's own client", () => {
  it.for(["GET", "POST"] as const)("Keystate's own client gets an answer by %s", async (method) => {
    const text = signV1({
      method,
      parameters: { Action: "Encrypt", Version: "2016-01-20", KeyId: key, Plaintext: plaintext },
      accessKeyId,
      secret,
      signatureMethod: "HMAC-SHA256",
      nonce: randomUUID(),
      timestamp: formatInstant(Date.now())
    })
    const response =
      method === "GET"
        ? await fetch(`http://${host}/?${text}`)
        : await fetch(`http://${host}/`, {
            method: "POST",
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body: text
          })
    expect(await response.json()).toMatchObject({ KeyId: key, CiphertextBlob: plaintext })
  })
})
