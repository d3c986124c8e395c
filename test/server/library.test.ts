/** A server in the process of a program: `startServer`, `createFetch`, and their layers. */
import { execFile } from "node:child_process"
import { request as httpsRequest } from "node:https"
import { promisify } from "node:util"
import Kms from "@alicloud/kms20160120"
import { Config } from "@alicloud/rpc-client"
import { Effect, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { Kms as KmsService } from "../../src/index.ts"
import { KmsFetch, KmsServer, createFetch, startServer } from "../../src/server/index.ts"
import type { FetchConnection, FetchHandler, RunningServer } from "../../src/server/index.ts"
import { authorityCertificate, newPrivateKey, serverCertificate } from "../../src/server/tls/issue.ts"
import { signV3 } from "../../src/wire/client.ts"
import { requestBytesMax } from "../../src/wire/requestLimits.ts"
import { compileCache } from "../compileCache.ts"
import { codeOf } from "../guide/answers.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { sdkTimeouts } from "../patience.ts"
import { form, post } from "./signed.ts"

const accessKey = { accessKeyId, secret }
const Plaintext = Buffer.from("hello").toString("base64")

const sdkOf = (server: Pick<RunningServer, "url" | "accessKeyId" | "accessKeySecret">) =>
  new Kms.default(
    new Config({
      accessKeyId: server.accessKeyId,
      accessKeySecret: server.accessKeySecret,
      endpoint: new URL(server.url).host,
      protocol: "http",
      type: "access_key",
      ...sdkTimeouts
    })
  )

/** As a program without types calls it. */
const untyped = (options: object) => JSON.parse(JSON.stringify(options))

describe("startServer", () => {
  it("startServer answers the vendor's client on a free port, and shares its keys and its clock with `kms`", async () => {
    await using server = await startServer({ clock: "virtual" })
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    const sdk = sdkOf(server)
    const { keyMetadata } = await sdk.createKey(new Kms.CreateKeyRequest({}))
    const { keyId } = keyMetadata
    const { CiphertextBlob } = await server.kms.encrypt({ KeyId: keyId, Plaintext })
    const opened = await sdk.decrypt(new Kms.DecryptRequest({ ciphertextBlob: CiphertextBlob }))
    expect(opened.plaintext).toBe(Plaintext)
    await server.kms.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 })
    await server.kms.clock.advance("8 days")
    expect(await codeOf(sdk.describeKey(new Kms.DescribeKeyRequest({ keyId })))).toBe("Forbidden.KeyNotFound")
  })

  it("a server of startServer runs beside another one, each with its own keys and access key", async () => {
    await using one = await startServer()
    await using other = await startServer()
    expect(one.port).not.toBe(other.port)
    expect(one.accessKeySecret).not.toBe(other.accessKeySecret)
    expect(await codeOf(sdkOf({ ...one, url: other.url }).listKeys(new Kms.ListKeysRequest({})))).toBe(
      "InvalidAccessKeyId.NotFound"
    )
  })

  it("startServer takes the access key and the account of the root, and the name of the region", async () => {
    await using server = await startServer({ accessKey, account: "42", region: "cn-beijing" })
    expect([server.accessKeyId, server.accessKeySecret]).toEqual([accessKeyId, secret])
    const { body } = await post(server.url, form("CreateKey"))
    expect(JSON.stringify(body)).toContain("acs:kms:cn-beijing:42:key/")
    const hidden = await startServer({ accessKey: { accessKeyId, secret: Redacted.make(secret) } })
    expect(hidden.accessKeySecret).toBe(secret)
    await hidden.close()
  })

  it("a server of startServer closes its port, and closing twice does no harm", async () => {
    const server = await startServer()
    await server.close()
    await server.close()
    await expect(fetch(server.url)).rejects.toThrow("fetch failed")
  })

  it("startServer opens a port for monitoring, whose paths the other port no longer has", async () => {
    await using server = await startServer({ monitoringPort: 0 })
    expect((await fetch(`${server.monitoringUrl}/livez`)).status).toBe(200)
    expect((await fetch(`${server.url}/livez`)).status).not.toBe(200)
  })

  it.each([
    [{ prot: 1 }, '"prot" is not an option. Did you mean "port"?'],
    [{ clok: "virtual" }, '"clok" is not an option. Did you mean "clock"?'],
    [{ port: -1 }, "The option port takes 0 to 65535, not -1."],
    [{ port: "80" }, "The option port takes 0 to 65535, not 80."],
    [{ monitoringPort: -1 }, "The option monitoringPort takes 0 to 65535, not -1."],
    [{ connectionsPerAddress: 0 }, "The option connectionsPerAddress takes 1 to 4096, not 0."],
    [
      { trustedProxies: ["proxy"] },
      'The option trustedProxies takes an address or a block such as 10.0.0.0/8, not "proxy".'
    ],
    [{ tls: "letsencrypt" }, 'The option tls must be "self-signed", or a certificate and its key.'],
    [{ accessKey: { accessKeyId: "a" } }, "The option accessKey must be an accessKeyId and its secret."]
  ])("startServer refuses the options %j", async (options, message) => {
    await expect(startServer(untyped(options))).rejects.toThrow(new TypeError(message))
  })

  it("startServer rejects if the port is in use, and keeps nothing open that would keep the process alive", async () => {
    await using server = await startServer()
    const library = new URL("../../src/server/index.ts", import.meta.url)
    const program = `
      import { startServer } from ${JSON.stringify(library.href)}
      await startServer({ port: ${server.port} }).catch((error) => process.stdout.write(error._tag + ": " + error.message))`
    const { stderr, stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
      env: compileCache
    })
    expect([stdout, stderr]).toEqual([
      `CannotListen: Port ${server.port} of 127.0.0.1 is in use. Choose another port, or port 0 for any free one.`,
      ""
    ])
  })
})

/** The status of a request over TLS that trusts only this authority. */
const statusOverTls = (url: string, ca: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    httpsRequest(`${url}/livez`, { ca }, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end()
  })

describe("startServer with TLS", () => {
  it("startServer makes a certificate in memory that clients of its authority trust", async () => {
    await using server = await startServer({ tls: "self-signed" })
    expect(server.url).toMatch(/^https:/)
    expect(await statusOverTls(server.url, server.authority ?? "")).toBe(200)
    await using other = await startServer({ tls: "self-signed" })
    await expect(statusOverTls(server.url, other.authority ?? "")).rejects.toThrow(/certificate/)
  })

  it("startServer takes a certificate and its key, and refuses a key of another one", async () => {
    const circumstances = { serial: new Uint8Array(16).fill(1), nowMillis: Date.now() }
    const authorityKey = newPrivateKey()
    const certificate = authorityCertificate(authorityKey, "test", circumstances)
    const key = newPrivateKey()
    const signedBy = { certificate, key: authorityKey }
    const own = serverCertificate(signedBy, key, ["127.0.0.1"], circumstances)
    await using server = await startServer({ tls: { certificate: own, key } })
    expect([await statusOverTls(server.url, certificate), server.authority]).toEqual([200, undefined])
    await expect(startServer({ tls: { certificate: own, key: newPrivateKey() } })).rejects.toThrow(
      "The private key tls.key does not belong to the certificate tls.certificate."
    )
  })
})

const endpoint = "http://kms.test/"

const posted = (body: string, url = endpoint): Request =>
  new Request(url, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body })

const codeIn = async (answer: Promise<Response>): Promise<readonly [number, unknown]> => {
  const response = await answer
  const read: unknown = await response.json()
  return [response.status, Reflect.get(Object(read), "Code")]
}

/** Engines with the same seed draw the same ids only if they draw equally many. */
const withoutIds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "id"))

describe("createFetch", () => {
  it("createFetch answers a request in signature version 1.0 and in V3 without a socket", async () => {
    await using service = await createFetch({ accessKey })
    const response = await service.fetch(posted(form("CreateKey")))
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json;charset=utf-8"])
    const text = await response.text()
    expect(response.headers.get("content-length")).toBe(`${text.length}`)
    expect(JSON.parse(text).RequestId).toBe(response.headers.get("x-acs-request-id"))
    const { KeyId } = JSON.parse(text).KeyMetadata
    const { headers, query } = signV3({
      action: "Encrypt",
      version: "2016-01-20",
      parameters: { KeyId, Plaintext, EncryptionContext: '{"a":"ü \' + b"}' },
      accessKeyId,
      secret,
      nonce: "n1",
      timestamp: formatInstant(Date.now()),
      host: "kms.test"
    })
    const sealed = await service.fetch(new Request(`${endpoint}?${query}`, { method: "POST", headers }))
    const { CiphertextBlob } = JSON.parse(await sealed.text())
    const opened = await service.kms.decrypt({ CiphertextBlob, EncryptionContext: { a: "ü ' + b" } })
    expect(opened.Plaintext).toBe(Plaintext)
  })

  it("createFetch gives the answers of a socket: the same statuses, headers and bodies", async () => {
    const options = { accessKey, clock: "virtual" } as const
    await using service = await createFetch(options)
    await using server = await startServer(options)
    const bodies = [
      form("CreateKey"),
      form("DescribeKey", { KeyId: "alias/none" }),
      form("CreateKey", {}, { secret: "wrong" }),
      form("NoSuchAction"),
      form("ListKeys", { Format: "XML" }),
      "not a form %"
    ]
    const told = async (response: Response) => {
      const {
        date: _date,
        connection: _connection,
        "keep-alive": _keep,
        ...headers
      } = Object.fromEntries(response.headers)
      return [response.status, headers, await response.text()].map(withoutIds)
    }
    const host = new URL(server.url).host
    for (const body of bodies) {
      const here = await told(await service.fetch(posted(body, `http://${host}/`)))
      expect(here).toEqual(await told(await fetch(posted(body, server.url))))
    }
  })

  it("createFetch refuses what the server refuses: other methods and paths, a replay, an invalid host, a body that is too long", async () => {
    await using service = await createFetch({ accessKey })
    const call = (request: Request) => codeIn(service.fetch(request))
    expect(await call(new Request(endpoint, { method: "DELETE" }))).toEqual([403, "UnsupportedHTTPMethod"])
    expect(await call(posted(form("ListKeys"), `${endpoint}livez`))).toEqual([404, "InvalidAction.NotFound"])
    const once = form("ListKeys")
    expect((await service.fetch(posted(once))).status).toBe(200)
    expect(await call(posted(once))).toEqual([400, "SignatureNonceUsed"])
    const headers = { host: "a b" }
    expect(await call(new Request(endpoint, { headers }))).toEqual([400, "ParseRequestParameterException"])
    expect(await call(posted("a=".padEnd(requestBytesMax + 1, "x")))).toEqual([413, "RequestTooLarge"])
  })

  it("createFetch takes the client's address and encryption only from its caller", async () => {
    await using service = await createFetch({ accessKey })
    const { kms } = service
    const { KeyId } = (await kms.createKey()).KeyMetadata
    await kms.ram.createUser({ UserName: "alice" })
    const made = await kms.ram.createAccessKey({ UserName: "alice" })
    const spoilt = { accessKeyId: made.AccessKey.AccessKeyId, secret: made.AccessKey.AccessKeySecret }
    const condition = { Bool: { "acs:SecureTransport": "true" }, IpAddress: { "acs:SourceIp": "192.0.2.0/24" } }
    const statement = { Effect: "Allow", Action: "kms:DescribeKey", Resource: "*", Condition: condition }
    const PolicyDocument = JSON.stringify({ Version: "1", Statement: [statement] })
    await kms.ram.createPolicy({ PolicyName: "near", PolicyDocument })
    await kms.ram.attachPolicyToUser({ UserName: "alice", PolicyName: "near", PolicyType: "Custom" })
    const described = async (url: string, connection?: FetchConnection) => {
      const request = posted(form("DescribeKey", { KeyId }, spoilt), url)
      request.headers.set("x-forwarded-for", "192.0.2.1")
      request.headers.set("x-forwarded-proto", "https")
      return (await service.fetch(request, connection)).status
    }
    expect(await described("https://kms.test/")).toBe(403)
    expect(await described(endpoint, { remoteAddress: "192.0.2.1" })).toBe(403)
    expect(await described(endpoint, { remoteAddress: "198.51.100.1", isEncrypted: true })).toBe(403)
    expect(await described(endpoint, { remoteAddress: "192.0.2.1", isEncrypted: true })).toBe(200)
  })
})

describe("the layers of Effect", () => {
  it("the layers of keystate/server give a server, a handler and the service, and stop them with their scope", async () => {
    const url = await Effect.runPromise(
      Effect.gen(function* () {
        const server = yield* KmsServer
        yield* (yield* KmsService).createKey()
        const { status } = yield* Effect.promise(() => fetch(`${server.url}/livez`))
        expect([status, Redacted.value(server.accessKeySecret).length > 0]).toEqual([200, true])
        return server.url
      }).pipe(Effect.provide(KmsServer.layer()))
    )
    await expect(fetch(url)).rejects.toThrow("fetch failed")
    const answer = Effect.flatMap(KmsFetch, ({ fetch: handler }: { fetch: FetchHandler }) =>
      Effect.promise(() => handler(posted(form("ListKeys"))))
    )
    const layer = KmsFetch.layer({ accessKey })
    expect((await Effect.runPromise(Effect.provide(answer, layer))).status).toBe(200)
  })
})
